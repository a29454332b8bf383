#include "focus/source_set.hpp"

#include <algorithm>

namespace jmeet::focus {
namespace {

// Sets hold a few dozen entries at most: a walk beats hashing.
template <class T>
bool contains(const std::vector<T>& all, const T& one) {
    return std::find(all.begin(), all.end(), one) != all.end();
}

template <class T>
void unite(std::vector<T>& a, const std::vector<T>& b) {
    for (const T& one : b) {
        if (!contains(a, one)) a.push_back(one);
    }
}

template <class T>
void subtract(std::vector<T>& a, const std::vector<T>& b) {
    std::erase_if(a, [&](const T& one) { return contains(b, one); });
}

template <class T>
bool same_set(const std::vector<T>& a, const std::vector<T>& b) {
    return a.size() == b.size() && std::is_permutation(a.begin(), a.end(), b.begin());
}

}  // namespace

bool EndpointSourceSet::has_audio() const {
    return std::any_of(sources.begin(), sources.end(),
                       [](const Source& s) { return s.media == MediaType::audio; });
}

bool EndpointSourceSet::has_video() const {
    return std::any_of(sources.begin(), sources.end(),
                       [](const Source& s) { return s.media == MediaType::video; });
}

const Source* EndpointSourceSet::find(std::uint32_t ssrc) const {
    const auto found = std::find_if(sources.begin(), sources.end(),
                                    [&](const Source& s) { return s.ssrc == ssrc; });
    return found == sources.end() ? nullptr : &*found;
}

EndpointSourceSet& EndpointSourceSet::operator+=(const EndpointSourceSet& other) {
    unite(sources, other.sources);
    unite(groups, other.groups);
    return *this;
}

EndpointSourceSet& EndpointSourceSet::operator-=(const EndpointSourceSet& other) {
    subtract(sources, other.sources);
    subtract(groups, other.groups);
    return *this;
}

EndpointSourceSet EndpointSourceSet::without_simulcast() const {
    std::vector<std::uint32_t> dropped;
    EndpointSourceSet out;
    for (const SourceGroup& group : groups) {
        if (group.semantics != GroupSemantics::sim || group.ssrcs.empty()) continue;
        dropped.insert(dropped.end(), group.ssrcs.begin() + 1, group.ssrcs.end());
    }
    for (const SourceGroup& group : groups) {
        if (group.semantics != GroupSemantics::fid) continue;
        if (group.ssrcs.size() == 2 && contains(dropped, group.ssrcs[0])) {
            dropped.push_back(group.ssrcs[1]);
        } else {
            out.groups.push_back(group);
        }
    }
    for (const Source& source : sources) {
        if (!contains(dropped, source.ssrc)) out.sources.push_back(source);
    }
    return out;
}

EndpointSourceSet EndpointSourceSet::filtered(const SourceFilter& filter) const {
    const auto wanted = [&](MediaType media) {
        return media == MediaType::audio ? filter.audio : filter.video;
    };
    EndpointSourceSet out;
    for (const Source& source : sources) {
        if (wanted(source.media)) out.sources.push_back(source);
    }
    for (const SourceGroup& group : groups) {
        if (wanted(group.media)) out.groups.push_back(group);
    }
    return filter.strip_simulcast ? out.without_simulcast() : out;
}

bool EndpointSourceSet::operator==(const EndpointSourceSet& other) const {
    return same_set(sources, other.sources) && same_set(groups, other.groups);
}

EndpointSourceSet operator+(EndpointSourceSet a, const EndpointSourceSet& b) {
    a += b;
    return a;
}

EndpointSourceSet operator-(EndpointSourceSet a, const EndpointSourceSet& b) {
    a -= b;
    return a;
}

const EndpointSourceSet* ConferenceSourceMap::find(const std::string& owner) const {
    const auto found = sets_.find(owner);
    return found == sets_.end() ? nullptr : &found->second;
}

void ConferenceSourceMap::add(const std::string& owner, const EndpointSourceSet& set) {
    if (!set.empty()) sets_[owner] += set;
}

void ConferenceSourceMap::add(const ConferenceSourceMap& other) {
    for (const auto& [owner, set] : other.sets_) add(owner, set);
}

void ConferenceSourceMap::remove(const std::string& owner, const EndpointSourceSet& set) {
    const auto found = sets_.find(owner);
    if (found == sets_.end()) return;
    found->second -= set;
    if (found->second.empty()) sets_.erase(found);
}

void ConferenceSourceMap::remove(const ConferenceSourceMap& other) {
    for (const auto& [owner, set] : other.sets_) remove(owner, set);
}

EndpointSourceSet ConferenceSourceMap::remove_owner(const std::string& owner) {
    auto node = sets_.extract(owner);
    return node ? std::move(node.mapped()) : EndpointSourceSet{};
}

ConferenceSourceMap ConferenceSourceMap::filtered(const SourceFilter& filter) const {
    ConferenceSourceMap out;
    for (const auto& [owner, set] : sets_) out.add(owner, set.filtered(filter));
    return out;
}

}  // namespace jmeet::focus
