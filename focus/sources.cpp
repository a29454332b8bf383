#include "focus/sources.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

namespace jmeet::focus {
namespace {

std::string to_string(const std::vector<std::uint32_t>& ssrcs) {
    std::string out = "[";
    for (const std::uint32_t ssrc : ssrcs) {
        if (out.size() > 1) out += ", ";
        out += std::to_string(ssrc);
    }
    return out + "]";
}

bool contains(const SourceGroup& group, std::uint32_t ssrc) {
    return std::find(group.ssrcs.begin(), group.ssrcs.end(), ssrc) != group.ssrcs.end();
}

std::optional<std::size_t> find_group(const EndpointSourceSet& set, GroupSemantics semantics,
                                      std::uint32_t ssrc) {
    for (std::size_t i = 0; i < set.groups.size(); ++i) {
        if (set.groups[i].semantics == semantics && contains(set.groups[i], ssrc)) return i;
    }
    return {};
}

// The sources that belong together: a SIM group with the RTX of its members, else a FID group,
// else the source alone. Named by the group's index, or past all groups by the SSRC.
std::uint64_t extended_group(const EndpointSourceSet& set, std::uint32_t ssrc) {
    if (const auto sim = find_group(set, GroupSemantics::sim, ssrc)) return *sim;
    if (const auto fid = find_group(set, GroupSemantics::fid, ssrc)) {
        const SourceGroup& group = set.groups[*fid];
        if (group.ssrcs.size() == 2 && group.ssrcs[1] == ssrc) {
            if (const auto sim = find_group(set, GroupSemantics::sim, group.ssrcs[0])) return *sim;
        }
        return *fid;
    }
    return (std::uint64_t{1} << 32) + ssrc;
}

Result<void> check_groups(const EndpointSourceSet& set) {
    for (const SourceGroup& group : set.groups) {
        if (group.semantics == GroupSemantics::fid && group.ssrcs.size() != 2) {
            return fail("Invalid FID group: " + to_string(group.ssrcs) + ".");
        }
    }
    for (const SourceGroup& group : set.groups) {
        std::optional<std::string> msid;
        for (const std::uint32_t ssrc : group.ssrcs) {
            const Source* source = set.find(ssrc);
            if (!source || source->msid.empty()) {
                return fail("Required source parameter 'msid' is not present.");
            }
            if (msid && *msid != source->msid) {
                return fail("SsrcGroup contains sources with different MSIDs: " +
                            to_string(group.ssrcs) + ".");
            }
            msid = source->msid;
        }
    }
    return {};
}

// An msid names one track: two groups of one media type cannot both have it.
Result<void> check_msids(const EndpointSourceSet& set) {
    std::map<std::pair<MediaType, std::string>, std::uint64_t> groups;
    for (const Source& source : set.sources) {
        if (source.msid.empty()) continue;
        const auto [known, is_new] = groups.try_emplace({source.media, source.msid},
                                                        extended_group(set, source.ssrc));
        if (!is_new && known->second != extended_group(set, source.ssrc)) {
            return fail("MSID is already used: " + source.msid + ".");
        }
    }
    return {};
}

Result<void> check_result(const EndpointSourceSet& set) {
    if (auto done = check_groups(set); !done) return done;
    return check_msids(set);
}

bool is_stored(const EndpointSourceSet& set, const SourceGroup& group) {
    return std::find(set.groups.begin(), set.groups.end(), group) != set.groups.end();
}

// The groups that are new, each of known sources.
Result<void> accept_groups(const EndpointSourceSet& existing, const EndpointSourceSet& wanted,
                           EndpointSourceSet& accepted) {
    for (const SourceGroup& group : wanted.groups) {
        if (group.ssrcs.empty() || is_stored(existing, group) || is_stored(accepted, group)) {
            continue;
        }
        for (const std::uint32_t ssrc : group.ssrcs) {
            if (existing.find(ssrc) || accepted.find(ssrc)) continue;
            return fail("An SSRC group contains an SSRC, which hasn't been signaled as a source: " +
                        to_string(group.ssrcs) + ".");
        }
        accepted.groups.push_back(group);
    }
    return {};
}

}  // namespace

Result<void> ConferenceSources::check_source(const std::string& owner, const Source& source,
                                             const EndpointSourceSet& accepted,
                                             std::size_t existing) const {
    if (source.ssrc == 0) return fail("Invalid SSRC: 0.");
    if (ssrc_owners_.contains(source.ssrc) || accepted.find(source.ssrc)) {
        return fail("SSRC is already used: " + std::to_string(source.ssrc) + ".");
    }
    if (!source.msid.empty()) {
        const auto found = msid_owners_.find(source.msid);
        if (found != msid_owners_.end() && found->second != owner) {
            return fail("MSID is already used: " + source.msid + ".");
        }
    }
    if (existing + accepted.sources.size() + 1 > limits_.max_ssrcs_per_user) {
        return fail("SSRC limit (" + std::to_string(limits_.max_ssrcs_per_user) + ") exceeded.");
    }
    return {};
}

Result<EndpointSourceSet> ConferenceSources::try_add(const std::string& owner,
                                                     const EndpointSourceSet& set) {
    const EndpointSourceSet existing = of(owner);
    EndpointSourceSet accepted;
    for (const Source& source : set.sources) {
        // A request that names a source twice, in the same words, names it once.
        const Source* twin = accepted.find(source.ssrc);
        if (twin && *twin == source) continue;
        if (auto done = check_source(owner, source, accepted, existing.sources.size()); !done) {
            return done.error();
        }
        accepted.sources.push_back(source);
    }
    if (auto done = accept_groups(existing, set, accepted); !done) return done.error();
    if (existing.groups.size() + accepted.groups.size() > limits_.max_groups_per_user) {
        return fail("ssrc-group limit (" + std::to_string(limits_.max_groups_per_user) +
                    ") exceeded.");
    }
    if (auto done = check_result(existing + accepted); !done) return done.error();

    for (const Source& source : accepted.sources) {
        ssrc_owners_.emplace(source.ssrc, owner);
        if (!source.msid.empty()) msid_owners_.emplace(source.msid, owner);
    }
    map_.add(owner, accepted);
    return accepted;
}

Result<EndpointSourceSet> ConferenceSources::try_remove(const std::string& owner,
                                                        const EndpointSourceSet& set) {
    if (set.empty()) return EndpointSourceSet{};
    const EndpointSourceSet* existing = map_.find(owner);
    if (!existing) return fail("Source does not exist or is not owned by endpoint .");
    EndpointSourceSet removed;
    for (const Source& source : set.sources) {
        const Source* stored = existing->find(source.ssrc);
        if (!stored) {
            return fail("Source does not exist or is not owned by endpoint (ssrc=" +
                        std::to_string(source.ssrc) + ").");
        }
        if (!removed.find(stored->ssrc)) removed.sources.push_back(*stored);
    }
    for (const SourceGroup& group : set.groups) {
        if (!is_stored(*existing, group)) return fail("Source group does not exist");
        if (!is_stored(removed, group)) removed.groups.push_back(group);
    }
    for (const SourceGroup& group : existing->groups) {
        const bool touched = std::any_of(group.ssrcs.begin(), group.ssrcs.end(),
                                         [&](std::uint32_t ssrc) { return removed.find(ssrc); });
        if (touched && !is_stored(removed, group)) removed.groups.push_back(group);
    }
    if (auto done = check_result(*existing - removed); !done) return done.error();
    map_.remove(owner, removed);
    forget(owner, removed);
    return removed;
}

EndpointSourceSet ConferenceSources::remove_owner(const std::string& owner) {
    EndpointSourceSet removed = map_.remove_owner(owner);
    forget(owner, removed);
    return removed;
}

void ConferenceSources::forget(const std::string& owner, const EndpointSourceSet& removed) {
    const EndpointSourceSet* left = map_.find(owner);
    for (const Source& source : removed.sources) {
        ssrc_owners_.erase(source.ssrc);
        const bool still_used =
            left && std::any_of(left->sources.begin(), left->sources.end(),
                                [&](const Source& s) { return s.msid == source.msid; });
        if (!still_used) msid_owners_.erase(source.msid);
    }
}

EndpointSourceSet ConferenceSources::of(const std::string& owner) const {
    const EndpointSourceSet* found = map_.find(owner);
    return found ? *found : EndpointSourceSet{};
}

ConferenceSourceMap ConferenceSources::except(const std::string& owner) const {
    ConferenceSourceMap out = map_;
    out.remove_owner(owner);
    return out;
}

}  // namespace jmeet::focus
