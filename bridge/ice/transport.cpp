#include "bridge/ice/transport.hpp"

#include <algorithm>

namespace jmeet::bridge {

IceTransport::IceTransport(const IceTransportConfig& config, IceRole role, IceCredentials local,
                           std::uint32_t tag)
    : config_(config), tag_(tag), current_(make_agent(role, std::move(local))) {}

std::unique_ptr<IceAgent> IceTransport::make_agent(IceRole role, IceCredentials local) const {
    return std::make_unique<IceAgent>(config_.agent, role, std::move(local), tag_, random_u64());
}

IceTransport::Description IceTransport::describe() const {
    if (pending_) return {pending_->local(), generation_};
    return {current_->local(), {}};
}

// What carries no generation belongs to the agent in use, even while another one is pending.
bool IceTransport::set_remote_credentials(IceCredentials remote, std::optional<unsigned> generation,
                                          TimePoint now) {
    if (!generation) return current_->set_remote_credentials(std::move(remote), now);
    if (!pending_ || *generation != generation_) return false;
    return pending_->set_remote_credentials(std::move(remote), now);
}

bool IceTransport::add_remote_candidate(const RemoteCandidate& candidate,
                                        std::optional<unsigned> generation, TimePoint now) {
    if (!generation) return current_->add_remote_candidate(candidate, now);
    if (!pending_ || *generation != generation_) return false;
    return pending_->add_remote_candidate(candidate, now);
}

RestartOutcome IceTransport::request_restart(IceCredentials fresh, TimePoint now,
                                             IceOutput& out) {
    if (config_.restart_timeout <= Duration::zero()) return RestartOutcome::unavailable;
    const IceState state = current_->state();
    if (state != IceState::connected && state != IceState::disconnected) {
        return RestartOutcome::keep_existing;
    }
    if (pending_ && pending_->state() == IceState::waiting) return RestartOutcome::started;
    if (pending_) release(pending_, out);
    pending_ = make_agent(current_->role(), std::move(fresh));
    ++generation_;
    pending_until_ = now + config_.restart_timeout;
    return RestartOutcome::started;
}

IceAgent* IceTransport::owner_of(const StunMessage& message) const {
    for (IceAgent* agent : {current_.get(), pending_.get(), leaving_.get()}) {
        if (agent && agent->owns(message)) return agent;
    }
    return nullptr;
}

StunVerdict IceTransport::on_stun(BytesView datagram, const Address& from, TimePoint now,
                                  IceOutput& out) {
    const std::optional<StunMessage> message = StunMessage::parse(datagram);
    if (!message) return StunVerdict::malformed;
    IceAgent* agent = owner_of(*message);
    if (!agent) {
        return message->message_class() == StunClass::request ? StunVerdict::unknown_user
                                                              : StunVerdict::unmatched;
    }
    const std::size_t before = out.events().size();
    const StunVerdict verdict = agent->on_stun(*message, from, now, out);
    if (agent == current_.get()) {
        after_current(before, out);
    } else if (agent == pending_.get()) {
        after_pending(before, now, out);
    } else {
        out.review_events(before,
                          [](const IceEvent& e) { return e.kind == IceEventKind::address_bound; });
    }
    return verdict;
}

void IceTransport::tick(TimePoint now, IceOutput& out) {
    const std::size_t before = out.events().size();
    current_->tick(now, out);
    after_current(before, out);
    if (pending_) {
        const std::size_t pending_before = out.events().size();
        pending_->tick(now, out);
        after_pending(pending_before, now, out);
    }
    if (pending_ && now >= pending_until_) release(pending_, out);
    if (leaving_ && now >= leaving_until_) release(leaving_, out);
}

TimePoint IceTransport::next_deadline() const {
    TimePoint due = current_->next_deadline();
    if (pending_) due = std::min({due, pending_->next_deadline(), pending_until_});
    if (leaving_) due = std::min(due, leaving_until_);
    return due;
}

void IceTransport::on_media(const Address& from, TimePoint now) { current_->on_media(from, now); }

bool IceTransport::validated(const Address& from) const {
    return current_->validated(from) || used_by_another(from, current_.get());
}

std::optional<Address> IceTransport::send_address() const { return current_->send_address(); }

bool IceTransport::used_by_another(const Address& address, const IceAgent* agent) const {
    for (const IceAgent* other : {current_.get(), pending_.get(), leaving_.get()}) {
        if (other && other != agent && other->validated(address)) return true;
    }
    return false;
}

void IceTransport::after_current(std::size_t before, IceOutput& out) const {
    out.review_events(before, [&](const IceEvent& e) {
        return e.kind != IceEventKind::address_released ||
               !used_by_another(e.address, current_.get());
    });
}

// The outside hears nothing of a pending agent but its addresses, and that media moves.
void IceTransport::after_pending(std::size_t before, TimePoint now, IceOutput& out) {
    bool connected = false;
    bool failed = false;
    out.review_events(before, [&](const IceEvent& e) {
        connected |= e.kind == IceEventKind::connected;
        failed |= e.kind == IceEventKind::failed;
        if (e.kind == IceEventKind::address_released) {
            return !used_by_another(e.address, pending_.get());
        }
        return e.kind == IceEventKind::address_bound;
    });
    if (connected) {
        cut_over(now, out);
    } else if (failed) {
        release(pending_, out);
    }
}

void IceTransport::cut_over(TimePoint now, IceOutput& out) {
    const bool was_connected = current_->state() == IceState::connected;
    if (leaving_) release(leaving_, out);
    leaving_ = std::move(current_);
    current_ = std::move(pending_);
    leaving_until_ = now + config_.restart_transition;
    ++completed_;
    out.event(was_connected ? IceEventKind::selected_changed : IceEventKind::connected,
              *current_->selected());
    if (config_.restart_transition <= Duration::zero()) release(leaving_, out);
}

void IceTransport::release(std::unique_ptr<IceAgent>& agent, IceOutput& out) {
    agent->for_each_validated([&](const Address& address) {
        if (!used_by_another(address, agent.get())) {
            out.event(IceEventKind::address_released, address);
        }
    });
    agent.reset();
}

}  // namespace jmeet::bridge
