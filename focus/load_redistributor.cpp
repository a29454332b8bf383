#include "focus/load_redistributor.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace jmeet::focus {

std::vector<MoveShare> pick_greedily(const std::vector<int>& sizes, int wanted) {
    std::vector<std::size_t> order(sizes.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return sizes[a] > sizes[b]; });
    std::vector<MoveShare> shares;
    for (const std::size_t index : order) {
        const int count = std::min(wanted, sizes[index]);
        if (count <= 0) break;
        shares.push_back({index, count});
        wanted -= count;
    }
    return shares;
}

LoadRedistributor::LoadRedistributor(BridgeList& bridges, Rooms& rooms, const FocusConfig& config)
    : bridges_(bridges),
      rooms_(rooms),
      config_(config),
      log_(log::Program::focus, "LoadRedistributor") {}

std::shared_ptr<Bridge> LoadRedistributor::find_bridge(const std::string& name) const {
    const auto jid = xmpp::Jid::parse(name);
    if (jid && !jid->resource().empty()) return bridges_.find(*jid);
    const auto brewery = xmpp::Jid::parse(config_.bridge.brewery_jid);
    return brewery ? bridges_.find(brewery->with_resource(name)) : nullptr;
}

LoadRedistributor::Outcome LoadRedistributor::move_endpoint(const xmpp::Jid& room,
                                                            const std::string& id,
                                                            const std::string& bridge) {
    std::shared_ptr<Bridge> from;
    if (!bridge.empty()) {
        from = find_bridge(bridge);
        if (!from) return NotFound{"Bridge"};
    }
    Conference* const conference = rooms_.find(room.bare());
    if (!conference) return NotFound{"Conference"};
    return conference->move_endpoint(id, from.get()) ? Moved{1, 1} : Moved{};
}

LoadRedistributor::Outcome LoadRedistributor::move_endpoints(const std::string& bridge,
                                                             const std::optional<xmpp::Jid>& room,
                                                             int count) {
    const auto from = find_bridge(bridge);
    if (!from) return NotFound{"Bridge"};
    Conference* const only = room ? rooms_.find(room->bare()) : nullptr;
    if (room && !only) return NotFound{"Conference"};
    return move(*from, only, count);
}

LoadRedistributor::Outcome LoadRedistributor::move_fraction(const std::string& bridge,
                                                            double fraction) {
    const auto from = find_bridge(bridge);
    if (!from) return NotFound{"Bridge"};
    const double count = std::clamp(fraction, 0.0, 1.0) * from->endpoints();
    return move(*from, nullptr, static_cast<int>(std::lround(count)));
}

LoadRedistributor::Moved LoadRedistributor::move(const Bridge& bridge, const Conference* only,
                                                 int count) {
    std::vector<Conference*> there;
    std::vector<int> sizes;
    for (const auto& [room, conference] : rooms_.all()) {
        if (only && conference.get() != only) continue;
        const int size = conference->endpoints_on(bridge);
        if (size == 0) continue;
        there.push_back(conference.get());
        sizes.push_back(size);
    }
    Moved moved;
    for (const MoveShare& share : pick_greedily(sizes, count)) {
        moved.endpoints += there[share.index]->move_from(bridge, share.count);
        ++moved.conferences;
    }
    log_.info("Moved {} endpoints in {} conferences from {}.", moved.endpoints, moved.conferences,
              bridge.jid().to_string());
    return moved;
}

awaitable<void> LoadRedistributor::run() {
    for (;;) {
        co_await sleep_for(config_.bridge.redistribution_interval);
        if ((co_await asio::this_coro::cancellation_state).cancelled() !=
            asio::cancellation_type::none) {
            co_return;
        }
        redistribute(Clock::now());
    }
}

void LoadRedistributor::redistribute(TimePoint now) {
    const BridgeConfig& config = config_.bridge;
    std::erase_if(moved_, [&](const auto& m) {
        return now - m.second > config.redistribution_timeout;
    });
    const BridgePointers all = bridges_.all();
    const bool room_elsewhere = std::any_of(all.begin(), all.end(), [&](Bridge* b) {
        return b->operational(now) && !b->overloaded(now);
    });
    if (!room_elsewhere) return;
    for (Bridge* const bridge : all) {
        if (!bridge->operational(now) || moved_.contains(bridge->jid())) continue;
        if (bridge->corrected_stress(now) < config.redistribution_stress_threshold) continue;
        moved_[bridge->jid()] = now;
        const int count = move(*bridge, nullptr, config.redistribution_endpoints).endpoints;
        bridge->endpoints_moved(count);
        redistributed_ += static_cast<std::uint64_t>(count);
    }
}

}  // namespace jmeet::focus
