#include "focus/conference_record.hpp"

#include <climits>

#include "focus/source_wire.hpp"
#include "xmpp/namespaces.hpp"

namespace jmeet::focus {
namespace {

using xmpp::Element;

constexpr xmpp::MuteMedia kMedia[] = {xmpp::MuteMedia::audio, xmpp::MuteMedia::video,
                                      xmpp::MuteMedia::desktop};

void set_flag(Element& out, const char* name, bool flag) {
    if (flag) out.set(name, "true");
}

void write(Element& out, const AvModeration& moderation) {
    for (const xmpp::MuteMedia media : kMedia) {
        const auto& allowed = moderation.whitelist(media);
        if (!moderation.enabled(media) && allowed.empty()) continue;
        Element& element = out.add("moderation");
        element.set("media", std::string(xmpp::to_string(media)));
        set_flag(element, "enabled", moderation.enabled(media));
        for (const std::string& occupant : allowed) element.add("allowed").set("jid", occupant);
    }
}

AvModeration parse_moderation(const Element& in) {
    AvModeration moderation;
    for (const Element* const element : in.children_named("moderation", kRecordNamespace)) {
        const auto media = xmpp::parse_mute_media(element->get("media"));
        if (!media) continue;
        xmpp::AvModeration message;
        message.media = *media;
        message.enabled = element->get_bool("enabled");
        auto& allowed = message.whitelists.emplace_back(*media, std::vector<std::string>()).second;
        for (const Element* const child : element->children_named("allowed", kRecordNamespace)) {
            allowed.push_back(child->get("jid"));
        }
        moderation.apply(message);
    }
    return moderation;
}

ParticipantRecord record_of(const Participant& participant, const ConferenceState& state) {
    ParticipantRecord record;
    record.id = participant.id;
    record.features = participant.features;
    record.sid = participant.sid;
    record.accepted = participant.session == SessionState::active;
    record.sources = state.sources.of(participant.id);
    if (const Member* const member = state.members.find(participant.id)) {
        record.real_jid = member->real_jid;
        record.stats_id = member->stats_id;
        record.visitor = member->role == MemberRole::visitor;
    }
    return record;
}

Element write(const ParticipantRecord& record) {
    Element out("participant", kRecordNamespace);
    out.set("id", record.id).set("jid", record.real_jid.to_string());
    out.set("stats-id", record.stats_id);
    out.set("features", std::int64_t{record.features.bits()});
    set_flag(out, "visitor", record.visitor);
    set_flag(out, "audio-muted", record.force_mute.audio);
    set_flag(out, "video-muted", record.force_mute.video);
    if (record.sid.empty()) return out;
    out.set("accepted", record.accepted ? "true" : "false");
    // The session with its sources, as a client would be told of them.
    out.add(xmpp::write_jingle(source_change(xmpp::JingleAction::source_add, record.sid,
                                             ConferenceSourceMap(record.id, record.sources),
                                             SourceEncoding::xml)));
    return out;
}

Result<ParticipantRecord> parse_participant(const Element& element) {
    ParticipantRecord record;
    record.id = element.get("id");
    const auto jid = xmpp::Jid::parse(element.get("jid"));
    if (record.id.empty() || !jid) return fail("a participant without id or address");
    record.real_jid = *jid;
    record.stats_id = element.get("stats-id");
    record.features = Features::from_bits(element.get_u32("features").value_or(0));
    record.visitor = element.get_bool("visitor");
    record.force_mute = {element.get_bool("audio-muted"), element.get_bool("video-muted")};
    const Element* const session = element.child("jingle", xmpp::ns::kJingle);
    if (!session) return record;
    const auto jingle = xmpp::parse_jingle(*session);
    if (!jingle) return fail(jingle.error().what);
    record.sid = jingle->sid;
    record.accepted = element.get_bool("accepted");
    record.sources = sources_from_jingle(jingle->contents);
    return record;
}

void set_number(Element& out, const char* name, const std::optional<int>& number) {
    if (number) out.set(name, std::int64_t{*number});
}

std::optional<int> get_number(const Element& in, const char* name) {
    const auto number = in.get_int(name);
    if (!number || *number < INT_MIN || *number > INT_MAX) return {};
    return static_cast<int>(*number);
}

}  // namespace

std::string process_of(const Bridge& bridge) {
    return bridge.heartbeat() ? bridge.heartbeat()->ufrag : std::string();
}

ConferenceRecord record_of(const ConferenceState& state, const ConferenceBridges* bridges) {
    ConferenceRecord record;
    record.room = state.room;
    record.meeting_id = state.meeting_id;
    record.focus_resource = state.focus.client.jid().resource();
    record.shared_document = state.presence.shared_document;
    record.options = state.options;
    record.moderation = state.moderation;
    for (const auto& [id, participant] : state.participants) {
        record.participants.push_back(record_of(*participant, state));
        if (bridges) record.participants.back().force_mute = bridges->force_mute_of(id);
        const auto bridge = bridges ? bridges->bridge_of(id) : nullptr;
        if (!bridge || record.bridge) continue;
        record.bridge = {bridge->jid(), bridges->session_id_of(id), process_of(*bridge)};
    }
    return record;
}

Element write_record(const ConferenceRecord& record) {
    Element out("conference", kRecordNamespace);
    out.set("room", record.room.to_string()).set("meeting-id", record.meeting_id);
    out.set("focus-resource", record.focus_resource);
    out.set("shared-document", record.shared_document);
    out.set("rtcstats", record.options.rtcstats_enabled ? "true" : "false");
    set_number(out, "start-audio-muted", record.options.start_audio_muted);
    set_number(out, "start-video-muted", record.options.start_video_muted);
    if (record.bridge) {
        out.add("bridge")
            .set("jid", record.bridge->jid.to_string())
            .set("session", record.bridge->session_id)
            .set("process", record.bridge->process);
    }
    write(out, record.moderation);
    for (const ParticipantRecord& participant : record.participants) out.add(write(participant));
    return out;
}

Result<ConferenceRecord> parse_record(const Element& element) {
    if (!element.is("conference", kRecordNamespace)) {
        return fail("it was written by another version of jmeet");
    }
    ConferenceRecord record;
    const auto room = xmpp::Jid::parse(element.get("room"));
    if (!room || !room->is_bare() || element.get("meeting-id").empty()) {
        return fail("it names no room or no meeting");
    }
    record.room = *room;
    record.meeting_id = element.get("meeting-id");
    record.focus_resource = element.get("focus-resource");
    record.shared_document = element.get("shared-document");
    record.options.rtcstats_enabled = element.get_bool("rtcstats", true);
    record.options.start_audio_muted = get_number(element, "start-audio-muted");
    record.options.start_video_muted = get_number(element, "start-video-muted");
    if (const Element* const bridge = element.child("bridge", kRecordNamespace)) {
        const auto jid = xmpp::Jid::parse(bridge->get("jid"));
        if (!jid) return fail("its bridge has no address");
        record.bridge = {*jid, bridge->get("session"), bridge->get("process")};
    }
    record.moderation = parse_moderation(element);
    for (const Element* const child : element.children_named("participant", kRecordNamespace)) {
        auto participant = parse_participant(*child);
        if (!participant) return participant.error();
        record.participants.push_back(std::move(*participant));
    }
    return record;
}

}  // namespace jmeet::focus
