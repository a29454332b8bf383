#include <doctest/doctest.h>

#include "bridge/colibri_media.hpp"

using namespace jmeet;
using namespace jmeet::bridge;
namespace c2 = jmeet::xmpp::colibri2;

namespace {
c2::MediaSource video(std::vector<std::uint32_t> ssrcs, std::vector<xmpp::SsrcGroup> groups) {
    c2::MediaSource s;
    s.type = "video";
    s.id = "e-v0";
    for (const auto ssrc : ssrcs) {
        s.sources.emplace_back();
        s.sources.back().ssrc = ssrc;
        s.sources.back().name = "e-v0";
    }
    s.groups = std::move(groups);
    return s;
}
std::vector<MediaSource> made(const c2::MediaSource& source) {
    auto out = make_sources(std::span(&source, 1), EndpointId("e"));
    REQUIRE(out.has_value());
    return *out;
}
}  // namespace

TEST_CASE("one SSRC is one encoding, with a repair stream if a FID group says so") {
    const auto plain = made(video({1}, {}));
    REQUIRE(plain.size() == 1);
    CHECK(plain[0].encodings.size() == 1);
    CHECK_FALSE(plain[0].encodings[0].rtx);
    CHECK(plain[0].video_type == VideoType::camera);
    const auto repaired = made(video({1, 2}, {{"FID", {1, 2}}}));
    REQUIRE(repaired[0].encodings.size() == 1);
    CHECK(repaired[0].encodings[0].rtx == Ssrc(2));
}

TEST_CASE("an empty SIM group is as none") {
    const auto out = made(video({1}, {{"SIM", {}}}));
    REQUIRE(out.size() == 1);
    CHECK(out[0].encodings[0].primary == Ssrc(1));
}

TEST_CASE("a source without an SSRC is no source") { CHECK(made(video({}, {})).empty()); }

TEST_CASE("a video type that nobody knows is refused") {
    auto s = video({1}, {});
    s.sources[0].video_type = "hologram";
    CHECK(make_sources(std::span(&s, 1), EndpointId("e")).has_error());
    s.sources[0].video_type = "DESKTOP";
    CHECK(made(s)[0].video_type == VideoType::desktop);
}

TEST_CASE("too many SSRCs are refused") {
    std::vector<std::uint32_t> many;
    for (std::uint32_t i = 1; i <= 3 * kMaxSsrcsPerEndpoint + 1; ++i) many.push_back(i);
    auto s = video(many, {});
    CHECK(make_sources(std::span(&s, 1), EndpointId("e")).has_error());
}

TEST_CASE("formats are additive and unknown extensions are left out") {
    MediaFormats formats;
    xmpp::RtpDescription audio{.media = "audio", .payload_types = {}, .header_extensions = {}};
    audio.payload_types.push_back({111, "OPUS", 48'000, 2u, {}, {}});
    audio.header_extensions = {{1, "urn:ietf:params:rtp-hdrext:ssrc-audio-level"}, {9, "urn:x"}};
    add_media(formats, audio);
    CHECK(formats.accepts_audio);
    CHECK_FALSE(formats.accepts_video);
    xmpp::RtpDescription v{.media = "video", .payload_types = {}, .header_extensions = {}};
    v.payload_types.push_back({41, "AV1", 90'000, {}, {}, {{"transport-cc", ""}}});
    v.payload_types.push_back({42, "rtx", 90'000, {}, {{"apt", "41"}}, {}});
    v.extmap_allow_mixed = true;
    add_media(formats, v);
    CHECK(formats.accepts_video);
    CHECK(formats.transport_cc);
    CHECK(formats.mixed == TwoByteExtensions::yes);
    CHECK(formats.find(111)->format.codec == Codec::opus);
    CHECK(formats.find(111)->media == MediaType::audio);
    CHECK(formats.rtx_for(41) == 42);
    CHECK(formats.extensions[Extension::audio_level] == 1);
}
