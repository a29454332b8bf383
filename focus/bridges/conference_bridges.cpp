#include "focus/bridges/conference_bridges.hpp"

#include <algorithm>

#include "focus/random_id.hpp"

namespace jmeet::focus {

using xmpp::colibri2::ConferenceModify;
using xmpp::colibri2::Endpoint;

const char* to_string(AllocationFailure failure) {
    switch (failure) {
        case AllocationFailure::no_bridge: return "no bridge available";
        case AllocationFailure::given_up: return "refused by the bridge";
        case AllocationFailure::session_failed: return "the session on the bridge failed";
        case AllocationFailure::superseded: break;
    }
    return "no longer wanted";
}

void throw_exception_from_error(AllocationFailure failure, const boost::source_location&) {
    throw std::runtime_error(to_string(failure));
}

ConferenceBridges::ConferenceBridges(BridgeList& bridges, Naming naming,
                                     ConferenceBridgesEvents& events, log::Logger logger,
                                     asio::any_io_executor executor)
    : bridges_(bridges),
      naming_(std::move(naming)),
      events_(events),
      log_(logger.named("ColibriV2SessionManager")),
      tasks_(std::move(executor)) {}

ConferenceModify ConferenceBridges::make_request() const {
    ConferenceModify request;
    request.meeting_id = naming_.meeting_id;
    return request;
}

awaitable<void> ConferenceBridges::stop() {
    // LIMIT: what a bridge may take to say that it has forgotten the conference.
    for (int i = 0; i < 40 && !expiring_.empty(); ++i) co_await sleep_for(milliseconds(50));
    co_await tasks_.stop();
}

void ConferenceBridges::update(const std::string& id, Update update) {
    Endpoint endpoint;
    if (update.ice) {
        endpoint.transport.emplace();
        endpoint.transport->ice = std::move(update.ice);
    }
    endpoint.sources = std::move(update.sources);
    endpoint.initial_last_n = update.initial_last_n;
    send_update(id, std::move(endpoint));
}

void ConferenceBridges::send_update(const std::string& id, Endpoint endpoint, Done then) {
    const auto place = places_.find(id);
    if (place == places_.end()) {
        if (then) then(NotConnected{});
        return;
    }
    const std::string session_id = place->second.session_id;
    endpoint.id = id;
    endpoint.stats_id = place->second.stats_id;
    ConferenceModify request = make_request();
    request.endpoints.push_back(std::move(endpoint));
    send(session(session_id)->bridge, std::move(request),
         [this, session_id, then = std::move(then)](const BridgeAnswer& answer) {
             on_update_answer(session_id, answer);
             if (then) then(answer);
         });
}

void ConferenceBridges::force_mute(
    const std::map<std::string, xmpp::colibri2::ForceMute>& wanted) {
    for (const auto& current : sessions_) {
        ConferenceModify request = make_request();
        for (const std::string& id : current->endpoints) {
            const auto flags = wanted.find(id);
            Place& place = places_.at(id);
            if (flags == wanted.end() || flags->second == place.force_mute) continue;
            place.force_mute = flags->second;
            Endpoint endpoint;
            endpoint.id = id;
            endpoint.force_mute = flags->second;
            request.endpoints.push_back(std::move(endpoint));
        }
        if (request.endpoints.empty()) continue;
        send(current->bridge, std::move(request),
             [this, session_id = current->id](const BridgeAnswer& answer) {
                 on_update_answer(session_id, answer);
             });
    }
}

awaitable<IceRestart> ConferenceBridges::restart_ice(std::string id) {
    Endpoint endpoint;
    endpoint.transport.emplace();
    endpoint.transport->ice_restart = true;
    const auto slot = std::make_shared<OneShot<BridgeAnswer>>(tasks_.executor());
    send_update(id, std::move(endpoint), [slot](BridgeAnswer answer) { slot->set(answer); });
    const BridgeAnswer answer = co_await slot->wait();
    const auto* modified = std::get_if<xmpp::colibri2::ConferenceModified>(&answer);
    if (!modified) co_return IceRestart{};
    for (const Endpoint& answered : modified->endpoints) {
        if (answered.id != id) continue;
        if (!answered.transport || !answered.transport->ice) break;
        const auto& ice = *answered.transport->ice;
        const auto outcome = ice.ice_generation ? IceRestart::Outcome::restarted
                                                : IceRestart::Outcome::not_needed;
        co_return IceRestart{outcome, ice};
    }
    co_return IceRestart{IceRestart::Outcome::refused, {}};
}

void ConferenceBridges::expire(const std::vector<std::string>& ids) {
    std::map<std::string, std::vector<std::string>> by_session;
    for (const std::string& id : ids) {
        const auto place = places_.find(id);
        if (place == places_.end()) continue;
        by_session[place->second.session_id].push_back(id);
        leave_place(id);
    }
    for (const auto& [session_id, leaving] : by_session) {
        Session& current = *session(session_id);
        if (current.endpoints.empty()) {
            log_.info("Removing session with no remaining participants: "
                      "Colibri2Session[bridge={}, id={}]",
                      current.bridge->nick(), current.id);
            drop_session(session_id);
            continue;
        }
        ConferenceModify request = make_request();
        for (const std::string& id : leaving) {
            Endpoint endpoint;
            endpoint.id = id;
            endpoint.expire = true;
            request.endpoints.push_back(std::move(endpoint));
        }
        send(current.bridge, std::move(request), [this, id = session_id](const BridgeAnswer& a) {
            on_update_answer(id, a);
        });
    }
}

void ConferenceBridges::expire_all() {
    if (sessions_.empty()) return;
    log_.info("Expiring.");
    while (!sessions_.empty()) drop_session(sessions_.front()->id);
}

std::vector<std::string> ConferenceBridges::remove_bridge(const xmpp::Jid& jid) {
    for (const auto& current : sessions_) {
        if (current->bridge->jid() == jid) return drop_session(current->id);
    }
    return {};
}

std::string ConferenceBridges::session_id_of(const std::string& id) const {
    const auto place = places_.find(id);
    return place == places_.end() ? std::string() : place->second.session_id;
}

std::shared_ptr<Bridge> ConferenceBridges::bridge_of(const std::string& id) const {
    const std::string wanted = session_id_of(id);
    for (const auto& current : sessions_) {
        if (current->id == wanted) return current->bridge;
    }
    return nullptr;
}

xmpp::colibri2::ForceMute ConferenceBridges::force_mute_of(const std::string& id) const {
    const auto place = places_.find(id);
    return place == places_.end() ? xmpp::colibri2::ForceMute{} : place->second.force_mute;
}

std::vector<std::string> ConferenceBridges::endpoints_on(const Bridge& bridge) const {
    for (const auto& current : sessions_) {
        if (current->bridge.get() == &bridge) return current->endpoints;
    }
    return {};
}

std::vector<ConferenceBridges::SessionView> ConferenceBridges::sessions() const {
    std::vector<SessionView> result;
    for (const auto& current : sessions_) {
        result.push_back({*current->bridge, current->id, current->created,
                          current->recent.count(Clock::now()), current->endpoints,
                          current->feedback_sources});
    }
    return result;
}

void ConferenceBridges::on_update_answer(const std::string& session_id,
                                         const BridgeAnswer& answer) {
    const UpdateReaction reaction = react_to_update(answer);
    if (!reaction.why.empty()) log_.warning("A request to a bridge failed: {}", reaction.why);
    if (!session(session_id)) return;
    const std::shared_ptr<Bridge> bridge = session(session_id)->bridge;
    switch (reaction.conference) {
        case UpdateReaction::Conference::carry_on:
            return;
        case UpdateReaction::Conference::reinvite_endpoint:
            if (session_id_of(reaction.endpoint_id) != session_id) return;
            leave_place(reaction.endpoint_id);
            return events_.on_reinvite({reaction.endpoint_id}, "is not known to its bridge");
        case UpdateReaction::Conference::reinvite_all:
            // Nobody can speak to it, but media flows: better that than no bridge at all.
            if (bridge->detached() && !bridges_.another_usable(*bridge)) return;
            return fail_session(session_id, reaction.why);
    }
}

void ConferenceBridges::fail_session(const std::string& session_id, const std::string& why) {
    ++failed_sessions_;
    const auto ids = drop_session(session_id);
    events_.on_reinvite(ids, why);
}

// The endpoints that were on it; the bridge is told to forget the conference.
std::vector<std::string> ConferenceBridges::drop_session(const std::string& session_id) {
    const auto at = std::find_if(sessions_.begin(), sessions_.end(),
                                 [&](const auto& s) { return s->id == session_id; });
    const std::unique_ptr<Session> dropped = std::move(*at);
    sessions_.erase(at);
    for (const std::string& id : dropped->endpoints) {
        places_.erase(id);
        dropped->bridge->endpoint_removed();
    }
    send_conference_expire(dropped->bridge);
    events_.on_bridge_count(bridge_count());
    return dropped->endpoints;
}

void ConferenceBridges::send_conference_expire(const std::shared_ptr<Bridge>& bridge) {
    const auto slot = std::make_shared<OneShot<bool>>(tasks_.executor());
    expiring_[bridge->jid()] = slot;
    ConferenceModify request = make_request();
    request.expire = true;
    send(bridge, std::move(request), [this, slot, jid = bridge->jid()](const BridgeAnswer&) {
        const auto entry = expiring_.find(jid);
        if (entry != expiring_.end() && entry->second == slot) expiring_.erase(entry);
        slot->set(true);
    });
}

void ConferenceBridges::send(const std::shared_ptr<Bridge>& bridge, ConferenceModify request,
                             Done done) {
    // Children start in the order in which they are spawned, and each hands its request over
    // before it first waits: that keeps the stream ordered.
    tasks_.spawn("colibri request", ask(bridge, std::move(request), std::move(done)));
}

awaitable<void> ConferenceBridges::ask(std::shared_ptr<Bridge> bridge, ConferenceModify request,
                                       Done done) {
    done(co_await bridge->link().modify(std::move(request)));
}

}  // namespace jmeet::focus
