#include "focus/role_manager.hpp"

namespace jmeet::focus {

const Member* choose_owner(const Members& members) {
    for (const Member& member : members.all()) {
        if (member.is_person() && member.role == MemberRole::owner) return &member;
    }
    for (const Member& member : members.all()) {
        if (member.is_person() && member.role != MemberRole::visitor) return &member;
    }
    return nullptr;
}

RoleManager::RoleManager(ConferenceState& conference, xmpp::MucRoom& room, TaskGroup& tasks)
    : conference_(conference), room_(room), tasks_(tasks) {}

void RoleManager::on_members_changed() {
    if (!enabled_ || !owner_.empty()) return;
    const Member* const chosen = choose_owner(conference_.members);
    if (!chosen) return;
    owner_ = chosen->id;
    if (chosen->role == MemberRole::owner) return;
    const log::Logger log = conference_.log.named("AutoOwnerRoleManager");
    log.info("Electing new owner: {}", chosen->to_string());
    if (chosen->real_jid.empty()) {
        log.warning("{} cannot be made owner: the room hides real JIDs.", chosen->id);
        return;
    }
    tasks_.spawn("grant owner", grant(chosen->id, chosen->real_jid.bare()));
}

void RoleManager::on_member_left(const std::string& id) {
    if (id != owner_) return;
    owner_.clear();
    on_members_changed();
}

awaitable<void> RoleManager::grant(std::string id, xmpp::Jid real_jid) {
    const auto answer =
        co_await room_.request_affiliation(std::move(real_jid), xmpp::MucAffiliation::owner);
    if (!answer) {
        conference_.log.named("AutoOwnerRoleManager")
            .warning("Failed to grant owner to {}: {}", id, answer.error().to_string());
    }
}

}  // namespace jmeet::focus
