#include "focus/source_signaling.hpp"

#include <algorithm>

#include "focus/source_wire.hpp"

namespace jmeet::focus {
namespace {

bool is_told(const Participant& recipient, const std::string& owner) {
    return recipient.id != owner && !recipient.offer.ssrc_rewriting;
}

}  // namespace

SourceSignaling::SourceSignaling(ConferenceState& conference)
    : conference_(conference),
      delays_(conference.focus.config.conference.source_signaling_delays) {}

ConferenceSourceMap SourceSignaling::start_offer(Participant& recipient,
                                                 const EndpointSourceSet& feedback) {
    ConferenceSourceMap sources;
    if (!recipient.offer.ssrc_rewriting) sources = conference_.sources.except(recipient.id);
    sources.add(kBridgeOwner, feedback);
    recipient.told.deactivate();
    return recipient.told.reset(sources);
}

void SourceSignaling::adopt(Participant& recipient) {
    if (!recipient.offer.ssrc_rewriting) {
        recipient.told.reset(conference_.sources.except(recipient.id));
    }
    recipient.told.activate();
}

void SourceSignaling::start(Participant& recipient) {
    recipient.told.activate();
    if (!recipient.offer.ssrc_rewriting) flush(recipient);
}

void SourceSignaling::stop(Participant& recipient) {
    recipient.flush.cancel();
    recipient.told.deactivate();
}

void SourceSignaling::add(const std::string& owner, const EndpointSourceSet& set) {
    if (set.empty()) return;
    const ConferenceSourceMap change(owner, set);
    for (const auto& [id, recipient] : conference_.participants) {
        if (!is_told(*recipient, owner)) continue;
        recipient->told.add(change, Clock::now(), delay());
        schedule(*recipient);
    }
}

void SourceSignaling::remove(const std::string& owner, const EndpointSourceSet& set) {
    if (set.empty()) return;
    const ConferenceSourceMap change(owner, set);
    for (const auto& [id, recipient] : conference_.participants) {
        if (!is_told(*recipient, owner)) continue;
        recipient->told.remove(change, Clock::now(), delay());
        schedule(*recipient);
    }
}

void SourceSignaling::forget(const std::string& owner) {
    for (const auto& [id, recipient] : conference_.participants) recipient->told.forget(owner);
}

void SourceSignaling::schedule(Participant& recipient) {
    const auto due = recipient.told.due();
    if (!due || recipient.flush.running()) return;
    const Duration wait = *due - Clock::now();
    if (wait <= Duration::zero()) return flush(recipient);
    recipient.flush.start(wait, [this, &recipient] { flush(recipient); });
}

void SourceSignaling::flush(Participant& recipient) {
    recipient.flush.cancel();
    if (recipient.session != SessionState::active) return;
    const SourceQueue::Changes changes = recipient.told.flush();
    if (!changes.removed.empty()) {
        send(recipient, xmpp::JingleAction::source_remove, changes.removed);
    }
    if (!changes.added.empty()) send(recipient, xmpp::JingleAction::source_add, changes.added);
}

void SourceSignaling::send(const Participant& recipient, xmpp::JingleAction action,
                           const ConferenceSourceMap& sources) {
    const SourceEncoding encoding =
        recipient.offer.json_sources ? SourceEncoding::json : SourceEncoding::xml;
    count_jingle(conference_.focus.counters.jingle_sent, action);
    send_iq(conference_.focus, recipient.occupant,
            xmpp::write_jingle(source_change(action, recipient.sid, sources, encoding)));
}

milliseconds SourceSignaling::delay() const {
    return delays_.delay(static_cast<int>(conference_.participants.size()));
}

}  // namespace jmeet::focus
