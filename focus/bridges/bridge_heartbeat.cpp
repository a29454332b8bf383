// BridgeList: bridges whose media died, is cut off, or comes back; told by their heartbeats, and
// by several clients' ICE at once.
#include <algorithm>

#include "focus/bridges/bridge_list.hpp"
#include "focus/bridges/heartbeat_probe.hpp"

namespace jmeet::focus {

using Event = HeartbeatState::Event;

awaitable<void> BridgeList::watch_heartbeat(std::shared_ptr<Bridge> bridge) {
    HeartbeatProbe probe(co_await asio::this_coro::executor, *bridge->heartbeat());
    HeartbeatState state(config_.bridge.heartbeat);
    while (find(bridge->jid()) == bridge && !tasks_.stopping()) {
        Event event = Event::none;
        const auto heard = probe.listen();
        const auto now = Clock::now();
        if (heard == HeartbeatProbe::Heard::answer) event = state.on_answer(now);
        if (heard == HeartbeatProbe::Heard::refusal) event = state.on_refused(now);
        if (event == Event::none) event = state.on_time(now);
        if (event != Event::none) on_heartbeat(*bridge, event, probe.where());
        if (state.due(now)) {
            probe.ask();
            state.on_asked(now);
        }
        co_await sleep_for(state.pause(Clock::now()));
    }
}

void BridgeList::on_heartbeat(Bridge& bridge, Event event, const std::string& where) {
    const std::string jid = bridge.jid().to_string();
    switch (event) {
        case Event::none: return;
        case Event::armed:
            log_.info("{} answers at its media port, {}.", jid, where);
            return bridge.set_media(Bridge::Media::alive);
        case Event::back:
            log_.info("{} answers at its media port again, {}.", jid, where);
            bridge.set_media(Bridge::Media::alive);
            stranded_.erase(bridge.jid());
            if (bridge.operational(Clock::now())) tell_usable(bridge);
            return;
        case Event::refused:
        case Event::silent: break;
    }
    ++media_lost_;
    log_.warning("{} does not answer at its media port {} any more ({}).", jid, where,
                 event == Event::refused ? "the port is closed" : "silence");
    bridge.set_media(Bridge::Media::silent);
    // Out of the brewery already: now it is gone altogether.
    if (bridge.detached()) return remove(bridge.jid());
    move_off(bridge, "does not answer at its media port");
}

// Without another bridge there is nowhere to go: calls stay, and their media goes on if this one
// thaws. As soon as another one can be used, they move.
void BridgeList::move_off(Bridge& bridge, const std::string& why) {
    if (another_usable(bridge)) return tell_lost(bridge, why);
    log_.warning("No other bridge can be used: the calls on {} wait.", bridge.jid().to_string());
    stranded_.insert(bridge.jid());
}

bool BridgeList::another_usable(const Bridge& than) const {
    const auto now = Clock::now();
    return std::any_of(bridges_.begin(), bridges_.end(), [&](const auto& known) {
        const Bridge& other = *known.second;
        return &other != &than && other.operational(now) && !other.shutting_down();
    });
}

void BridgeList::move_stranded() {
    for (const xmpp::Jid& jid : std::exchange(stranded_, {})) {
        if (const auto bridge = find(jid)) move_off(*bridge, "does not answer at its media port");
    }
}

void BridgeList::on_ice_failed(Bridge& bridge, const std::string& endpoint) {
    const auto now = Clock::now();
    if (!bridge.ice_failed(endpoint, now) || !another_usable(bridge)) return;
    if (!bridge.operational(now)) return;  // on its way out already
    log_.warning("Several endpoints at once lost their way to {}.", bridge.jid().to_string());
    mark_failed(bridge);
    // Not from within the request of the one who told it.
    tasks_.spawn("leave a bridge that fails ICE", leave_failing(bridge.jid()));
}

awaitable<void> BridgeList::leave_failing(xmpp::Jid jid) {
    co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
    if (const auto bridge = find(jid)) tell_lost(*bridge, "is out of reach for several endpoints");
}

}  // namespace jmeet::focus
