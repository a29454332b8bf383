#include "xmpp/client.hpp"

#include <sys/utsname.h>

#include "xmpp/namespaces.hpp"

namespace jmeet::xmpp {
namespace {

ClientConfig with_features(ClientConfig config) {
    if (!config.software_name.empty()) config.own.features.insert(ns::kVersion);
    return config;
}

std::string operating_system() {
    utsname name{};
    return ::uname(&name) == 0 ? name.sysname : "";
}

}  // namespace

Client::Client(asio::io_context& io, ClientConfig config, const log::Logger& logger)
    : Client(std::make_unique<Connection>(io, config.connection, logger), config) {}

Client::Client(std::unique_ptr<StanzaStream> stream, ClientConfig config)
    : config_(with_features(std::move(config))),
      stream_(std::move(stream)),
      iq_(*stream_),
      disco_(iq_, config_.own, config_.caps_node),
      caps_(iq_),
      rooms_(*stream_, iq_, disco_),
      pinger_(iq_),
      states_(stream_->on_state().add([this](const ConnectionEvent& e) { on_state(e); })),
      stanzas_(stream_->on_stanza().add([this](const Element& s) { on_stanza(s); })) {
    if (!config_.software_name.empty()) answer_version();
}

awaitable<void> Client::stop() {
    co_await pinger_.stop();
    co_await iq_.stop();
    co_await stream_->stop();
}

void Client::answer_version() {
    iq_.handle_sync(IqType::get, "query", ns::kVersion, [this](const Element& request) {
        Element query("query", ns::kVersion);
        query.add("name").set_text(config_.software_name);
        query.add("version").set_text(config_.software_version);
        query.add("os").set_text(operating_system());
        return make_result(request, std::move(query));
    });
}

void Client::on_state(const ConnectionEvent& event) {
    // A component has no presence of its own, and nobody to show it to.
    if (event.state != ConnectionState::connected || event.resumed || jid().node().empty()) return;
    if (!config_.send_presence) return;
    Element presence("presence", ns::kClient);
    presence.add(disco_.caps());
    stream_->send(presence);
}

void Client::on_stanza(const Element& stanza) {
    if (stanza.name() != "presence" || stanza.get("type") != "subscribe") return;
    const auto from = Jid::parse(stanza.get("from"));
    if (!from || !config_.grant_presence_to || from->bare() != *config_.grant_presence_to) return;
    Element granted("presence", ns::kClient);
    granted.set("type", "subscribed").set("to", from->bare().to_string());
    stream_->send(granted);
}

}  // namespace jmeet::xmpp
