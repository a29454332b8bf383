// A colibri handler, what media was told by it, and requests for it. Header only.
#pragma once

#include <doctest/doctest.h>

#include "bridge/colibri_handler.hpp"

namespace jmeet::bridge::test {

namespace c2 = jmeet::xmpp::colibri2;

// Remembers what media was told.
struct RecordingMedia final : MediaControl {
    std::vector<ConferenceSetup> conferences;
    std::vector<ConferenceKey> expired_conferences;
    std::vector<EndpointSetup> endpoints;
    std::vector<EndpointUpdate> updates;
    std::vector<EndpointToken> expired;

    void create_conference(ConferenceSetup setup) override {
        conferences.push_back(std::move(setup));
    }
    void expire_conference(ConferenceKey key) override { expired_conferences.push_back(key); }
    void create_endpoint(EndpointSetup setup) override { endpoints.push_back(std::move(setup)); }
    void update_endpoint(EndpointUpdate update) override { updates.push_back(std::move(update)); }
    void expire_endpoint(EndpointToken token) override { expired.push_back(token); }
    void restart_ice(EndpointToken, IceCredentials,
                     std::function<void(IceRestartAnswer)>) override {}
    void open_channel(EndpointToken, ChannelId) override {}
    void channel_text(EndpointToken, ChannelId, std::string) override {}
    void channel_closed(EndpointToken, ChannelId) override {}
    void limit_last_n(int) override {}
    void view_conference(ConferenceKey,
                         std::function<void(std::optional<ConferenceView>)>) override {}
};

inline std::shared_ptr<const DtlsContext> test_dtls() {
    static const auto dtls = [] {
        auto certificate = Certificate::make(std::chrono::system_clock::now());
        REQUIRE(certificate.has_value());
        auto context = DtlsContext::make(*certificate);
        REQUIRE(context.has_value());
        return std::make_shared<const DtlsContext>(std::move(*context));
    }();
    return dtls;
}

struct HandledColibri {
    BridgeConfig config;
    RecordingMedia media;
    ShutdownState shutdown = ShutdownState::running;
    TimePoint now{seconds(1'000)};
    ColibriHandler handler{make_environment()};

    ColibriHandler::Environment make_environment() {
        config.websockets = true;
        config.websocket_domains = {"meet.example.com:443"};
        config.websocket_server_id = "jvb1";
        LocalCandidate host;
        host.address = host.base = Address::v4(0x0a000005, 10'000);
        host.priority = 2'130'706'431;
        host.foundation = "1";
        host.id = "h1";
        LocalCandidate mapped = host;
        mapped.type = CandidateType::srflx;
        mapped.address = Address::v4(0xcb007107, 10'000);
        mapped.id = "s1";
        return {config, media, {host, mapped}, test_dtls(), [this] { return shutdown; }};
    }
    ModifyResult modify(const c2::ConferenceModify& request) {
        return handler.modify(request, now);
    }
};

inline c2::Endpoint new_endpoint(std::string id) {
    c2::Endpoint e;
    e.id = std::move(id);
    e.create = true;
    e.stats_id = "Casey-WXo";
    e.transport.emplace();
    e.transport->ice_controlling = true;
    e.capabilities = {"source-names", "ssrc-rewriting"};
    xmpp::RtpDescription audio{.media = "audio", .payload_types = {}, .header_extensions = {}};
    audio.payload_types.push_back({111, "opus", 48'000, 2u, {}, {{"transport-cc", ""}}});
    audio.header_extensions = {{1, "urn:ietf:params:rtp-hdrext:ssrc-audio-level"}};
    xmpp::RtpDescription video{.media = "video", .payload_types = {}, .header_extensions = {}};
    video.payload_types.push_back({100, "VP8", 90'000, {}, {}, {{"nack", ""}, {"nack", "pli"}}});
    video.payload_types.push_back({96, "rtx", 90'000, {}, {{"apt", "100"}}, {}});
    video.extmap_allow_mixed = true;
    e.media = {audio, video};
    return e;
}

inline c2::ConferenceModify request(std::vector<c2::Endpoint> endpoints) {
    c2::ConferenceModify r;
    r.meeting_id = "7d1c0b5e-6a55-4f0c-9a3e-0f3f7a1f2b10";
    r.endpoints = std::move(endpoints);
    return r;
}

inline c2::ConferenceModify create_request(std::vector<c2::Endpoint> endpoints) {
    c2::ConferenceModify r = request(std::move(endpoints));
    r.create = true;
    r.name = "standup@conference.meet.example.com";
    return r;
}

inline xmpp::Source source_of(std::uint32_t ssrc, std::string name, std::string video_type) {
    xmpp::Source s;
    s.ssrc = ssrc;
    s.name = std::move(name);
    s.video_type = std::move(video_type);
    return s;
}

inline c2::Endpoint named(std::string id) {
    c2::Endpoint e;
    e.id = std::move(id);
    return e;
}

inline void check_refused(const ModifyResult& result, std::string_view condition,
                   std::string_view reason) {
    REQUIRE(result.has_error());
    CHECK(result.error().condition == condition);
    CHECK(result.error().reason == reason);
}

}  // namespace jmeet::bridge::test
