// One occupant of a conference room as its presence describes it: role, region, mute state, and
// whether it is a service (Jibri, Jigasi, transcriber) rather than a person.
//
// Values in a table that keeps the order of joining; owned by Conference; control thread.
// XEP-0045 with Jitsi's extensions.
#pragma once

#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <vector>

#include "focus/features.hpp"
#include "xmpp/jid.hpp"
#include "xmpp/jitsi_presence.hpp"
#include "xmpp/muc_presence.hpp"

namespace jmeet::focus {

enum class MemberRole : std::uint8_t { owner, moderator, participant, visitor };

// Affiliation first: owner and admin count whatever the role.
MemberRole member_role(xmpp::MucAffiliation affiliation, xmpp::MucRole role);
const char* to_string(MemberRole role);
inline bool has_moderator_rights(MemberRole role) {
    return role == MemberRole::owner || role == MemberRole::moderator;
}

struct Member {
    std::string id;      // the nick, which is the endpoint id everywhere
    xmpp::Jid occupant;  // room/nick
    xmpp::Jid real_jid;  // empty where the room hides it
    // Our connection was lost: not seen since. Settled when the room is entered again.
    bool unconfirmed = false;
    std::uint64_t serial = 0;  // one per join: a nick that comes back is another member
    MemberRole role = MemberRole::participant;
    bool has_role = false;  // a first presence was applied
    std::optional<std::string> region;
    std::string stats_id;
    bool audio_muted = true;
    bool video_muted = true;
    bool jibri = false;
    bool jigasi = false;
    bool transcriber = false;
    bool diarize = false;
    std::vector<std::string> codecs;  // of video, the best liked first
    std::optional<xmpp::CapsRef> caps;
    std::optional<Features> features;  // once discovered

    // May not be force-muted: a recorder, a gateway that cannot, a visitor.
    bool force_mute_suppressed() const;
    bool counts_as_visitor() const { return has_role && role == MemberRole::visitor; }
    // For the log and for electing an owner.
    bool is_person() const { return !jibri && !jigasi; }
    std::string to_string() const;
};

// Takes over what this presence says; what it does not say of region and stats-id stays.
// Services are believed only from trusted domains of real JIDs.
void apply_presence(Member& member, const xmpp::Occupant& occupant,
                    const std::vector<std::string>& trusted_domains);

class Members {
 public:
    // A new presence of an unknown occupant. LIMIT: rooms are bounded by the server.
    Member& add(const xmpp::Jid& occupant);
    bool remove(const std::string& id);
    Member* find(const std::string& id);
    const Member* find(const std::string& id) const;
    std::list<Member>& all() { return members_; }
    const std::list<Member>& all() const { return members_; }
    std::size_t size() const { return members_.size(); }
    bool empty() const { return members_.empty(); }
    int audio_senders() const;
    int video_senders() const;
    int visitors() const;

 private:
    std::list<Member> members_;  // in the order of joining
    std::uint64_t next_serial_ = 1;
};

}  // namespace jmeet::focus
