// ConferenceBridges: how an endpoint gets its place on a bridge.
#include <algorithm>

#include "focus/bridges/conference_bridges.hpp"
#include "focus/random_id.hpp"

namespace jmeet::focus {

using xmpp::colibri2::ConferenceModified;
using xmpp::colibri2::ConferenceModify;
using xmpp::colibri2::Endpoint;

awaitable<Result<Allocation, AllocationFailure>> ConferenceBridges::allocate(EndpointWish wish) {
    log_.info("Allocating for {}", wish.id);
    const auto found = co_await find_session(wish);
    if (!found) co_return found.error();
    Session* current = session(*found);
    const bool create = !std::exchange(current->created, true);
    log_.info("Selected {} for {} (visitor={}, session exists: {})", current->bridge->nick(),
              wish.id, wish.visitor, !create);
    const std::uint64_t serial = take_place(*current, wish);
    const auto slot = std::make_shared<OneShot<BridgeAnswer>>(tasks_.executor());
    send(current->bridge, make_allocation(wish, create),
         [slot](BridgeAnswer answer) { slot->set(std::move(answer)); });
    if (create) events_.on_bridge_count(bridge_count());

    const BridgeAnswer answer = co_await slot->wait();
    current = session(*found);
    if (!current || !has_place(wish.id, serial)) co_return AllocationFailure::superseded;
    co_return conclude(wish, *current, answer);
}

awaitable<Result<std::string, AllocationFailure>> ConferenceBridges::find_session(
    EndpointWish wish) {
    for (;;) {
        const std::shared_ptr<Bridge> bridge =
            bridges_.select(in_use(), wish.properties, naming_.pinned_version);
        if (!bridge) co_return AllocationFailure::no_bridge;
        for (const auto& current : sessions_) {
            if (current->bridge == bridge) co_return current->id;
        }
        if (!sessions_.empty()) {
            // The conference's own bridge cannot be used any more: everybody moves, so that the
            // newcomer is not left out.
            const std::string old = sessions_.front()->bridge->jid().to_string();
            events_.on_reinvite(drop_session(sessions_.front()->id), old + " cannot be used");
            continue;
        }
        const auto expiring = expiring_.find(bridge->jid());
        if (expiring == expiring_.end()) co_return create_session(bridge).id;
        const auto expired = expiring->second;
        co_await expired->wait();
    }
}

ConferenceBridges::Session& ConferenceBridges::create_session(std::shared_ptr<Bridge> bridge) {
    auto created = std::make_unique<Session>(bridges_.config().max_participants_interval);
    created->id = make_uuid();
    created->bridge = std::move(bridge);
    return *sessions_.emplace_back(std::move(created));
}

void ConferenceBridges::adopt(std::shared_ptr<Bridge> bridge, const std::string& session_id,
                              const std::vector<Adopted>& endpoints) {
    Session& adopted = create_session(std::move(bridge));
    adopted.id = session_id;
    adopted.created = true;
    for (const Adopted& endpoint : endpoints) {
        adopted.bridge->endpoint_added();
        adopted.endpoints.push_back(endpoint.id);
        places_[endpoint.id] = {session_id, endpoint.stats_id, endpoint.visitor,
                                endpoint.force_mute, next_serial_++};
    }
    events_.on_bridge_count(bridge_count());
}

ConferenceBridges::Session* ConferenceBridges::session(const std::string& session_id) {
    for (const auto& current : sessions_) {
        if (current->id == session_id) return current.get();
    }
    return nullptr;
}

std::vector<ConferenceBridge> ConferenceBridges::in_use() const {
    std::vector<ConferenceBridge> result;
    for (const auto& current : sessions_) {
        const auto& endpoints = current->endpoints;
        result.push_back({current->bridge.get(), static_cast<int>(endpoints.size()),
                          !endpoints.empty() && places_.at(endpoints.front()).visitor,
                          current->recent.count(Clock::now())});
    }
    return result;
}

std::uint64_t ConferenceBridges::take_place(Session& current, const EndpointWish& wish) {
    leave_place(wish.id);
    current.bridge->allocation_attempted(Clock::now());
    current.bridge->endpoint_added();
    current.endpoints.push_back(wish.id);
    current.recent.add(Clock::now());
    Place& place = places_[wish.id];
    place = {current.id, wish.stats_id, wish.visitor, wish.force_mute, next_serial_++};
    return place.serial;
}

void ConferenceBridges::leave_place(const std::string& id) {
    const auto place = places_.find(id);
    if (place == places_.end()) return;
    Session& current = *session(place->second.session_id);
    std::erase(current.endpoints, id);
    current.bridge->endpoint_removed();
    places_.erase(place);
}

bool ConferenceBridges::has_place(const std::string& id, std::uint64_t serial) const {
    const auto place = places_.find(id);
    return place != places_.end() && place->second.serial == serial;
}

ConferenceModify ConferenceBridges::make_allocation(const EndpointWish& wish, bool create) const {
    ConferenceModify request = make_request();
    if (create) {
        request.create = true;
        request.name = naming_.room;
        request.rtcstats_enabled = naming_.rtcstats_enabled;
    }
    Endpoint endpoint;
    endpoint.id = wish.id;
    endpoint.create = true;
    endpoint.stats_id = wish.stats_id;
    if (wish.visitor) endpoint.muc_role = "visitor";
    endpoint.media = wish.media;
    endpoint.transport.emplace();
    endpoint.transport->ice_controlling = true;  // the client answers, so it is controlled
    if (wish.sctp == Sctp::wanted) endpoint.transport->sctp.emplace();
    endpoint.sources.emplace();
    if (wish.force_mute.audio || wish.force_mute.video) endpoint.force_mute = wish.force_mute;
    endpoint.capabilities.emplace_back("source-names");
    endpoint.capabilities.insert(endpoint.capabilities.end(), wish.capabilities.begin(),
                                 wish.capabilities.end());
    request.endpoints.push_back(std::move(endpoint));
    return request;
}

Result<Allocation, AllocationFailure> ConferenceBridges::conclude(const EndpointWish& wish,
                                                                  Session& current,
                                                                  const BridgeAnswer& answer) {
    const AllocationReaction reaction = react_to_allocation(answer, wish.id, wish.sctp);
    if (!reaction.why.empty()) {
        log_.warning("Allocation for {} on {} failed: {}", wish.id,
                     current.bridge->jid().to_string(), reaction.why);
    }
    if (reaction.flag == BridgeFlag::failed) bridges_.mark_failed(*current.bridge);
    if (reaction.flag == BridgeFlag::graceful_shutdown) current.bridge->set_graceful_shutdown();
    if (reaction.conference == AllocationReaction::Conference::reinvite_all) {
        fail_session(current.id, reaction.why);
        return AllocationFailure::session_failed;
    }
    if (reaction.conference == AllocationReaction::Conference::drop_participant) {
        expire({wish.id});
        return AllocationFailure::given_up;
    }
    const auto& modified = std::get<ConferenceModified>(answer);
    if (modified.sources) current.feedback_sources = *modified.sources;
    const auto& endpoint =
        *std::find_if(modified.endpoints.begin(), modified.endpoints.end(),
                      [&](const Endpoint& e) { return e.id == wish.id; });
    Allocation result{.ice = *endpoint.transport->ice,
                      .sctp_port = {},
                      .feedback_sources = current.feedback_sources,
                      .session_id = current.id,
                      .region = current.bridge->region().value_or("")};
    if (endpoint.transport->sctp) result.sctp_port = endpoint.transport->sctp->port;
    return result;
}

}  // namespace jmeet::focus
