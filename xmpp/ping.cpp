#include "xmpp/ping.hpp"

#include "xmpp/namespaces.hpp"

namespace jmeet::xmpp {

awaitable<bool> request_ping(IqRouter& iq, Jid to, Duration deadline) {
    const auto answer = co_await iq.request(
        make_iq("get", to.to_string(), Element("ping", ns::kPing)), deadline);
    co_return answer || answer.error().origin == ErrorOrigin::peer;
}

Pinger::Pinger(IqRouter& iq, Duration interval)
    : iq_(iq),
      interval_(interval),
      states_(iq.stream().on_state().add(
          [this](const ConnectionEvent& event) { on_state(event); })),
      tasks_(iq.stream().io().get_executor()) {
    iq.handle_sync(IqType::get, "ping", ns::kPing,
                   [](const Element& request) { return make_result(request); });
}

void Pinger::on_state(const ConnectionEvent& event) {
    ++session_;
    // A JID without a node is a component's: its server is not addressed by a domain it knows.
    if (event.state != ConnectionState::connected || iq_.stream().jid().node().empty()) return;
    tasks_.spawn("ping", ping_server(session_));
}

awaitable<void> Pinger::ping_server(std::uint64_t session) {
    while (!tasks_.stopping()) {
        co_await sleep_for(interval_);
        if (session != session_ || tasks_.stopping()) co_return;
        const Jid server(std::string{}, iq_.stream().jid().domain());
        const bool alive = co_await request_ping(iq_, server);
        if (session != session_ || tasks_.stopping()) co_return;
        if (!alive) {
            iq_.stream().reconnect("the XMPP server did not answer a ping within " +
                                   std::to_string(kIqDeadline.count()) + " s");
            co_return;
        }
    }
}

}  // namespace jmeet::xmpp
