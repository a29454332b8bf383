// The agent's face: credentials, pairs, and what it answers.
#include "bridge/ice/agent.hpp"

#include <algorithm>

namespace jmeet::bridge {

TransactionId make_transaction(std::uint32_t tag) {
    TransactionId id{};
    const std::uint64_t random = random_u64();
    store_be64(id.data(), random);
    store_be32(id.data() + 8, tag ^ static_cast<std::uint32_t>(random));
    return id;
}

std::uint32_t stun_tag(const TransactionId& id) {
    return load_be32(id.data() + 8) ^ load_be32(id.data() + 4);
}

IceAgent::IceAgent(const IceConfig& config, IceRole role, IceCredentials local, std::uint32_t tag,
                   std::uint64_t tie_breaker)
    : config_(config),
      role_(role),
      local_(std::move(local)),
      local_key_(local_.pwd),
      tag_(tag),
      tie_breaker_(tie_breaker) {}

bool IceAgent::set_remote_credentials(IceCredentials remote, TimePoint now) {
    if (state_ != IceState::waiting || !well_formed(remote)) return false;
    remote_ = std::move(remote);
    remote_key_ = IntegrityKey(remote_.pwd);
    state_ = IceState::checking;
    next_check_ = now;
    return true;
}

bool IceAgent::add_remote_candidate(const RemoteCandidate& candidate, TimePoint) {
    if (state_ == IceState::connected || state_ == IceState::disconnected) return false;
    if (!config_.addresses.accepts(candidate.address)) return false;
    if (Pair* known = find(candidate.address)) {
        if (known->type == CandidateType::prflx) known->type = candidate.type;
        return true;
    }
    if (!add_pair(candidate.address, candidate.type, candidate.priority, nullptr)) return false;
    if (state_ == IceState::failed) state_ = IceState::checking;
    hopeless_since_ = TimePoint::max();
    return true;
}

bool IceAgent::owns(const StunMessage& message) const {
    if (message.message_class() == StunClass::request) {
        return message.receiver_ufrag() == local_.ufrag;
    }
    const TransactionId id = message.transaction();
    return std::ranges::any_of(pairs(),
                               [&](const Pair& p) { return p.open && p.transaction == id; });
}

StunVerdict IceAgent::on_stun(const StunMessage& message, const Address& from, TimePoint now,
                              IceOutput& out) {
    if (!config_.addresses.accepts(from)) return StunVerdict::refused_address;
    if (message.is_binding(StunClass::request)) return on_request(message, from, now, out);
    if (message.is_binding(StunClass::success) || message.is_binding(StunClass::error)) {
        return on_response(message, from, now, out);
    }
    return StunVerdict::malformed;
}

StunVerdict IceAgent::on_request(const StunMessage& message, const Address& from, TimePoint now,
                                 IceOutput& out) {
    if (message.receiver_ufrag() != local_.ufrag) return StunVerdict::unknown_user;
    if (!message.check_integrity(local_key_)) return StunVerdict::bad_integrity;
    ++checks_received_;
    if (!message.unknown_required().empty()) return refuse(message, from, 420, out);
    if (!message.priority()) return refuse(message, from, 400, out);
    if (!keeps_role(message)) return refuse(message, from, 487, out);
    Pair* pair = find(from);
    if (!pair) pair = add_pair(from, CandidateType::prflx, *message.priority(), &out);
    if (!pair) return StunVerdict::refused_address;
    answer(message, from, out);
    note_check(*pair, message, now, out);
    return StunVerdict::handled;
}

// Both sides with the same role: the larger tie-breaker decides (RFC 8445 section 7.3.1.1).
// False when the peer is the one to change.
bool IceAgent::keeps_role(const StunMessage& message) {
    if (role_ == IceRole::controlling && message.controlling()) {
        if (tie_breaker_ >= *message.controlling()) return false;
        role_ = IceRole::controlled;
    } else if (role_ == IceRole::controlled && message.controlled()) {
        if (tie_breaker_ < *message.controlled()) return false;
        role_ = IceRole::controlling;
    }
    return true;
}

void IceAgent::note_check(Pair& pair, const StunMessage& message, TimePoint now, IceOutput& out) {
    if (!pair.heard_check) {
        pair.heard_check = true;
        out.event(IceEventKind::address_bound, pair.remote);
    }
    pair.heard_at = now;
    if (role_ == IceRole::controlled && message.use_candidate()) {
        pair.peer_nominated = true;
        if (pair.valid) select(pair, now, out);
    }
    if (pair.valid) return;
    pair.triggered = true;
    if (state_ == IceState::failed) state_ = IceState::checking;
    hopeless_since_ = TimePoint::max();
    if (!pair.open) {
        pair.state = PairState::waiting;
    } else if (pair.resend_at - now > config_.rto_first) {
        // The way is open now: ask again at once instead of waiting for a long timer.
        pair.sent = 0;
        pair.resend_at = now;
    }
}

void IceAgent::answer(const StunMessage& message, const Address& to, IceOutput& out) const {
    IceOutput::Datagram* datagram = out.next();
    if (!datagram) return;
    StunWriter writer(datagram->block, StunClass::success, message.transaction());
    writer.xor_mapped_address(to);
    const std::size_t length = writer.finish(&local_key_);
    if (length == 0) return;
    datagram->to = to;
    datagram->length = static_cast<std::uint16_t>(length);
    out.commit();
}

// The reason phrase is left empty: it helps nobody and makes the reply longer.
StunVerdict IceAgent::refuse(const StunMessage& message, const Address& to, std::uint16_t code,
                             IceOutput& out) const {
    IceOutput::Datagram* datagram = out.next();
    if (!datagram) return StunVerdict::refused;
    StunWriter writer(datagram->block, StunClass::error, message.transaction());
    writer.error_code(code, {});
    if (code == 420) writer.unknown_attributes(message.unknown_required());
    const std::size_t length = writer.finish(&local_key_);
    if (length == 0) return StunVerdict::refused;
    datagram->to = to;
    datagram->length = static_cast<std::uint16_t>(length);
    out.commit();
    return StunVerdict::refused;
}

IceAgent::Pair* IceAgent::find(const Address& remote) {
    const auto found = std::ranges::find(pairs(), remote, &Pair::remote);
    return found == pairs().end() ? nullptr : &*found;
}

const IceAgent::Pair* IceAgent::find(const Address& remote) const {
    const auto found = std::ranges::find(pairs(), remote, &Pair::remote);
    return found == pairs().end() ? nullptr : &*found;
}

std::size_t IceAgent::pair_to_evict(const IceOutput* out) const {
    std::size_t worst = kMaxPairs;
    const auto goes_before = [&](const Pair& a, const Pair& b) {
        if (a.heard_check != b.heard_check) return !a.heard_check;
        return a.heard_check ? a.heard_at < b.heard_at : a.birth < b.birth;
    };
    for (std::size_t i = 0; i < count_; ++i) {
        if (i == selected_ || (pairs_[i].heard_check && out == nullptr)) continue;
        if (worst == kMaxPairs || goes_before(pairs_[i], pairs_[worst])) worst = i;
    }
    return worst;
}

IceAgent::Pair* IceAgent::add_pair(const Address& remote, CandidateType type,
                                   std::uint32_t priority, IceOutput* out) {
    if (count_ == kMaxPairs) {
        const std::size_t victim = pair_to_evict(out);
        if (victim == kMaxPairs) return nullptr;
        remove_pair(victim, out);
    }
    Pair& pair = pairs_[count_++];
    pair = Pair{};
    pair.remote = remote;
    pair.type = type;
    pair.remote_priority = priority;
    pair.birth = ++births_;
    return &pair;
}

void IceAgent::remove_pair(std::size_t index, IceOutput* out) {
    if (pairs_[index].heard_check && out) {
        out->event(IceEventKind::address_released, pairs_[index].remote);
    }
    const std::size_t last = --count_;
    pairs_[index] = pairs_[last];
    if (selected_ == last) selected_ = index;
}

bool IceAgent::validated(const Address& from) const {
    const Pair* pair = find(from);
    return pair && pair->heard_check;
}

std::optional<Address> IceAgent::selected() const {
    if (const Pair* pair = selected_pair()) return pair->remote;
    return {};
}

std::optional<Address> IceAgent::send_address() const {
    if (const Pair* pair = selected_pair()) return pair->remote;
    if (const Pair* pair = best_other_valid()) return pair->remote;
    return {};
}

void IceAgent::on_media(const Address& from, TimePoint now) {
    Pair* selected = selected_pair();
    if (selected && selected->remote == from) {
        selected->heard_at = now;
        return;
    }
    Pair* pair = find(from);
    if (!pair || !pair->valid) return;
    pair->heard_at = now;
    if (selected && now - selected->heard_at >= config_.suspect_silence_media) {
        media_elsewhere_ = true;
    }
}

void IceAgent::tick(TimePoint now, IceOutput& out) {
    if (state_ == IceState::waiting) return;
    for (Pair& pair : pairs()) {
        if (pair.open && pair.resend_at <= now) resend_or_give_up(pair, now, out);
    }
    watch_consent(now, out);
    forget_stale(now);
    look_for_move(now, out);
    nominate_if_due(now, out);
    check_next(now, out);
    fail_if_hopeless(now, out);
}

TimePoint IceAgent::next_deadline() const {
    TimePoint due = std::min(consent_at_, consent_until_);
    if (state_ == IceState::waiting) return due;
    for (const Pair& pair : pairs()) {
        if (pair.open) due = std::min(due, pair.resend_at);
        if (pair.valid && !selected_pair() && !nominating()) {
            due = std::min(due, nomination_due(pair));
        }
    }
    if (next_to_check()) due = std::min(due, next_check_);
    if (hopeless_since_ != TimePoint::max()) {
        due = std::min(due, hopeless_since_ + config_.failure_wait);
    } else if (state_ == IceState::checking && all_failed()) {
        return TimePoint::min();  // an error response was the last straw: start to wait
    }
    return std::min(due, suspicion_due());
}

}  // namespace jmeet::bridge
