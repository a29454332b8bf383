// COLIBRI2 requests that are granted: what is answered and what media is told.
#include "tests/bridge/handled_colibri.hpp"

using namespace jmeet;
using namespace jmeet::bridge;
using namespace jmeet::bridge::test;

TEST_CASE("creating a conference with an endpoint answers transport and feedback sources") {
    HandledColibri f;
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
    HandledColibri f;
    const auto first = f.modify(create_request({new_endpoint("a")}));
    const auto second = f.modify(request({new_endpoint("b")}));
    REQUIRE(first.has_value());
    REQUIRE(second.has_value());
    CHECK(*first->sources == *second->sources);
    CHECK(first->endpoints[0].transport->ice->ufrag != second->endpoints[0].transport->ice->ufrag);
}

TEST_CASE("sctp is answered with port 5000 and role server") {
    HandledColibri f;
    auto e = new_endpoint("a");
    e.transport->sctp = c2::Sctp{};
    const auto answer = f.modify(create_request({e}));
    REQUIRE(answer.has_value());
    CHECK(answer->endpoints[0].transport->sctp == c2::Sctp{5000, "server"});
    CHECK(f.media.endpoints[0].sctp);
}

TEST_CASE("expire is answered for known and unknown endpoints alike") {
    HandledColibri f;
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
    HandledColibri f;
    REQUIRE(f.modify(create_request({new_endpoint("a")})).has_value());
    auto a = named("a");
    a.expire = true;
    REQUIRE(f.modify(request({a})).has_value());
    CHECK(f.media.expired_conferences.size() == 1);
    check_refused(f.modify(request({new_endpoint("b")})), "item-not-found",
                  "conference_not_found");
}

TEST_CASE("expiring a conference ends its endpoints, and a second time it is unknown") {
    HandledColibri f;
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
    HandledColibri f;
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

TEST_CASE("an empty conference goes 20 s after its creation") {
    HandledColibri f;
    REQUIRE(f.modify(create_request({})).has_value());
    f.now += seconds(19);
    f.handler.sweep(f.now);
    CHECK(f.handler.conferences().size() == 1);
    f.now += seconds(2);
    f.handler.sweep(f.now);
    CHECK(f.handler.conferences().empty());
}

TEST_CASE("a channel URL finds its endpoint by the local conference id only") {
    HandledColibri f;
    REQUIRE(f.modify(create_request({new_endpoint("a")})).has_value());
    const auto& conference = f.handler.conferences().begin()->second;
    CHECK(f.handler.find_for_channel(conference.local_id, "a") != nullptr);
    CHECK(f.handler.find_for_channel(conference.local_id, "b") == nullptr);
    CHECK(f.handler.find_for_channel(conference.meeting_id, "a") == nullptr);
}
