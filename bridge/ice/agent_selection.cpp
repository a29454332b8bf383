// Which pair carries media: nomination, consent (RFC 7675), and moving to another address.
#include <algorithm>

#include "bridge/ice/agent.hpp"

namespace jmeet::bridge {

bool IceAgent::nominating() const {
    return std::ranges::any_of(
        pairs(), [](const Pair& p) { return p.open && p.purpose == Purpose::nominate; });
}

// A pair over a relay waits for something better, unless everything else has failed.
TimePoint IceAgent::nomination_due(const Pair& pair) const {
    if (role_ != IceRole::controlling) return TimePoint::max();
    if (pair.open) return TimePoint::max();  // asked already
    if (pair.type != CandidateType::relay) return pair.valid_at;
    const auto done = [&](const Pair& p) {
        return &p == &pair || (!p.open && p.state == PairState::failed);
    };
    if (std::ranges::all_of(pairs(), done)) return pair.valid_at;
    return pair.valid_at + config_.relay_patience;
}

void IceAgent::nominate_if_due(TimePoint now, IceOutput& out) {
    if (selected_pair() || role_ != IceRole::controlling || nominating()) return;
    Pair* best = nullptr;
    for (Pair& pair : pairs()) {
        if (!pair.valid || nomination_due(pair) > now) continue;
        if (!best || priority_of(pair) > priority_of(*best)) best = &pair;
    }
    if (best && out.has_room()) start_check(*best, Purpose::nominate, now, out);
}

void IceAgent::select(Pair& pair, TimePoint now, IceOutput& out) {
    pair.peer_nominated = false;
    media_elsewhere_ = false;
    if (&pair == selected_pair()) return;
    const bool moved = selected_pair() != nullptr;
    selected_ = static_cast<std::size_t>(&pair - pairs_.data());
    state_ = IceState::connected;
    out.event(moved ? IceEventKind::selected_changed : IceEventKind::connected, pair.remote);
    consent_at_ = now + jittered_interval();
    consent_until_ = now + config_.consent_expiry;
}

// 0.8 to 1.2 of the interval (RFC 7675 section 5.1), so that checks of many do not march in step.
Duration IceAgent::jittered_interval() const {
    const auto permille = static_cast<std::int64_t>(800 + random_u64() % 401);
    return config_.consent_interval * permille / 1000;
}

void IceAgent::watch_consent(TimePoint now, IceOutput& out) {
    Pair* selected = selected_pair();
    if (!selected) return;
    if (now >= consent_until_) {
        lose_consent(out);
        return;
    }
    if (now < consent_at_) return;
    consent_at_ = now + jittered_interval();
    if (!selected->open) start_check(*selected, Purpose::consent, now, out);
}

void IceAgent::lose_consent(IceOutput& out) {
    Pair& pair = *selected_pair();
    pair.open = false;
    pair.valid = false;
    pair.state = PairState::failed;
    selected_ = kMaxPairs;
    state_ = IceState::disconnected;
    consent_at_ = TimePoint::max();
    consent_until_ = TimePoint::max();
    out.event(IceEventKind::consent_lost, pair.remote);
}

const IceAgent::Pair* IceAgent::best_other_valid() const {
    const Pair* best = nullptr;
    for (const Pair& pair : pairs()) {
        if (!pair.valid || &pair == selected_pair()) continue;
        if (!best || priority_of(pair) > priority_of(*best)) best = &pair;
    }
    return best;
}

// The valid pair that was heard last, if that was after the selected one fell silent.
const IceAgent::Pair* IceAgent::heard_since_selected() const {
    const Pair* selected = selected_pair();
    const Pair* latest = nullptr;
    if (!selected) return latest;
    for (const Pair& pair : pairs()) {
        if (!pair.valid || pair.heard_at <= selected->heard_at) continue;
        if (!latest || pair.heard_at > latest->heard_at) latest = &pair;
    }
    return latest;
}

TimePoint IceAgent::suspicion_due() const {
    const Pair* selected = selected_pair();
    if (!selected || selected->open || !heard_since_selected()) return TimePoint::max();
    return selected->heard_at +
           (media_elsewhere_ ? config_.suspect_silence_media : config_.suspect_silence);
}

// A browser behind a translator that forgot it, or one that changed networks, is heard from a new
// address only. Ask the selected one first: an idle address is no dead address.
void IceAgent::look_for_move(TimePoint now, IceOutput& out) {
    Pair* selected = selected_pair();
    Pair* other = mutable_pair(heard_since_selected());
    if (!other) {
        media_elsewhere_ = false;
        return;
    }
    if (suspicion_due() <= now && out.has_room()) {
        start_check(*selected, Purpose::consent, now, out);
        return;
    }
    const bool unanswered = selected->open && selected->sent >= config_.suspect_transmissions;
    if (!unanswered || role_ != IceRole::controlling || other->open || !out.has_room()) return;
    start_check(*other, Purpose::nominate, now, out);
}

// A pair that is not selected is not kept alive by us: when the peer is silent on it for as long
// as consent lasts, it is not valid any more.
void IceAgent::forget_stale(TimePoint now) {
    for (Pair& pair : pairs()) {
        if (!pair.valid || pair.open || &pair == selected_pair()) continue;
        if (now - pair.heard_at < config_.consent_expiry) continue;
        pair.valid = false;
        pair.state = PairState::failed;
    }
}

}  // namespace jmeet::bridge
