// The agent's own checks: sending, repeating, and what the answers mean.
#include <algorithm>

#include "bridge/ice/agent.hpp"

namespace jmeet::bridge {

namespace {

// Every local candidate is the same port: IPv6 a little before IPv4, nothing else differs.
std::uint16_t local_preference(const Address& remote) { return remote.is_v6() ? 65'535 : 65'534; }

constexpr std::uint16_t kRoleConflict = 487;

}  // namespace

StunVerdict IceAgent::on_response(const StunMessage& message, const Address& from, TimePoint now,
                                  IceOutput& out) {
    const TransactionId id = message.transaction();
    const auto asked = [&](const Pair& p) { return p.open && p.transaction == id; };
    const auto found = std::ranges::find_if(pairs(), asked);
    // An answer from elsewhere than asked is no answer (RFC 8445 section 7.2.5.2.1).
    if (found == pairs().end() || found->remote != from) return StunVerdict::unmatched;
    const bool authentic = message.check_integrity(remote_key_);
    if (message.message_class() == StunClass::success) {
        if (!authentic) return StunVerdict::bad_integrity;
        on_success(*found, message, now, out);
        return StunVerdict::handled;
    }
    if (!message.error_code()) return StunVerdict::malformed;
    // COMPAT: ice4j signs no error responses. Only a role conflict is believed without a
    // signature: whoever knows the transaction id gains a repeated check, no more.
    if (!authentic && (message.has_integrity() || *message.error_code() != kRoleConflict)) {
        return StunVerdict::bad_integrity;
    }
    on_error(*found, *message.error_code());
    return StunVerdict::handled;
}

void IceAgent::on_success(Pair& pair, const StunMessage& message, TimePoint now, IceOutput& out) {
    pair.open = false;
    pair.triggered = false;
    pair.heard_at = now;
    round_trip_ = now - pair.sent_at;
    if (message.mapped_address()) mapped_ = message.mapped_address();
    if (!pair.valid) {
        pair.valid = true;
        pair.valid_at = now;
    }
    pair.state = PairState::succeeded;
    if (state_ == IceState::failed) state_ = IceState::checking;
    hopeless_since_ = TimePoint::max();
    if (!writable_) {
        writable_ = true;
        out.event(IceEventKind::writable, pair.remote);
    }
    if (&pair == selected_pair()) consent_until_ = now + config_.consent_expiry;
    const bool nominated = role_ == IceRole::controlling ? pair.purpose == Purpose::nominate
                                                         : pair.peer_nominated;
    if (nominated) select(pair, now, out);
    nominate_if_due(now, out);
}

void IceAgent::on_error(Pair& pair, std::uint16_t code) {
    pair.open = false;
    if (code == kRoleConflict) {
        if (pair.role_asked == role_) {
            role_ = role_ == IceRole::controlling ? IceRole::controlled : IceRole::controlling;
        }
        if (pair.valid) return;
        pair.state = PairState::waiting;
        pair.triggered = true;
        return;
    }
    // A refused consent check counts as an unanswered one: consent runs out by itself.
    if (pair.purpose == Purpose::consent) return;
    pair.valid = false;
    pair.triggered = false;
    pair.state = PairState::failed;
}

void IceAgent::start_check(Pair& pair, Purpose purpose, TimePoint now, IceOutput& out) {
    pair.transaction = make_transaction(tag_);
    pair.purpose = purpose;
    pair.role_asked = role_;
    pair.open = true;
    pair.triggered = false;
    pair.sent = 0;
    if (!pair.valid) pair.state = PairState::in_progress;
    transmit(pair, now, out);
}

void IceAgent::transmit(Pair& pair, TimePoint now, IceOutput& out) {
    pair.resend_at = now;  // stays due when there is no room
    IceOutput::Datagram* datagram = out.next();
    if (!datagram) return;
    StunWriter writer(datagram->block, StunClass::request, pair.transaction);
    writer.priority(candidate_priority(CandidateType::prflx, local_preference(pair.remote)));
    if (pair.role_asked == IceRole::controlling) {
        writer.controlling(tie_breaker_);
        if (pair.purpose != Purpose::check) writer.use_candidate();
    } else {
        writer.controlled(tie_breaker_);
    }
    writer.username(remote_.ufrag, local_.ufrag);
    const std::size_t length = writer.finish(&remote_key_);
    if (length != 0) {
        datagram->to = pair.remote;
        datagram->length = static_cast<std::uint16_t>(length);
        out.commit();
    }
    ++pair.sent;
    pair.sent_at = now;
    pair.resend_at = now + wait_after(pair);
}

Duration IceAgent::wait_after(const Pair& pair) const {
    if (pair.purpose == Purpose::consent) return config_.consent_rto;
    Duration wait = config_.rto_first;
    for (unsigned i = 1; i < pair.sent && wait < config_.rto_max; ++i) wait *= 2;
    return std::min(wait, config_.rto_max);
}

void IceAgent::resend_or_give_up(Pair& pair, TimePoint now, IceOutput& out) {
    const unsigned repeats = pair.purpose == Purpose::consent ? config_.consent_retransmissions
                                                              : config_.retransmissions;
    if (pair.sent <= repeats) {
        transmit(pair, now, out);
    } else {
        on_timeout(pair, now, out);
    }
}

void IceAgent::on_timeout(Pair& pair, TimePoint now, IceOutput& out) {
    pair.open = false;
    if (pair.purpose == Purpose::consent) {
        // Another way may still be open; consent itself runs out by its own clock.
        Pair* other = mutable_pair(best_other_valid());
        if (role_ == IceRole::controlling && other && !other->open) {
            start_check(*other, Purpose::nominate, now, out);
        }
        return;
    }
    // A nomination that got lost on a pair that had worked: begin with it once more.
    pair.state = pair.valid ? PairState::waiting : PairState::failed;
    pair.valid = false;
    pair.triggered = pair.state == PairState::waiting;
}

// Triggered checks in order of arrival, then the others by priority. With a selected pair only
// what the peer itself asks for is still checked.
const IceAgent::Pair* IceAgent::next_to_check() const {
    const Pair* best = nullptr;
    const auto goes_before = [&](const Pair& a, const Pair& b) {
        if (a.triggered != b.triggered) return a.triggered;
        if (a.triggered) return a.birth < b.birth;
        return priority_of(a) > priority_of(b);
    };
    for (const Pair& pair : pairs()) {
        if (pair.open || pair.state != PairState::waiting) continue;
        if (selected_pair() && !pair.triggered) continue;
        if (!best || goes_before(pair, *best)) best = &pair;
    }
    return best;
}

void IceAgent::check_next(TimePoint now, IceOutput& out) {
    if (now < next_check_ || !out.has_room()) return;
    Pair* pair = mutable_pair(next_to_check());
    if (!pair) return;
    start_check(*pair, Purpose::check, now, out);
    next_check_ = now + config_.pace;
}

// Without any pair there is nothing that could have failed: the browser may still be on its way,
// and an endpoint that never comes is ended by its own inactivity.
bool IceAgent::all_failed() const {
    const auto is_failed = [](const Pair& p) { return !p.open && p.state == PairState::failed; };
    return count_ != 0 && std::ranges::all_of(pairs(), is_failed);
}

void IceAgent::fail_if_hopeless(TimePoint now, IceOutput& out) {
    if (state_ != IceState::checking) return;
    if (!all_failed()) {
        hopeless_since_ = TimePoint::max();
        return;
    }
    if (hopeless_since_ == TimePoint::max()) hopeless_since_ = now;
    if (now - hopeless_since_ < config_.failure_wait) return;
    state_ = IceState::failed;
    hopeless_since_ = TimePoint::max();
    out.event(IceEventKind::failed, Address{});
}

std::uint64_t IceAgent::priority_of(const Pair& pair) const {
    const std::uint32_t local =
        candidate_priority(CandidateType::host, local_preference(pair.remote));
    return role_ == IceRole::controlling ? pair_priority(local, pair.remote_priority)
                                         : pair_priority(pair.remote_priority, local);
}

}  // namespace jmeet::bridge
