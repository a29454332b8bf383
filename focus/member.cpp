#include "focus/member.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "xmpp/jitsi_source_info.hpp"
#include "xmpp/namespaces.hpp"

namespace jmeet::focus {
namespace {

bool contains(const std::vector<std::string>& list, std::string_view text) {
    return std::find(list.begin(), list.end(), text) != list.end();
}

void apply_role(Member& member, const xmpp::Occupant& occupant) {
    const MemberRole role = member_role(occupant.affiliation, occupant.role);
    // A visitor stays a visitor, and nobody becomes one: Jitsi lets people leave and join anew.
    const bool crosses = (role == MemberRole::visitor) != (member.role == MemberRole::visitor);
    if (!member.has_role || !crosses) member.role = role;
    member.has_role = true;
    if (occupant.real_jid) member.real_jid = *occupant.real_jid;
}

xmpp::Element as_presence(const xmpp::Occupant& occupant) {
    xmpp::Element presence("presence", xmpp::ns::kClient);
    presence.children() = occupant.extensions;
    return presence;
}

void apply_mute_state(Member& member, const xmpp::MemberPresence& said) {
    if (!said.source_info) {
        member.audio_muted = said.audio_muted;
        member.video_muted = said.video_muted;
        return;
    }
    const auto sources = xmpp::parse_source_info(*said.source_info);
    if (!sources) return;
    member.audio_muted = xmpp::is_muted(*sources, xmpp::SourceMedia::audio);
    member.video_muted = xmpp::is_muted(*sources, xmpp::SourceMedia::video);
}

}  // namespace

MemberRole member_role(xmpp::MucAffiliation affiliation, xmpp::MucRole role) {
    using xmpp::MucAffiliation;
    using xmpp::MucRole;
    if (affiliation == MucAffiliation::owner) return MemberRole::owner;
    if (affiliation == MucAffiliation::admin || role == MucRole::moderator) {
        return MemberRole::moderator;
    }
    return role == MucRole::participant ? MemberRole::participant : MemberRole::visitor;
}

const char* to_string(MemberRole role) {
    switch (role) {
        case MemberRole::owner: return "OWNER";
        case MemberRole::moderator: return "MODERATOR";
        case MemberRole::participant: return "PARTICIPANT";
        case MemberRole::visitor: break;
    }
    return "VISITOR";
}

bool Member::force_mute_suppressed() const {
    const bool mutable_gateway = features && features->has(Feature::audio_mute);
    return jibri || (jigasi && !mutable_gateway) || role == MemberRole::visitor;
}

std::string Member::to_string() const {
    return fmt::format("ChatMember[id={} role={}]", id, focus::to_string(role));
}

void apply_presence(Member& member, const xmpp::Occupant& occupant,
                    const std::vector<std::string>& trusted_domains) {
    const xmpp::MemberPresence said = xmpp::parse_member_presence(as_presence(occupant));
    apply_role(member, occupant);
    if (said.region) member.region = said.region;
    if (said.stats_id) member.stats_id = *said.stats_id;
    if (said.caps) member.caps = said.caps;
    member.codecs = said.codecs;
    member.diarize = said.diarize;
    apply_mute_state(member, said);
    const bool trusted = contains(trusted_domains, member.real_jid.domain());
    member.jibri = trusted && contains(said.features, xmpp::kFeatureJibri);
    member.jigasi = trusted && contains(said.features, xmpp::kFeatureJigasi);
    member.transcriber = trusted && contains(said.features, xmpp::kFeatureTranscriber);
}

Member& Members::add(const xmpp::Jid& occupant) {
    Member& member = members_.emplace_back();
    member.id = occupant.resource();
    member.occupant = occupant;
    member.serial = next_serial_++;
    return member;
}

bool Members::remove(const std::string& id) {
    return std::erase_if(members_, [&](const Member& m) { return m.id == id; }) > 0;
}

Member* Members::find(const std::string& id) {
    for (Member& member : members_) {
        if (member.id == id) return &member;
    }
    return nullptr;
}

const Member* Members::find(const std::string& id) const {
    return const_cast<Members*>(this)->find(id);
}

int Members::audio_senders() const {
    return static_cast<int>(std::count_if(members_.begin(), members_.end(),
                                          [](const Member& m) { return !m.audio_muted; }));
}

int Members::video_senders() const {
    return static_cast<int>(std::count_if(members_.begin(), members_.end(),
                                          [](const Member& m) { return !m.video_muted; }));
}

int Members::visitors() const {
    return static_cast<int>(
        std::count_if(members_.begin(), members_.end(),
                      [](const Member& m) { return m.counts_as_visitor(); }));
}

}  // namespace jmeet::focus
