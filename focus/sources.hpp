// All sources of a conference, and the rules by which clients may add and remove them.
//
// One per conference, owned by it; control thread. A refusal's text goes into a bad-request and is
// spelled as Jicofo spells it. State is unchanged by a refusal.
#pragma once

#include <string>
#include <unordered_map>

#include "base/result.hpp"
#include "focus/source_set.hpp"

namespace jmeet::focus {

struct SourceLimits {
    // LIMIT: Jicofo's max-ssrcs-per-user; a camera with 3 layers and RTX, a screen and a
    // microphone need 9.
    std::size_t max_ssrcs_per_user = 20;
    std::size_t max_groups_per_user = 20;
};

class ConferenceSources {
 public:
    explicit ConferenceSources(const SourceLimits& limits = {}) : limits_(limits) {}

    // session-accept, transport-accept, source-add. What was really added: empty groups and groups
    // that are already there are dropped.
    Result<EndpointSourceSet> try_add(const std::string& owner, const EndpointSourceSet& set);
    // source-remove. What was really removed: groups that touch a removed source go with it.
    Result<EndpointSourceSet> try_remove(const std::string& owner, const EndpointSourceSet& set);
    // The participant is gone or is invited anew. What it had.
    EndpointSourceSet remove_owner(const std::string& owner);

    // A view that follows later changes.
    const ConferenceSourceMap& map() const { return map_; }
    EndpointSourceSet of(const std::string& owner) const;
    // Everybody's but this one's.
    ConferenceSourceMap except(const std::string& owner) const;

 private:
    Result<void> check_source(const std::string& owner, const Source& source,
                              const EndpointSourceSet& accepted, std::size_t existing) const;
    void forget(const std::string& owner, const EndpointSourceSet& removed);

    SourceLimits limits_;
    ConferenceSourceMap map_;
    std::unordered_map<std::uint32_t, std::string> ssrc_owners_;
    std::unordered_map<std::string, std::string> msid_owners_;
};

}  // namespace jmeet::focus
