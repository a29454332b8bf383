#include "bridge/allocation/sender_constraints.hpp"

#include <algorithm>
#include <utility>

namespace jmeet::bridge {

std::int32_t ReceiverConstraintsMap::put(const std::string& receiver,
                                         const VideoConstraints& constraints) {
    const std::int32_t height = constraints.disabled() ? 0 : constraints.max_height;
    const auto [known, added] = heights_.emplace(receiver, height);
    const std::int32_t before = added ? 0 : std::exchange(known->second, height);
    if (!added && before == height) return max_;
    if (height < 0) {
        max_ = VideoConstraints::kUnlimited;
    } else if (max_ >= 0 && height >= max_) {
        max_ = height;
    } else if (!added && (before < 0 || before == max_)) {
        recompute();  // who wanted most wants less
    }
    return max_;
}

std::int32_t ReceiverConstraintsMap::remove(const std::string& receiver) {
    if (heights_.erase(receiver)) recompute();
    return max_;
}

void ReceiverConstraintsMap::recompute() {
    max_ = 0;
    for (const auto& [receiver, height] : heights_) {
        if (height < 0) {
            max_ = VideoConstraints::kUnlimited;
            return;
        }
        max_ = std::max(max_, height);
    }
}

std::optional<SenderConstraint> SenderConstraints::tell(const SourceName& name, Source& source) {
    const std::int32_t max = source.receivers.max_height();
    if (source.told == max) return std::nullopt;
    source.told = max;
    return SenderConstraint{name, max};
}

std::optional<SenderConstraint> SenderConstraints::put(const SourceName& source,
                                                       const std::string& receiver,
                                                       const VideoConstraints& constraints) {
    Source& entry = sources_[source];
    entry.receivers.put(receiver, constraints);
    return tell(source, entry);
}

std::optional<SenderConstraint> SenderConstraints::remove(const SourceName& source,
                                                          const std::string& receiver) {
    const auto it = sources_.find(source);
    if (it == sources_.end()) return std::nullopt;
    it->second.receivers.remove(receiver);
    return it->second.told ? tell(source, it->second) : std::nullopt;
}

std::vector<SenderConstraint> SenderConstraints::remove_receiver(const std::string& receiver) {
    std::vector<SenderConstraint> out;
    for (auto& [name, entry] : sources_) {
        entry.receivers.remove(receiver);
        if (auto told = entry.told ? tell(name, entry) : std::nullopt) out.push_back(*told);
    }
    return out;
}

void SenderConstraints::remove_source(const SourceName& source) { sources_.erase(source); }

std::vector<SenderConstraint> SenderConstraints::all() const {
    std::vector<SenderConstraint> out;
    for (const auto& [name, entry] : sources_) {
        if (entry.told) out.push_back({name, *entry.told});
    }
    return out;
}

}  // namespace jmeet::bridge
