// From COLIBRI2's <media> and <sources> to what media code reads: formats and sources.
//
// Pure functions on values; control thread. Rules of JVB's MediaSourceFactory and payload type
// parsing: unknown codecs and extensions are kept out, not refused; malformed groups are refused.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "bridge/formats.hpp"
#include "bridge/limits.hpp"
#include "xmpp/colibri2.hpp"

namespace jmeet::bridge {

inline constexpr std::size_t kMaxSourcesPerEndpoint = limits::kSourcesPerEndpoint;
inline constexpr std::size_t kMaxSsrcsPerEndpoint = limits::kSsrcsPerEndpoint;

// Adds; the last description processed decides whether two-byte extensions may be written.
void add_media(MediaFormats& formats, const xmpp::RtpDescription& media);

// One MediaSource per video source (its first set of encodings) and per audio SSRC; sources
// without an SSRC give none. The error is for internal-server-error, as upstream answers.
Result<std::vector<MediaSource>> make_sources(
    std::span<const xmpp::colibri2::MediaSource> sources, const EndpointId& owner);

}  // namespace jmeet::bridge
