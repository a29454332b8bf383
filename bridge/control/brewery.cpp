#include "bridge/control/brewery.hpp"

#include "base/task_group.hpp"
#include "bridge/control/statistics.hpp"
#include "xmpp/client.hpp"
#include "xmpp/jitsi_control.hpp"
#include "xmpp/namespaces.hpp"

namespace jmeet::bridge {
namespace {

using xmpp::Element;

xmpp::ClientConfig make_client_config(const BreweryConfig& config, const BridgeConfig& bridge) {
    xmpp::ClientConfig out;
    auto& c = out.connection;
    c.name = "brewery";
    c.jid = xmpp::Jid(config.username, config.domain);
    c.password = config.password;
    c.host = config.host;
    c.port = config.port;
    c.verify_certificate = config.verify_certificate;
    c.user_option = "JVB_AUTH_USER";
    c.password_option = "JVB_AUTH_PASSWORD";
    c.domain_option = "XMPP_AUTH_DOMAIN";
    c.host_option = "XMPP_SERVER";
    c.verify_option = "XMPP_VERIFY_CERTIFICATE";
    out.caps_node = "http://jitsi.org/jitsi-videobridge";
    out.own.identities = {{"component", "conference", "", "JVB"}};
    out.own.features = {xmpp::ns::kColibri2, xmpp::ns::kHealth, xmpp::ns::kVersion};
    out.software_name = "JVB";
    out.software_version = bridge.version;
    return out;
}

xmpp::StanzaError to_stanza_error(const xmpp::colibri2::Refusal& refusal) {
    return xmpp::parse_stanza_error(
        Element("iq", xmpp::ns::kClient).with(xmpp::colibri2::write_error(refusal)));
}

}  // namespace

class Brewery::Impl final : public xmpp::MucEvents {
 public:
    Impl(asio::io_context& control, Bridge& bridge, BreweryConfig config)
        : config_(std::move(config)),
          bridge_(bridge),
          log_(log::Program::bridge, "MucClient", "xmpp=" + config_.domain),
          client_(control, make_client_config(config_, bridge.config()), log_),
          tasks_(control.get_executor()) {
        for (const auto& muc : config_.mucs) {
            auto jid = xmpp::Jid::parse(muc);
            if (!jid) throw std::runtime_error("'" + muc + "' is not a room: " + jid.error().what);
            rooms_.push_back(
                std::make_unique<xmpp::MucRoom>(client_.rooms(), *jid, config_.nickname, *this));
        }
        for (const auto type : {xmpp::IqType::get, xmpp::IqType::set}) add_handlers(type);
    }

    void start() {
        log_.info("Connecting to {}:{} as {}@{}, MUCs {}, nickname {}", config_.host, config_.port,
                  config_.username, config_.domain, fmt::join(config_.mucs, ", "), config_.nickname);
        publish();
        client_.start();
        for (const auto& room : rooms_) tasks_.spawn("join", join(*room));
        tasks_.spawn("presence", keep_publishing());
    }

    awaitable<void> stop() {
        co_await tasks_.stop();
        for (const auto& room : rooms_) {
            if (room->joined()) room->leave();
            co_await room->stop();
        }
        co_await client_.stop();
    }

    void publish() {
        const auto stats =
            xmpp::write_bridge_stats(to_presence(make_statistics(bridge_, clients())));
        const auto heartbeat = xmpp::write_bridge_heartbeat(bridge_.heartbeat());
        for (const auto& room : rooms_) {
            room->set_extension(stats);
            room->set_extension(heartbeat);
            if (room->joined()) room->publish();
        }
    }

    bool joined() const {
        return std::all_of(rooms_.begin(), rooms_.end(), [](auto& r) { return r->joined(); });
    }
    Result<void> health() const {
        if (joined()) return {};
        const std::string& why = client_.stream().last_error();
        return fail(why.empty() ? "not in the brewery yet" : why);
    }
    MucClients clients() const {
        return {1, client_.connected() ? std::size_t{1} : 0, joined() ? std::size_t{1} : 0};
    }

    // MucEvents
    void on_room_rejoined() override { log_joined(); }
    void on_room_left(xmpp::MucRoomEnd, const std::string& reason) override {
        log_.warning("Left the brewery: {}. Media goes on; joining again", reason);
    }

 private:
    void add_handlers(xmpp::IqType type) {
        auto& iq = client_.iq();
        iq.handle(type, "conference-modify", xmpp::ns::kColibri2,
                  [this](Element e) { return on_modify(std::move(e)); });
        iq.handle_sync(type, "healthcheck", xmpp::ns::kHealth,
                       [this](const Element& e) { return on_health(e); });
        for (const char* name : {"graceful-shutdown", "force-shutdown"}) {
            iq.handle_sync(type, name, xmpp::ns::kColibri,
                           [this](const Element& e) { return on_shutdown(e); });
        }
    }

    // Only occupants of a room that we joined may speak to this bridge.
    bool may_speak(const Element& iq) const {
        const auto from = xmpp::Jid::parse(iq.get("from"));
        return from && std::any_of(rooms_.begin(), rooms_.end(), [&](const auto& room) {
                   return room->jid() == from->bare();
               });
    }

    awaitable<Element> on_modify(Element iq) {
        if (!may_speak(iq)) co_return xmpp::make_error(iq, xmpp::stanza_error("forbidden"));
        auto request = xmpp::colibri2::parse_conference_modify(
            *iq.child("conference-modify", xmpp::ns::kColibri2));
        if (!request) {
            co_return xmpp::make_error(iq,
                                       xmpp::stanza_error("bad-request", request.error().what));
        }
        const auto answer = co_await bridge_.modify(std::move(*request));
        if (!answer) co_return xmpp::make_error(iq, to_stanza_error(answer.error()));
        co_return xmpp::make_result(iq, xmpp::colibri2::write(*answer));
    }

    Element on_health(const Element& iq) const {
        if (!may_speak(iq)) return xmpp::make_error(iq, xmpp::stanza_error("forbidden"));
        const auto health = bridge_.health();
        if (health) return xmpp::make_result(iq);
        return xmpp::make_error(iq,
                                xmpp::stanza_error("internal-server-error", health.error().what));
    }

    Element on_shutdown(const Element& iq) {
        if (!may_speak(iq)) return xmpp::make_error(iq, xmpp::stanza_error("forbidden"));
        for (const auto& child : iq.children()) {
            const auto kind = xmpp::parse_shutdown(child);
            if (!kind) continue;
            log_.info("Shutdown requested by {}", iq.get("from"));
            bridge_.start_shutdown(*kind == xmpp::ShutdownKind::graceful ? ShutdownKind::graceful
                                                                         : ShutdownKind::force);
            return xmpp::make_result(iq);
        }
        return xmpp::make_error(iq, xmpp::stanza_error("bad-request"));
    }

    awaitable<void> join(xmpp::MucRoom& room) {
        xmpp::MucJoinOptions options;
        options.rejoin = xmpp::MucRejoin::automatic;
        const auto entered = co_await room.join(options);
        // A failure is said by the room; it goes on trying and reports on_room_rejoined.
        if (entered) log_joined();
    }

    void log_joined() {
        for (const auto& room : rooms_) {
            if (room->joined()) log_.info("Joined MUC: {}", room->jid().to_string());
        }
    }

    awaitable<void> keep_publishing() {
        while (!tasks_.stopping()) {
            co_await sleep_for(config_.presence_interval);
            if (!tasks_.stopping()) publish();
        }
    }

    const BreweryConfig config_;
    Bridge& bridge_;
    log::Logger log_;
    xmpp::Client client_;
    std::vector<std::unique_ptr<xmpp::MucRoom>> rooms_;
    TaskGroup tasks_;
};

Brewery::Brewery(asio::io_context& control, Bridge& bridge, BreweryConfig config)
    : impl_(std::make_unique<Impl>(control, bridge, std::move(config))) {}
Brewery::~Brewery() = default;

void Brewery::start() { impl_->start(); }
awaitable<void> Brewery::stop() { return impl_->stop(); }
void Brewery::publish() { impl_->publish(); }
bool Brewery::joined() const { return impl_->joined(); }
Result<void> Brewery::health() const { return impl_->health(); }
MucClients Brewery::clients() const { return impl_->clients(); }

}  // namespace jmeet::bridge
