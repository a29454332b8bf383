#include <doctest/doctest.h>

#include "bridge/colibri_handler.hpp"

using namespace jmeet;
using namespace jmeet::bridge;
namespace c2 = jmeet::xmpp::colibri2;

namespace {

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

std::shared_ptr<const DtlsContext> test_dtls() {
    static const auto dtls = [] {
        auto certificate = Certificate::make(std::chrono::system_clock::now());
        REQUIRE(certificate.has_value());
        auto context = DtlsContext::make(*certificate);
        REQUIRE(context.has_value());
        return std::make_shared<const DtlsContext>(std::move(*context));
    }();
    return dtls;
}

struct Fixture {
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

c2::Endpoint new_endpoint(std::string id) {
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

c2::ConferenceModify request(std::vector<c2::Endpoint> endpoints) {
    c2::ConferenceModify r;
    r.meeting_id = "7d1c0b5e-6a55-4f0c-9a3e-0f3f7a1f2b10";
    r.endpoints = std::move(endpoints);
    return r;
}

c2::ConferenceModify create_request(std::vector<c2::Endpoint> endpoints) {
    c2::ConferenceModify r = request(std::move(endpoints));
    r.create = true;
    r.name = "standup@conference.meet.example.com";
    return r;
}

xmpp::Source source_of(std::uint32_t ssrc, std::string name, std::string video_type) {
    xmpp::Source s;
    s.ssrc = ssrc;
    s.name = std::move(name);
    s.video_type = std::move(video_type);
    return s;
}

c2::Endpoint named(std::string id) {
    c2::Endpoint e;
    e.id = std::move(id);
    return e;
}

void check_refused(const ModifyResult& result, std::string_view condition,
                   std::string_view reason) {
    REQUIRE(result.has_error());
    CHECK(result.error().condition == condition);
    CHECK(result.error().reason == reason);
}

}  // namespace

TEST_CASE("creating a conference with an endpoint answers transport and feedback sources") {
    Fixture f;
    const auto answer = f.modify(create_request({new_endpoint("a1b2c3d4")}));
    REQUIRE(answer.has_value());
    REQUIRE(answer->endpoints.size() == 1);
    REQUIRE(answer->endpoints[0].transport);
    const auto& transport = *answer->endpoints[0].transport;
    REQUIRE(transport.ice);
    CHECK(transport.ice->rtcp_mux);
    CHECK(transport.ice->ufrag.size() >= 4);
    CHECK(transport.ice->pwd.size() >= 22);
    REQUIRE(transport.ice->fingerprints.size() == 1);
    CHECK(transport.ice->fingerprints[0].setup == "actpass");
    CHECK(transport.ice->fingerprints[0].hash == "sha-256");
    REQUIRE(transport.ice->candidates.size() == 2);
    CHECK(transport.ice->candidates[0].ip == "10.0.0.5");
    CHECK(transport.ice->candidates[1].type == "srflx");
    CHECK(transport.ice->candidates[1].rel_addr == "10.0.0.5");
    CHECK_FALSE(transport.sctp);
    REQUIRE(transport.ice->web_sockets.size() == 1);
    const auto& url = transport.ice->web_sockets[0];
    CHECK(url.starts_with("wss://meet.example.com:443/colibri-ws/jvb1/"));
    CHECK(url.find("/a1b2c3d4?pwd=") != std::string::npos);
    CHECK(url.size() - url.find("?pwd=") == 5 + 24);
    CHECK(url.find(f.media.endpoints[0].local.pwd) == std::string::npos);

    REQUIRE(answer->sources);
    REQUIRE(answer->sources->size() == 2);
    CHECK((*answer->sources)[0].id == "jvb-a0");
    CHECK((*answer->sources)[1].id == "jvb-v0");
    CHECK((*answer->sources)[0].sources[0].ssrc == f.media.conferences[0].audio.value());
    REQUIRE(f.media.endpoints.size() == 1);
    CHECK(f.media.endpoints[0].role == IceRole::controlling);
    CHECK(f.media.endpoints[0].ssrc_rewriting);
    CHECK_FALSE(f.media.endpoints[0].mid_demux);
    REQUIRE(f.media.updates.size() == 1);
    REQUIRE(f.media.updates[0].formats);
    CHECK(f.media.updates[0].formats->accepts_audio);
    CHECK(f.media.updates[0].formats->pli);
    CHECK(f.media.updates[0].formats->rtx_for(100) == 96);
}

TEST_CASE("a further endpoint gets the same feedback SSRCs") {
    Fixture f;
    const auto first = f.modify(create_request({new_endpoint("a")}));
    const auto second = f.modify(request({new_endpoint("b")}));
    REQUIRE(first.has_value());
    REQUIRE(second.has_value());
    CHECK(*first->sources == *second->sources);
    CHECK(first->endpoints[0].transport->ice->ufrag != second->endpoints[0].transport->ice->ufrag);
}

TEST_CASE("sctp is answered with port 5000 and role server") {
    Fixture f;
    auto e = new_endpoint("a");
    e.transport->sctp = c2::Sctp{};
    const auto answer = f.modify(create_request({e}));
    REQUIRE(answer.has_value());
    CHECK(answer->endpoints[0].transport->sctp == c2::Sctp{5000, "server"});
    CHECK(f.media.endpoints[0].sctp);
}

TEST_CASE("sctp that cannot be served is refused by its own condition") {
    Fixture f;
    REQUIRE(f.modify(create_request({new_endpoint("a")})).has_value());
    auto client = new_endpoint("b");
    client.transport->sctp = c2::Sctp{std::nullopt, "client"};
    check_refused(f.modify(request({client})), "feature-not-implemented", "");
    auto other_port = new_endpoint("c");
    other_port.transport->sctp = c2::Sctp{5001, std::nullopt};
    check_refused(f.modify(request({other_port})), "bad-request", "");
    f.config.sctp = false;
    auto any = new_endpoint("d");
    any.transport->sctp = c2::Sctp{};
    check_refused(f.modify(request({any})), "feature-not-implemented", "");
}

TEST_CASE("conference create and look-up errors") {
    Fixture f;
    check_refused(f.modify(request({new_endpoint("a")})), "item-not-found",
                  "conference_not_found");
    REQUIRE(f.modify(create_request({new_endpoint("a")})).has_value());
    check_refused(f.modify(create_request({new_endpoint("b")})), "conflict",
                  "conference_already_exists");
    auto other = create_request({});
    other.meeting_id = "other";
    other.name = "room@conference.meet.example.com/nick";
    check_refused(f.modify(other), "bad-request", "");
    other.name = "room@conference.meet.example.com";
    f.shutdown = ShutdownState::graceful_shutdown;
    check_refused(f.modify(other), "service-unavailable", "graceful_shutdown");
    // The final state does not refuse, as upstream.
    f.shutdown = ShutdownState::shutting_down;
    CHECK(f.modify(other).has_value());
}

TEST_CASE("existing conferences take endpoints during graceful shutdown") {
    Fixture f;
    REQUIRE(f.modify(create_request({new_endpoint("a")})).has_value());
    f.shutdown = ShutdownState::graceful_shutdown;
    CHECK(f.modify(request({new_endpoint("b")})).has_value());
}

TEST_CASE("endpoint create errors") {
    Fixture f;
    REQUIRE(f.modify(create_request({new_endpoint("a")})).has_value());
    check_refused(f.modify(request({new_endpoint("a")})), "conflict", "");
    auto no_transport = new_endpoint("b");
    no_transport.transport.reset();
    check_refused(f.modify(request({no_transport})), "bad-request", "");
    auto no_names = new_endpoint("c");
    no_names.capabilities.clear();
    check_refused(f.modify(request({no_names})), "bad-request", "");
}

TEST_CASE("the shape of a request is checked before its parts") {
    Fixture f;
    REQUIRE(f.modify(create_request({new_endpoint("a")})).has_value());
    const auto both = [&] {
        auto r = request({named("a")});
        r.relays.push_back({});
        return r;
    }();
    check_refused(f.modify(both), "feature-not-implemented", "feature_not_implemented");
    check_refused(f.modify(request({new_endpoint("b"), named("a")})), "feature-not-implemented",
                  "feature_not_implemented");
    auto relays = request({});
    relays.relays.resize(2);
    check_refused(f.modify(relays), "feature-not-implemented", "feature_not_implemented");
    auto relay = request({});
    relay.relays.resize(1);
    relay.relays[0].create = true;
    check_refused(f.modify(relay), "feature-not-implemented", "");
}

TEST_CASE("an update of an unknown endpoint names it, unless it is benign") {
    Fixture f;
    REQUIRE(f.modify(create_request({new_endpoint("a")})).has_value());
    auto update = named("gone");
    update.sources.emplace();
    const auto refused = f.modify(request({update}));
    check_refused(refused, "item-not-found", "unknown_endpoint");
    CHECK(refused.error().endpoint_id == "gone");

    auto mute_known = named("a");
    mute_known.force_mute = c2::ForceMute{true, false};
    auto mute_gone = named("gone");
    mute_gone.force_mute = c2::ForceMute{true, true};
    const auto answer = f.modify(request({mute_known, mute_gone}));
    REQUIRE(answer.has_value());
    CHECK(answer->endpoints.size() == 2);
    CHECK_FALSE(answer->sources);
    REQUIRE(f.media.updates.back().mute);
    CHECK(f.media.updates.back().mute->audio);
    CHECK_FALSE(f.media.updates.back().mute->video);
}

TEST_CASE("expire is answered for known and unknown endpoints alike") {
    Fixture f;
    REQUIRE(f.modify(create_request({new_endpoint("a")})).has_value());
    REQUIRE(f.modify(request({new_endpoint("b")})).has_value());
    auto b = named("b");
    b.expire = true;
    auto unknown = named("zz");
    unknown.expire = true;
    const auto answer = f.modify(request({b, unknown}));
    REQUIRE(answer.has_value());
    CHECK(answer->endpoints[0].expire);
    CHECK(answer->endpoints[1].expire);
    CHECK(f.media.expired.size() == 1);
    CHECK(f.handler.endpoint_count() == 1);
}

TEST_CASE("the last endpoint's expire ends the conference") {
    Fixture f;
    REQUIRE(f.modify(create_request({new_endpoint("a")})).has_value());
    auto a = named("a");
    a.expire = true;
    REQUIRE(f.modify(request({a})).has_value());
    CHECK(f.media.expired_conferences.size() == 1);
    check_refused(f.modify(request({new_endpoint("b")})), "item-not-found",
                  "conference_not_found");
}

TEST_CASE("expiring a conference ends its endpoints, and a second time it is unknown") {
    Fixture f;
    REQUIRE(f.modify(create_request({new_endpoint("a")})).has_value());
    auto expire = request({});
    expire.expire = true;
    const auto answer = f.modify(expire);
    REQUIRE(answer.has_value());
    CHECK(answer->endpoints.empty());
    CHECK(f.media.expired.size() == 1);
    check_refused(f.modify(expire), "item-not-found", "conference_not_found");
    CHECK(f.handler.totals().conferences_completed == 1);
}

TEST_CASE("session-accept: credentials, fingerprint and sources reach media in one update") {
    Fixture f;
    REQUIRE(f.modify(create_request({new_endpoint("a")})).has_value());
    auto accept = named("a");
    accept.transport.emplace();
    xmpp::IceUdpTransport ice;
    ice.ufrag = "sXoJ";
    ice.pwd = "PirYicPKtYw4+mkIUOm1wWQm";
    ice.fingerprints.push_back({"sha-256", "active", "BB:50"});
    xmpp::Candidate good;
    good.ip = "192.0.2.1";
    good.port = 4000;
    good.type = "host";
    xmpp::Candidate name = good;
    name.ip = "abc.local";
    xmpp::Candidate later = good;
    later.generation = 1;
    ice.candidates = {good, name, later};
    accept.transport->ice = ice;
    c2::MediaSource video;
    video.type = "video";
    video.id = "a-v0";
    for (const std::uint32_t ssrc : {10u, 11u, 20u, 21u, 30u, 31u}) {
        video.sources.push_back(source_of(ssrc, "a-v0", "camera"));
    }
    video.groups = {{"SIM", {10, 20, 30}}, {"FID", {10, 11}}, {"FID", {20, 21}}, {"FID", {30, 31}}};
    accept.sources = {video};
    accept.initial_last_n = 20;
    const auto answer = f.modify(request({accept}));
    REQUIRE(answer.has_value());
    CHECK_FALSE(answer->endpoints[0].transport);
    CHECK_FALSE(answer->sources);
    const auto& update = f.media.updates.back();
    REQUIRE(update.transport);
    CHECK(update.transport->remote->ufrag == "sXoJ");
    CHECK(update.transport->candidates.size() == 1);
    CHECK(update.transport->role == DtlsRole::server);
    CHECK(update.initial_last_n == 20);
    REQUIRE(update.sources);
    REQUIRE(update.sources->size() == 1);
    const auto& encodings = (*update.sources)[0].encodings;
    REQUIRE(encodings.size() == 3);
    CHECK(encodings[2].primary == Ssrc(30));
    CHECK(encodings[2].rtx == Ssrc(31));
}

TEST_CASE("sources of a visitor and malformed groups are refused by their own condition") {
    Fixture f;
    auto visitor = new_endpoint("v");
    visitor.muc_role = "visitor";
    REQUIRE(f.modify(create_request({visitor})).has_value());
    auto update = named("v");
    update.sources.emplace();
    CHECK(f.modify(request({update})).has_value());
    c2::MediaSource source;
    source.type = "video";
    source.id = "v-v0";
    source.sources.push_back(source_of(1, "v-v0", "camera"));
    update.sources->push_back(source);
    check_refused(f.modify(request({update})), "bad-request", "");

    REQUIRE(f.modify(request({new_endpoint("b")})).has_value());
    auto broken = named("b");
    source.groups = {{"FID", {1}}};
    broken.sources = {source};
    check_refused(f.modify(request({broken})), "internal-server-error", "");
}

TEST_CASE("an empty conference goes 20 s after its creation") {
    Fixture f;
    REQUIRE(f.modify(create_request({})).has_value());
    f.now += seconds(19);
    f.handler.sweep(f.now);
    CHECK(f.handler.conferences().size() == 1);
    f.now += seconds(2);
    f.handler.sweep(f.now);
    CHECK(f.handler.conferences().empty());
}

TEST_CASE("an endpoint that media gave up is unknown to the next update") {
    Fixture f;
    REQUIRE(f.modify(create_request({new_endpoint("a")})).has_value());
    REQUIRE(f.modify(request({new_endpoint("b")})).has_value());
    f.handler.on_endpoint_lost(f.media.endpoints[0].token, EndpointEnd::silent, f.now);
    CHECK(f.media.expired.size() == 1);
    auto update = named("a");
    update.sources.emplace();
    check_refused(f.modify(request({update})), "item-not-found", "unknown_endpoint");
    CHECK(f.handler.totals().endpoints_lost == 1);
}

TEST_CASE("a channel URL finds its endpoint by the local conference id only") {
    Fixture f;
    REQUIRE(f.modify(create_request({new_endpoint("a")})).has_value());
    const auto& conference = f.handler.conferences().begin()->second;
    CHECK(f.handler.find_for_channel(conference.local_id, "a") != nullptr);
    CHECK(f.handler.find_for_channel(conference.local_id, "b") == nullptr);
    CHECK(f.handler.find_for_channel(conference.meeting_id, "a") == nullptr);
}
