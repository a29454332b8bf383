#include "bridge/speech/speaker_lists.hpp"

#include <algorithm>
#include <unordered_set>

namespace jmeet::bridge {

namespace {

void move_to_front(std::vector<EndpointId>& list, const EndpointId& id) {
    const auto it = std::find(list.begin(), list.end(), id);
    if (it == list.end()) {
        list.insert(list.begin(), id);
    } else {
        std::rotate(list.begin(), it, std::next(it));
    }
}

}  // namespace

bool RecentSpeakers::promote(const EndpointId& speaker) {
    if (!all_.empty() && all_.front() == speaker) return false;
    move_to_front(all_, speaker);
    return true;
}

bool RecentSpeakers::retain(std::span<const EndpointId> members) {
    const std::vector<EndpointId> before(list().begin(), list().end());
    std::erase_if(all_, [&](const EndpointId& id) {
        return std::find(members.begin(), members.end(), id) == members.end();
    });
    const auto after = list();
    return !std::equal(before.begin(), before.end(), after.begin(), after.end());
}

std::span<const EndpointId> RecentSpeakers::list() const {
    return std::span(all_).first(std::min(all_.size(), shown_));
}

SpeakerListChange SpeakerLists::sync(std::span<const ConferenceMember> members) {
    const std::optional<EndpointId> head =
        by_speech_.empty() ? std::nullopt : std::optional(by_speech_.front());
    members_.assign(members.begin(), members.end());
    std::unordered_set<EndpointId> present;
    std::vector<EndpointId> ids;
    for (const ConferenceMember& m : members_) {
        if (present.insert(m.id).second) ids.push_back(m.id);
    }
    std::erase_if(by_speech_, [&](const EndpointId& id) { return !present.contains(id); });
    const std::unordered_set<EndpointId> known(by_speech_.begin(), by_speech_.end());
    for (const EndpointId& id : ids) {
        if (!known.contains(id)) by_speech_.push_back(id);
    }
    const bool recent_changed = recent_.retain(ids);
    const std::optional<EndpointId> new_head =
        by_speech_.empty() ? std::nullopt : std::optional(by_speech_.front());
    SpeakerListChange change;
    change.announce_speaker =
        (recent_changed || (head && head != new_head)) && !recent_.list().empty();
    change.last_n_order = recompute_last_n();
    return change;
}

SpeakerListChange SpeakerLists::on_dominant(const EndpointId& speaker) {
    const auto it = std::find(by_speech_.begin(), by_speech_.end(), speaker);
    if (it == by_speech_.end()) return {};
    in_silence_ = false;
    move_to_front(by_speech_, speaker);
    recent_.promote(speaker);
    return {true, recompute_last_n()};
}

SpeakerListChange SpeakerLists::on_silence() {
    in_silence_ = true;
    return {!recent_.list().empty(), false};
}

bool SpeakerLists::recompute_last_n() {
    std::unordered_set<EndpointId> with_video;
    for (const ConferenceMember& m : members_) {
        if (m.video == VideoAvailability::available) with_video.insert(m.id);
    }
    std::vector<EndpointId> order = by_speech_;
    std::stable_partition(order.begin(), order.end(),
                          [&](const EndpointId& id) { return with_video.contains(id); });
    if (order == last_n_) return false;
    last_n_ = std::move(order);
    return true;
}

}  // namespace jmeet::bridge
