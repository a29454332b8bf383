// What one endpoint sends, and what a conference sends, as the focus knows it: sources, groups,
// and their arithmetic. XEP-0339 with Jitsi's names and video types.
//
// Plain values; control thread. Sets keep the order of signalling and compare without it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "bridge/rtp/media.hpp"

namespace jmeet::focus {

using bridge::MediaType;

enum class SourceVideoType : std::uint8_t { unspecified, camera, desktop };
enum class GroupSemantics : std::uint8_t { sim, fid };

struct Source {
    std::uint32_t ssrc = 0;
    MediaType media = MediaType::audio;
    std::string name;  // may be empty
    std::string msid;  // may be empty
    SourceVideoType video_type = SourceVideoType::unspecified;
    bool operator==(const Source&) const = default;
};

struct SourceGroup {
    GroupSemantics semantics = GroupSemantics::sim;
    std::vector<std::uint32_t> ssrcs;  // order matters
    MediaType media = MediaType::video;
    bool operator==(const SourceGroup&) const = default;
};

// What a recipient may be told of.
struct SourceFilter {
    bool audio = true;
    bool video = true;
    bool strip_simulcast = true;
};

struct EndpointSourceSet {
    std::vector<Source> sources;
    std::vector<SourceGroup> groups;

    bool empty() const { return sources.empty() && groups.empty(); }
    bool has_audio() const;
    bool has_video() const;
    const Source* find(std::uint32_t ssrc) const;
    // Union without duplicates; difference of equal entries.
    EndpointSourceSet& operator+=(const EndpointSourceSet& other);
    EndpointSourceSet& operator-=(const EndpointSourceSet& other);
    // Of each SIM group the first SSRC with its FID partner is left, the group itself goes.
    EndpointSourceSet without_simulcast() const;
    EndpointSourceSet filtered(const SourceFilter& filter) const;
    // As sets.
    bool operator==(const EndpointSourceSet& other) const;
};

EndpointSourceSet operator+(EndpointSourceSet a, const EndpointSourceSet& b);
EndpointSourceSet operator-(EndpointSourceSet a, const EndpointSourceSet& b);

// Owner (endpoint id, or "jvb" for the bridge's own) -> set. An owner with an empty set does not
// exist.
class ConferenceSourceMap {
 public:
    ConferenceSourceMap() = default;
    ConferenceSourceMap(std::string owner, EndpointSourceSet set) { add(owner, set); }

    bool empty() const { return sets_.empty(); }
    std::size_t size() const { return sets_.size(); }
    const std::map<std::string, EndpointSourceSet>& sets() const { return sets_; }
    const EndpointSourceSet* find(const std::string& owner) const;

    void add(const std::string& owner, const EndpointSourceSet& set);
    void add(const ConferenceSourceMap& other);
    void remove(const std::string& owner, const EndpointSourceSet& set);
    void remove(const ConferenceSourceMap& other);
    // The set that was there.
    EndpointSourceSet remove_owner(const std::string& owner);
    ConferenceSourceMap filtered(const SourceFilter& filter) const;
    bool operator==(const ConferenceSourceMap&) const = default;

 private:
    std::map<std::string, EndpointSourceSet> sets_;
};

inline constexpr char kBridgeOwner[] = "jvb";

}  // namespace jmeet::focus
