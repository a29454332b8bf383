#include "xmpp/muc_presence.hpp"

#include "xmpp/namespaces.hpp"

namespace jmeet::xmpp {
namespace {

// LIMIT: codes in one presence; XEP-0045 knows about twenty.
constexpr std::size_t kMaxStatusCodes = 32;

void read_item(const Element& item, MucPresence& presence) {
    presence.occupant.role = parse_muc_role(item.get("role"));
    presence.occupant.affiliation = parse_muc_affiliation(item.get("affiliation"));
    if (const auto jid = Jid::parse(item.get("jid"))) presence.occupant.real_jid = *jid;
    presence.reason = item.child_text("reason");
}

void read_muc_user(const Element& x, MucPresence& presence) {
    if (const Element* item = x.child("item")) read_item(*item, presence);
    for (const Element* status : x.children_named("status")) {
        const auto code = status->get_u32("code");
        if (code && *code < 1000 && presence.status.size() < kMaxStatusCodes) {
            presence.status.insert(static_cast<int>(*code));
        }
    }
    if (const Element* destroy = x.child("destroy")) {
        presence.destroyed = true;
        presence.reason = destroy->child_text("reason");
    }
}

}  // namespace

std::string_view to_string(MucRole role) {
    switch (role) {
        case MucRole::none: return "none";
        case MucRole::visitor: return "visitor";
        case MucRole::participant: return "participant";
        case MucRole::moderator: return "moderator";
    }
    return "none";
}

std::string_view to_string(MucAffiliation affiliation) {
    switch (affiliation) {
        case MucAffiliation::outcast: return "outcast";
        case MucAffiliation::none: return "none";
        case MucAffiliation::member: return "member";
        case MucAffiliation::admin: return "admin";
        case MucAffiliation::owner: return "owner";
    }
    return "none";
}

MucRole parse_muc_role(std::string_view text) {
    for (const auto role : {MucRole::visitor, MucRole::participant, MucRole::moderator}) {
        if (text == to_string(role)) return role;
    }
    return MucRole::none;
}

MucAffiliation parse_muc_affiliation(std::string_view text) {
    for (const auto affiliation : {MucAffiliation::outcast, MucAffiliation::member,
                                   MucAffiliation::admin, MucAffiliation::owner}) {
        if (text == to_string(affiliation)) return affiliation;
    }
    return MucAffiliation::none;
}

const Element* Occupant::extension(std::string_view name, std::string_view ns) const {
    for (const auto& e : extensions) {
        if (e.name() == name && (ns.empty() || e.ns() == ns)) return &e;
    }
    return nullptr;
}

Result<MucPresence> parse_muc_presence(const Element& presence) {
    const std::string& type = presence.get("type");
    if (!type.empty() && type != "unavailable") return fail("presence of type " + type);
    const auto from = Jid::parse(presence.get("from"));
    if (!from) return from.error();
    if (from->is_bare()) return fail("presence of a room without a nick");

    MucPresence parsed;
    parsed.available = type.empty();
    parsed.occupant.nick = from->resource();
    parsed.occupant.jid = *from;
    parsed.text = presence.child_text("status", presence.ns());
    for (const auto& child : presence.children()) {
        if (child.is("x", ns::kMucUser)) {
            read_muc_user(child, parsed);
        } else {
            parsed.occupant.extensions.push_back(child);
        }
    }
    return parsed;
}

}  // namespace jmeet::xmpp
