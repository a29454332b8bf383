// What all receivers together want of one local or relayed source: SenderSourceConstraints.
//
// One SenderConstraints per sending endpoint, on its conference's media worker. Receivers are
// endpoint ids or relay ids. Only heights are joined: -1 (unlimited) beats all, else the largest,
// 0 when nobody asks. They follow wishes (effective constraints), not bandwidth.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/ids.hpp"
#include "bridge/allocation/layers.hpp"

namespace jmeet::bridge {

// The receivers of one source and the largest height among them.
class ReceiverConstraintsMap {
 public:
    // Returns the maximum afterwards.
    std::int32_t put(const std::string& receiver, const VideoConstraints& constraints);
    std::int32_t remove(const std::string& receiver);
    std::int32_t max_height() const { return max_; }
    bool empty() const { return heights_.empty(); }

 private:
    void recompute();

    std::unordered_map<std::string, std::int32_t> heights_;
    std::int32_t max_ = 0;
};

struct SenderConstraint {
    SourceName source;
    std::int32_t max_height = 0;
    bool operator==(const SenderConstraint&) const = default;
};

class SenderConstraints {
 public:
    // What to tell the sender now; empty = it has been told already. The first value for a
    // source is always told, a 0 too.
    std::optional<SenderConstraint> put(const SourceName& source, const std::string& receiver,
                                        const VideoConstraints& constraints);
    std::optional<SenderConstraint> remove(const SourceName& source, const std::string& receiver);
    // The receiver left: one entry per source whose maximum changed.
    std::vector<SenderConstraint> remove_receiver(const std::string& receiver);
    // The owner no longer has the source.
    void remove_source(const SourceName& source);
    // For a channel that has just opened.
    std::vector<SenderConstraint> all() const;

 private:
    struct Source {
        ReceiverConstraintsMap receivers;
        std::optional<std::int32_t> told;
    };
    static std::optional<SenderConstraint> tell(const SourceName& name, Source& source);

    std::map<SourceName, Source> sources_;
};

}  // namespace jmeet::bridge
