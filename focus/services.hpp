// The focus as a whole: makes its parts in order, hands out references, takes them down in the
// reverse order.
//
// Owned by main; control thread. Clients reach it in one of two ways: through Jitsi's
// mod_client_proxy, or as a component of the server (XEP-0114) beside the account, when a
// component secret is configured. Rooms and bridges are always the account's.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/asio.hpp"
#include "focus/health.hpp"
#include "focus/load_redistributor.hpp"
#include "focus/rooms.hpp"
#include "focus/succession.hpp"

namespace jmeet::focus {

class Services {
 public:
    // `local`: the embedded SFU, known by its nick in the brewery. Throws std::runtime_error with
    // one sentence where the configuration makes no sense.
    Services(asio::io_context& control, FocusConfig config, std::optional<BridgeList::Local> local);
    // On other streams than connections of its own: scripted conversations. `component`: where
    // the configuration has a secret for one.
    Services(std::unique_ptr<xmpp::StanzaStream> stream, FocusConfig config,
             std::optional<BridgeList::Local> local,
             std::unique_ptr<xmpp::StanzaStream> component = nullptr);
    ~Services();
    Services(const Services&) = delete;
    Services& operator=(const Services&) = delete;

    // Connects, joins the brewery, serves requests; returns at once and goes on for ever.
    void start();
    // Leaves every room, then the server. With a state folder running conferences are not left:
    // the connection is cut, and a successor has the server's hibernation time to take them over.
    awaitable<void> stop();

    const FocusConfig& config() const { return config_; }
    Rooms& rooms() const { return *rooms_; }
    BridgeList& bridges() const { return *bridges_; }
    LoadRedistributor& mover() const { return *mover_; }
    const FocusCounters& counters() const { return counters_; }
    const Components& components() const { return components_; }
    xmpp::Client& client() { return *client_; }
    bool connected() const { return client_->connected(); }
    // Whether the focus can serve a meeting, and what keeps it from that.
    HealthResult health() const;
    std::uint64_t slow_health_checks() const { return health_check_->slow(); }

 private:
    void make_parts(std::optional<BridgeList::Local> local);
    void serve_component(std::unique_ptr<xmpp::Client> component);
    void on_state(const xmpp::ConnectionEvent& event);
    awaitable<void> discover_components();
    awaitable<void> evict(std::string resource);

    const FocusConfig config_;
    FocusCounters counters_;
    Components components_;
    std::unique_ptr<Succession> succession_;
    const xmpp::ClientConfig client_config_;
    bool scripted_ = false;
    log::Logger log_;
    std::string known_as_ = "null";  // the JID that the server gave us last
    std::optional<AuthSessions> auth_;
    std::unique_ptr<xmpp::Client> client_;
    std::unique_ptr<xmpp::Client> component_;
    std::unique_ptr<BridgeList> bridges_;
    std::unique_ptr<Rooms> rooms_;
    std::unique_ptr<LoadRedistributor> mover_;
    std::unique_ptr<HealthCheck> health_check_;
    xmpp::Subscription states_;
    std::unique_ptr<TaskGroup> tasks_;
};

// What the account says of itself to others.
xmpp::ClientConfig make_client_config(const FocusConfig& config);

}  // namespace jmeet::focus
