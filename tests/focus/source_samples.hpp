// Short words for sources in tests: v(1, "m") is a video source with an msid, a(7) an audio
// source without one, x() a camera with three layers and RTX plus a microphone.
#pragma once

#include "focus/source_set.hpp"

namespace jmeet::focus::samples {

inline Source v(std::uint32_t ssrc, std::string msid = "msid") {
    return {.ssrc = ssrc, .media = MediaType::video, .name = {}, .msid = std::move(msid)};
}
inline Source a(std::uint32_t ssrc, std::string msid = "") {
    return {.ssrc = ssrc, .media = MediaType::audio, .name = {}, .msid = std::move(msid)};
}
inline SourceGroup group(GroupSemantics semantics, std::vector<std::uint32_t> ssrcs) {
    return {.semantics = semantics, .ssrcs = std::move(ssrcs), .media = MediaType::video};
}
inline SourceGroup sim(std::vector<std::uint32_t> ssrcs) {
    return group(GroupSemantics::sim, std::move(ssrcs));
}
inline SourceGroup fid(std::uint32_t primary, std::uint32_t rtx) {
    return group(GroupSemantics::fid, {primary, rtx});
}
inline EndpointSourceSet set(std::vector<Source> sources, std::vector<SourceGroup> groups = {}) {
    return {.sources = std::move(sources), .groups = std::move(groups)};
}
inline EndpointSourceSet x(const std::string& msid = "msid") {
    return set({v(1, msid), v(2, msid), v(3, msid), v(4, msid), v(5, msid), v(6, msid), a(7)},
               {sim({1, 2, 3}), fid(1, 4), fid(2, 5), fid(3, 6)});
}

}  // namespace jmeet::focus::samples
