#include "focus/sessions.hpp"

#include <algorithm>

#include "focus/source_wire.hpp"
#include "xmpp/namespaces.hpp"

namespace jmeet::focus {
namespace {

using xmpp::Jingle;
using xmpp::JingleAction;
using xmpp::stanza_error;

std::optional<xmpp::IceUdpTransport> first_transport(const Jingle& jingle) {
    for (const xmpp::JingleContent& content : jingle.contents) {
        if (content.transport) return content.transport;
    }
    return {};
}

std::optional<int> initial_last_n(const Jingle& jingle) {
    for (const xmpp::JingleContent& content : jingle.contents) {
        if (content.initial_last_n) return content.initial_last_n;
    }
    return {};
}

}  // namespace

JingleSessions::JingleSessions(ConferenceState& conference, ConferenceBridges& bridges,
                               SourceSignaling& signaling, Inviter& inviter, TaskGroup& tasks)
    : conference_(conference),
      bridges_(bridges),
      signaling_(signaling),
      inviter_(inviter),
      tasks_(tasks),
      log_(conference.log.named("Participant")) {}

xmpp::Element JingleSessions::answer(const xmpp::Element& iq) {
    const auto from = xmpp::Jid::parse(iq.get("from"));
    const xmpp::Element* const payload = iq.child("jingle", xmpp::ns::kJingle);
    if (!from || !payload) return xmpp::make_error(iq, stanza_error("bad-request"));
    const Refusal refusal = dispatch(from->resource(), *payload);
    if (!refusal) return xmpp::make_result(iq);
    log_.info("Refusing {} of {}: {}", payload->get("action"), from->resource(),
              refusal->to_string());
    return xmpp::make_error(iq, *refusal);
}

JingleSessions::Refusal JingleSessions::dispatch(const std::string& id,
                                                 const xmpp::Element& payload) {
    const xmpp::JingleHead head = xmpp::read_jingle_head(payload);
    if (Refusal refusal = find_session(id, head)) return refusal;
    if (head.action == JingleAction::missing) {
        return stanza_error("bad-request", "Missing 'action'");
    }
    if (head.action == JingleAction::unsupported) {
        return stanza_error("feature-not-implemented", "Unsupported 'action'");
    }
    const auto jingle = xmpp::parse_jingle(payload);
    if (!jingle) return stanza_error("bad-request", jingle.error().what);
    count_jingle(conference_.focus.counters.jingle_received, head.action);
    Participant& participant = *conference_.participant(id);
    switch (head.action) {
        case JingleAction::session_accept:
        case JingleAction::transport_accept:
            return on_accept(participant, *jingle);
        case JingleAction::transport_info:
            return on_transport_info(participant, *jingle);
        case JingleAction::source_add:
            return on_source_add(participant, *jingle);
        case JingleAction::source_remove:
            return on_source_remove(participant, *jingle);
        case JingleAction::session_terminate:
            return on_terminate(participant, *jingle);
        case JingleAction::session_info:
            return on_info(participant, *jingle);
        case JingleAction::transport_reject:
            log_.warning("{} rejected a transport.", id);
            return {};
        default:
            return stanza_error("feature-not-implemented", "Unsupported 'action'");
    }
}

// A session is found by its id and its participant together, so that nobody acts for another.
JingleSessions::Refusal JingleSessions::find_session(const std::string& id,
                                                     const xmpp::JingleHead& head) const {
    const Participant* const participant = conference_.participant(id);
    const bool current = participant && !head.sid.empty() && participant->sid == head.sid;
    if (current) return {};
    const auto& ended = conference_.ended_sessions;
    if (std::find(ended.begin(), ended.end(), head.sid) == ended.end()) {
        return stanza_error("bad-request");
    }
    const bool replaced = participant && participant->session != SessionState::none;
    const bool accept = head.action == JingleAction::session_accept ||
                        head.action == JingleAction::transport_accept;
    if (!replaced) return stanza_error("gone", "session ended");
    if (accept) return stanza_error("gone", "session has been replaced");
    return stanza_error("item-not-found", "jingle session no longer active");
}

JingleSessions::Refusal JingleSessions::on_accept(Participant& participant, const Jingle& jingle) {
    log_.info("Received {} from {}", xmpp::to_string(jingle.action), participant.id);
    participant.session = SessionState::active;
    const EndpointSourceSet offered = sources_from_jingle(jingle.contents);
    if (is_visitor(participant) && !offered.empty()) {
        return stanza_error("forbidden", "sources not allowed for visitors");
    }
    EndpointSourceSet accepted;
    if (!offered.empty()) {
        const auto added = conference_.sources.try_add(participant.id, offered);
        if (!added) {
            end(participant);
            return stanza_error("bad-request", added.error().what);
        }
        accepted = *added;
    }
    log_.info("Accepted initial sources from {}: {} sources, {} groups", participant.id,
              accepted.sources.size(), accepted.groups.size());
    auto transport = first_transport(jingle);
    if (transport) transport->rtcp_mux = true;
    bridges_.update(participant.id,
                    {.ice = std::move(transport),
                     .sources = media_sources(participant.id,
                                              conference_.sources.of(participant.id)),
                     .initial_last_n = initial_last_n(jingle)});
    inviter_.on_session_accepted();
    signaling_.add(participant.id, accepted);
    signaling_.start(participant);
    return {};
}

// Its place on the bridge is left to it: a client that offers odd sources may still listen.
void JingleSessions::end(Participant& participant) {
    participant.session = SessionState::none;
    conference_.end_session_id(std::exchange(participant.sid, {}));
}

JingleSessions::Refusal JingleSessions::on_transport_info(Participant& participant,
                                                          const Jingle& jingle) {
    auto transport = first_transport(jingle);
    if (!transport) return stanza_error("bad-request", "missing transport");
    bridges_.update(participant.id,
                    {.ice = std::move(transport), .sources = {}, .initial_last_n = {}});
    return {};
}

JingleSessions::Refusal JingleSessions::on_source_add(Participant& participant,
                                                      const Jingle& jingle) {
    if (is_visitor(participant)) {
        return stanza_error("forbidden", "add-source not allowed for visitors");
    }
    const EndpointSourceSet wanted = sources_from_jingle(jingle.contents);
    if (wanted.empty()) return {};
    if (Refusal refusal = check_senders(wanted)) return refusal;
    const auto added = conference_.sources.try_add(participant.id, wanted);
    if (!added) return stanza_error("bad-request", added.error().what);
    update_sources(participant);
    signaling_.add(participant.id, *added);
    return {};
}

JingleSessions::Refusal JingleSessions::on_source_remove(Participant& participant,
                                                         const Jingle& jingle) {
    const EndpointSourceSet wanted = sources_from_jingle(jingle.contents);
    if (wanted.empty()) return {};
    const auto removed = conference_.sources.try_remove(participant.id, wanted);
    if (!removed) return stanza_error("bad-request", removed.error().what);
    update_sources(participant);
    signaling_.remove(participant.id, *removed);
    return {};
}

// Counted from presence, not from sources: muted sources do not load anybody.
JingleSessions::Refusal JingleSessions::check_senders(const EndpointSourceSet& added) const {
    const ConferenceConfig& config = conference_.focus.config.conference;
    const bool audio = added.has_audio() &&
                       conference_.members.audio_senders() >= config.max_audio_senders;
    const bool video = added.has_video() &&
                       conference_.members.video_senders() >= config.max_video_senders;
    if (!audio && !video) return {};
    std::string text = "Sender count exceeded for: ";
    if (audio) text += "audio ";
    if (video) text += "video";
    return stanza_error("resource-constraint", text);
}

void JingleSessions::update_sources(const Participant& participant) {
    bridges_.update(participant.id,
                    {.ice = {},
                     .sources = media_sources(participant.id,
                                              conference_.sources.of(participant.id)),
                     .initial_last_n = {}});
}

bool JingleSessions::is_visitor(const Participant& participant) const {
    const Member* const member = conference_.members.find(participant.id);
    return member && member->role == MemberRole::visitor;
}

}  // namespace jmeet::focus
