// What a room says of an occupant (XEP-0045 7, 9): a presence parsed into values.
// Control thread; plain values.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "xmpp/element.hpp"
#include "xmpp/jid.hpp"

namespace jmeet::xmpp {

enum class MucRole { none, visitor, participant, moderator };
enum class MucAffiliation { outcast, none, member, admin, owner };

std::string_view to_string(MucRole role);
std::string_view to_string(MucAffiliation affiliation);
// Unknown words are none.
MucRole parse_muc_role(std::string_view text);
MucAffiliation parse_muc_affiliation(std::string_view text);

// XEP-0045 15.6; those that are looked at here.
namespace muc_status {
inline constexpr int kSelf = 110;
inline constexpr int kRoomCreated = 201;
inline constexpr int kNickAssigned = 210;
inline constexpr int kBanned = 301;
inline constexpr int kKicked = 307;
inline constexpr int kAffiliationLost = 321;
inline constexpr int kMembersOnly = 322;
inline constexpr int kServiceShutdown = 332;
inline constexpr int kUnreachable = 333;
}  // namespace muc_status

struct Occupant {
    std::string nick;
    Jid jid;                      // room@service/nick
    std::optional<Jid> real_jid;  // where the room shows it
    MucRole role = MucRole::none;
    MucAffiliation affiliation = MucAffiliation::none;
    // The presence's children except muc#user's x, by value, in order.
    std::vector<Element> extensions;
    // The server's list of those who were there when we came; all that came later is false.
    bool before_us = false;

    // nullptr where there is none. An empty namespace matches any.
    const Element* extension(std::string_view name, std::string_view ns = {}) const;
    bool operator==(const Occupant&) const = default;
};

struct MucPresence {
    bool available = true;
    Occupant occupant;
    std::set<int> status;
    std::string reason;     // of <item/> or <destroy/>
    std::string text;       // of <status/>: "switch_room", "Kicked: ..."
    bool destroyed = false;
    bool has(int code) const { return status.contains(code); }
};

// A presence without a type or unavailable, from room/nick; errors are not for this.
Result<MucPresence> parse_muc_presence(const Element& presence);

}  // namespace jmeet::xmpp
