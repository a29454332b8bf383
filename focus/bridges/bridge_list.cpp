#include "focus/bridges/bridge_list.hpp"

#include <algorithm>
#include <set>

#include "focus/bridges/link_local.hpp"
#include "focus/bridges/link_remote.hpp"

namespace jmeet::focus {
namespace {

using log::Program;

std::string node_of(const std::string& jid) {
    const auto parsed = xmpp::Jid::parse(jid);
    return parsed ? parsed->node() : std::string();
}

}  // namespace

BridgeList::BridgeList(xmpp::Client& client, const FocusConfig& config, std::optional<Local> local)
    : client_(client),
      config_(config),
      local_(std::move(local)),
      strategy_(make_strategy(config.bridge).value()),
      log_(Program::focus, "BridgeSelector"),
      brewery_log_(Program::focus, "BaseBrewery",
                   "type=bridge brewery=" + node_of(config.bridge.brewery_jid)),
      tasks_(client.stream().io().get_executor()) {
    log_.info("Using org.jitsi.jicofo.bridge.{}", strategy_->name());
    const std::string relays = needs_relays(config.bridge);
    if (!relays.empty()) log_.warning("{}", relays);
}

BridgeList::~BridgeList() = default;

void BridgeList::start() {
    const auto jid = xmpp::Jid::parse(config_.bridge.brewery_jid);
    if (!jid) {
        log_.severe("No bridge detector configured.");
        return;
    }
    brewery_log_.info("Initialized with JID={}", jid->bare().to_string());
    room_ = std::make_unique<xmpp::MucRoom>(client_.rooms(), jid->bare(), config_.xmpp.username,
                                            static_cast<xmpp::MucEvents&>(*this));
    tasks_.spawn("join the brewery", join());
}

awaitable<void> BridgeList::stop() {
    co_await tasks_.stop();
    if (!room_) co_return;
    room_->leave();
    co_await room_->stop();
    brewery_log_.info("Left the room.");
}

awaitable<void> BridgeList::join() {
    xmpp::MucJoinOptions options;
    options.public_jids = xmpp::MucPublicJids::always;
    options.rejoin = xmpp::MucRejoin::automatic;
    for (;;) {
        while (!client_.connected()) co_await sleep_for(milliseconds(100));
        const auto joined = co_await room_->join(options);
        if (joined) {
            brewery_log_.info("Joined the room.");
            co_return;
        }
        brewery_log_.severe("Failed to create room. {} Will try again.", joined.error().what);
        room_->leave();
        // The server may be starting, or the account may not be an owner of the room yet.
        co_await sleep_for(seconds(5));
    }
}

void BridgeList::on_occupant_joined(const xmpp::Occupant& occupant) {
    brewery_log_.info("Added brewery instance: {}", occupant.jid.to_string());
    on_presence(occupant);
}

void BridgeList::on_presence_changed(const xmpp::Occupant& now, const xmpp::Occupant&) {
    on_presence(now);
}

void BridgeList::on_presence(const xmpp::Occupant& occupant) {
    xmpp::Element presence("presence", "jabber:client");
    presence.children() = occupant.extensions;
    const auto stats = xmpp::parse_bridge_stats(presence);
    std::erase(unconfirmed_, occupant.jid);
    // The first presence after a join has none: an occupant that is not yet a bridge.
    if (!stats) return;
    auto heartbeat = xmpp::parse_bridge_heartbeat(presence);
    const auto known = bridges_.find(occupant.jid);
    if (known == bridges_.end()) return add(occupant, *stats, std::move(heartbeat));
    Bridge& bridge = *known->second;
    if (heartbeat && bridge.heartbeat() && heartbeat->ufrag != bridge.heartbeat()->ufrag) {
        // The room shows no leave and no join when the new process took the old one's nick.
        log_.warning("{} was restarted under its old name.", occupant.jid.to_string());
        remove(occupant.jid);
        return add(occupant, *stats, std::move(heartbeat));
    }
    if (bridge.detached()) {
        log_.info("{} is back in the brewery, its media never stopped.", bridge.jid().to_string());
        bridge.set_detached(false);
        if (bridge.operational(Clock::now())) tell_usable(bridge);
    }
    const bool was_draining = bridge.draining();
    const auto effect = bridge.apply(*stats, Clock::now());
    if (effect == Bridge::StatsEffect::began_to_shut_down) {
        log_.info("{} entered SHUTTING_DOWN", bridge.jid().to_string());
        tell_lost(bridge, "is shutting down");
    } else if (was_draining && !bridge.draining()) {
        tell_usable(bridge);
    }
}

void BridgeList::add(const xmpp::Occupant& occupant, const xmpp::BridgeStats& stats,
                     std::optional<xmpp::BridgeHeartbeat> heartbeat) {
    const xmpp::Jid& jid = occupant.jid;
    if (bridges_.size() >= kMaxBridges) {
        log_.warning("Ignoring {}: there are {} bridges already.", jid.to_string(), kMaxBridges);
        return;
    }
    const auto bridge = std::make_shared<Bridge>(jid, config_.bridge, make_link(jid));
    bridge->apply(stats, Clock::now());
    if (occupant.before_us && !is_local(jid)) bridge->set_doubtful();
    bridges_.emplace(jid, bridge);
    log_.info("Added new videobridge: {}", bridge->to_string(Clock::now()));
    if (config_.bridge.health_checks) tasks_.spawn("health check", watch_health(bridge));
    if (heartbeat && !is_local(jid)) {
        bridge->set_heartbeat(std::move(*heartbeat));
        tasks_.spawn("heartbeat", watch_heartbeat(bridge));
    }
    tell_usable(*bridge);
}

void BridgeList::on_occupant_left(const xmpp::Occupant& last, xmpp::MucDeparture why,
                                  const xmpp::MucPresence&) {
    if (why == xmpp::MucDeparture::connection_lost) {
        // Ours, not theirs: wait for what the room says when we are back.
        if (bridges_.contains(last.jid)) unconfirmed_.push_back(last.jid);
        return;
    }
    brewery_log_.info("Removed brewery instance: {}", last.jid.to_string());
    const auto bridge = find(last.jid);
    if (bridge && why == xmpp::MucDeparture::unreachable &&
        bridge->media() == Bridge::Media::alive) {
        // Only its XMPP is cut. Calls go on; the first of them that has to ask the bridge for
        // anything moves, and nothing new goes there.
        log_.warning("{} lost its XMPP connection, but its media port answers: calls stay.",
                     last.jid.to_string());
        return bridge->set_detached(true);
    }
    remove(last.jid);
}

void BridgeList::remove(const xmpp::Jid& jid) {
    const auto known = bridges_.find(jid);
    if (known == bridges_.end()) return;
    const std::shared_ptr<Bridge> bridge = known->second;
    if (is_local(jid)) {
        log_.warning("{} lost its presence in the brewery; it is in this process and stays.",
                     jid.to_string());
        return;
    }
    log_.info("Removing JVB: {}", jid.to_string());
    bridges_.erase(known);
    out_of_service_.erase(jid);
    stranded_.erase(jid);
    if (!bridge->in_graceful_shutdown() && !bridge->shutting_down()) {
        ++lost_;
        log_.warning("Lost a bridge: {}", jid.to_string());
    }
    tell_lost(*bridge, "was removed");
}

void BridgeList::on_room_left(xmpp::MucRoomEnd, const std::string& reason) {
    brewery_log_.warning("No longer in the brewery: {} Will join again.", reason);
}

void BridgeList::on_room_rejoined() {
    brewery_log_.info("Joined the room.");
    const auto gone = std::exchange(unconfirmed_, {});
    for (const xmpp::Jid& jid : gone) remove(jid);
    for (const auto& [jid, bridge] : std::map(bridges_)) tell_usable(*bridge);
}

bool BridgeList::is_local(const xmpp::Jid& jid) const {
    return local_ && local_->nick == jid.resource();
}

std::unique_ptr<BridgeLink> BridgeList::make_link(const xmpp::Jid& jid) const {
    if (is_local(jid)) return std::make_unique<LinkLocal>(local_->calls);
    return std::make_unique<LinkRemote>(client_.iq(), jid, config_.xmpp.reply_timeout);
}

BridgePointers BridgeList::all() const {
    BridgePointers result;
    for (const auto& [jid, bridge] : bridges_) result.push_back(bridge.get());
    return result;
}

std::shared_ptr<Bridge> BridgeList::find(const xmpp::Jid& jid) const {
    const auto known = bridges_.find(jid);
    return known == bridges_.end() ? nullptr : known->second;
}

std::shared_ptr<Bridge> BridgeList::select(const std::vector<ConferenceBridge>& conference,
                                           const ParticipantProperties& participant,
                                           const std::optional<std::string>& pinned_version) {
    const auto now = Clock::now();
    const char* const kind = conference.empty() ? " initial" : "";
    for (const ConferenceBridge& use : conference) {
        rate_limited_ += joined_too_fast(use, config_.bridge) ? 1 : 0;
    }
    const auto selected =
        select_bridge(all(), conference, participant, pinned_version, config_.bridge, *strategy_,
                      now);
    if (!selected) {
        log_.warning("{}", selected.error().what);
        log_.warning("Failed to select{} bridge for participantProperties={}", kind,
                     participant.to_string());
        return nullptr;
    }
    Bridge& bridge = **selected;
    if (conference.empty()) {
        log_.info("Selected initial bridge {} with reported stress={} for participantProperties={}",
                  bridge.to_string(now), bridge.stress(), participant.to_string());
    } else if (!config_.bridge.several_bridges || !conference.front().bridge->relay_id()) {
        log_.info("Existing bridge does not have a relay, will not consider other bridges.");
    } else {
        log_.info("Selected bridge {} with stress={} for participantProperties={}",
                  bridge.to_string(now), bridge.stress(), participant.to_string());
    }
    const auto known = find(bridge.jid());
    return known && known.get() == &bridge ? known : nullptr;
}

BridgeCounts BridgeList::counts() const {
    BridgeCounts result;
    std::set<std::optional<std::string>> versions;
    for (const auto& [jid, bridge] : bridges_) {
        ++result.known;
        result.operational += bridge->operational(Clock::now()) ? 1 : 0;
        result.in_shutdown += bridge->in_graceful_shutdown() ? 1 : 0;
        versions.insert(bridge->full_version());
    }
    result.versions = static_cast<int>(versions.size());
    result.lost = lost_;
    result.media_lost = media_lost_;
    result.rate_limited = rate_limited_;
    return result;
}

void BridgeList::mark_failed(Bridge& bridge) {
    log_.warning("{} is not operational for at least {} s.", bridge.jid().to_string(),
                 config_.bridge.failure_reset_threshold.count());
    bridge.set_failed(Clock::now());
    out_of_service_.insert(bridge.jid());
}

void BridgeList::tell_usable(Bridge& bridge) {
    for (BridgeWatcher* const watcher : watchers_) watcher->on_bridge_usable(bridge);
    if (!stranded_.empty()) move_stranded();
}

void BridgeList::tell_lost(Bridge& bridge, const std::string& why) {
    for (BridgeWatcher* const watcher : watchers_) watcher->on_bridge_lost(bridge, why);
}

}  // namespace jmeet::focus
