#include "focus/role_manager.hpp"

#include <algorithm>

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

const char* RoleManager::name() const {
    switch (mode_) {
        case Mode::nobody: return "null";
        case Mode::first_person: return "AutoOwnerRoleManager";
        case Mode::by_session: return "AuthenticationRoleManager";
    }
    return "null";
}

void RoleManager::on_members_changed() {
    if (mode_ == Mode::first_person) elect();
    if (mode_ == Mode::by_session) grant_by_session();
}

void RoleManager::on_own_rights_changed() {
    asked_for_.clear();
    on_members_changed();
}

void RoleManager::elect() {
    if (!owner_.empty()) return;
    const Member* const chosen = choose_owner(conference_.members);
    if (!chosen) return;
    owner_ = chosen->id;
    if (chosen->role == MemberRole::owner) return;
    conference_.log.named(name()).info("Electing new owner: {}", chosen->to_string());
    start_grant(*chosen);
}

void RoleManager::grant_by_session() {
    const auto now = Clock::now();
    for (const Member& member : conference_.members.all()) {
        if (member.role == MemberRole::owner || asked_for_.contains(member.serial)) continue;
        if (!conference_.focus.auth->authenticated(member.real_jid, now)) continue;
        asked_for_.insert(member.serial);
        conference_.log.named(name()).info("Granting owner to {}, who has logged in.", member.id);
        start_grant(member);
    }
}

void RoleManager::start_grant(const Member& member) {
    if (member.real_jid.empty()) {
        conference_.log.named(name()).warning(
            "{} cannot be made owner: the room hides real JIDs.", member.id);
        return;
    }
    tasks_.spawn("grant owner", grant(member.id, member.real_jid.bare()));
}

void RoleManager::on_member_left(const std::string& id) {
    std::erase_if(asked_for_, [&](std::uint64_t serial) {
        const auto& all = conference_.members.all();
        return std::none_of(all.begin(), all.end(),
                            [&](const Member& m) { return m.serial == serial; });
    });
    if (id != owner_) return;
    owner_.clear();
    on_members_changed();
}

awaitable<void> RoleManager::grant(std::string id, xmpp::Jid real_jid) {
    const auto answer =
        co_await room_.request_affiliation(std::move(real_jid), xmpp::MucAffiliation::owner);
    // A meeting that ended meanwhile needs no owner.
    const auto stopped = (co_await asio::this_coro::cancellation_state).cancelled();
    if (!answer && stopped == asio::cancellation_type::none) {
        conference_.log.named(name()).warning("Failed to grant owner to {}: {}", id,
                                              answer.error().to_string());
    }
}

}  // namespace jmeet::focus
