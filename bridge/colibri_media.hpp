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
#include "xmpp/colibri2.hpp"

namespace jmeet::bridge {

// LIMIT: sources and SSRCs of one endpoint; the focus itself allows 20 SSRCs a participant.
inline constexpr std::size_t kMaxSourcesPerEndpoint = 64;
inline constexpr std::size_t kMaxSsrcsPerEndpoint = 256;

// Adds; the last description processed decides whether two-byte extensions may be written.
void add_media(MediaFormats& formats, const xmpp::RtpDescription& media);

// One MediaSource per video source (its first set of encodings) and per audio SSRC; sources
// without an SSRC give none. The error is for internal-server-error, as upstream answers.
Result<std::vector<MediaSource>> make_sources(
    std::span<const xmpp::colibri2::MediaSource> sources, const EndpointId& owner);

}  // namespace jmeet::bridge
