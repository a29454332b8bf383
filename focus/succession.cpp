#include "focus/succession.hpp"

#include <algorithm>

#include "focus/auth/login_record.hpp"
#include "focus/random_id.hpp"
#include "focus/rooms.hpp"

namespace jmeet::focus {
namespace {

// LIMIT: after a crash this much of what happened last may be missing; presence, the bridge and
// the clients' next requests put it right.
constexpr milliseconds kSaveInterval{200};
// LIMIT: the whole list is written each time. A login that is lost is made again.
constexpr seconds kLoginInterval{2};
// LIMIT: the server's hibernation time is 15 s in Jitsi's configuration; an embedded bridge needs
// a moment to come into the brewery.
constexpr seconds kWaitForBridges{4};
// LIMIT: a bridge that lives answers at its media port within a round trip, where it can be reached.
constexpr seconds kWaitForLife{1};

}  // namespace

Succession::Succession(const std::string& folder)
    : log_(log::Program::focus, "Succession"), folder_(folder), left_(folder_.load()) {
    frozen_ = !left_.empty();
}

std::string Succession::choose_resource(const std::string& usual) const {
    if (left_.empty()) return usual;
    return fmt::format("{}-{:08x}", usual, static_cast<std::uint32_t>(random_u64()));
}

void Succession::keep(AuthSessions& logins) {
    logins_ = &logins;
    const auto noted = folder_.load_logins();
    if (!noted) return;
    read_logins(*noted, logins, BothClocks());
    log_.info("Knows {} login sessions of the process before.", logins.size());
}

awaitable<void> Succession::run(BridgeList& bridges, Rooms& rooms, TaskGroup& tasks, Evict evict) {
    if (!left_.empty()) {
        log_.info("Taking over {} conferences of the process before.", left_.size());
        const std::string before = left_.front().focus_resource;
        co_await wait_for_bridges(bridges);
        for (ConferenceRecord& record : std::exchange(left_, {})) {
            ++restoring_;
            tasks.spawn("restore a conference", restore(rooms, std::move(record)));
        }
        while (restoring_ > 0 && !tasks.stopping()) co_await sleep_for(milliseconds(10));
        if (evict && !before.empty()) co_await evict(before);
        log_.info("Took over {} conferences.", rooms.all().size());
    }
    frozen_ = false;
    while (!tasks.stopping()) {
        save(rooms);
        co_await sleep_for(kSaveInterval);
    }
}

awaitable<void> Succession::wait_for_bridges(const BridgeList& bridges) {
    const auto usable = [&](Duration waited) {
        const auto all = bridges.all();
        return std::any_of(all.begin(), all.end(), [&](const Bridge* b) {
            return b->operational(Clock::now()) && (!b->doubtful() || waited >= kWaitForLife);
        });
    };
    for (auto began = Clock::now();; co_await sleep_for(milliseconds(20))) {
        // While there is no connection, nothing can be taken over either.
        if (!bridges.joined()) began = Clock::now();
        const Duration waited = Clock::now() - began;
        if (waited >= kWaitForBridges || (bridges.joined() && usable(waited))) co_return;
    }
}

awaitable<void> Succession::restore(Rooms& rooms, ConferenceRecord record) {
    co_await rooms.restore(std::move(record));
    --restoring_;
}

void Succession::save(Rooms& rooms) {
    if (frozen_) return;
    for (const auto& [room, conference] : rooms.all()) {
        if (conference->ready() && conference->take_changed()) folder_.save(conference->record());
    }
    const auto saved = folder_.saved();
    for (const xmpp::Jid& room : saved) {
        if (!rooms.find(room)) folder_.remove(room);
    }
    if (Clock::now() - logins_saved_ >= kLoginInterval) save_logins();
}

void Succession::save_logins() {
    if (!logins_ || !logins_->take_changed()) return;
    logins_saved_ = Clock::now();
    folder_.save_logins(write_logins(*logins_, BothClocks()));
}

void Succession::hand_over(Rooms& rooms) {
    save(rooms);
    if (!frozen_) save_logins();
    frozen_ = true;
}

}  // namespace jmeet::focus
