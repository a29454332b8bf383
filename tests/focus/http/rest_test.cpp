// Every path of the focus' HTTP port, over real HTTP: what it answers, and what it refuses.
#include "base/json.hpp"
#include "tests/focus/http/web.hpp"

namespace jmeet::focus {
namespace {

FocusConfig with_everything() {
    FocusConfig config = talk_config();
    config.health.enabled = true;
    return config;
}

struct Open : Web {
    Open() : Web(with_everything()) {}
};

bool says(const Reply& reply, const std::string& header) {
    return reply.head.find(header) != std::string::npos;
}

TEST_CASE_FIXTURE(Open, "every path is there, with its content type") {
    bridge_appears("jvb1");
    for (const char* path :
         {"/about/version", "/stats", "/rtcstats", "/debug", "/debug?full=true",
          "/debug/conferences", "/debug/conferences-full", "/debug/conference/r@muc.meet.test",
          "/debug/xmpp-caps", "/pin"}) {
        const Reply reply = get(path);
        CHECK_MESSAGE(reply.status == 200, path);
        CHECK_MESSAGE(says(reply, "application/json"), path);
        CHECK_MESSAGE(json::parse(reply.body).has_value(), path);
    }
    const Reply health = get("/about/health");
    CHECK(health.status == 200);
    CHECK(health.body == "OK");
    CHECK(says(health, "text/plain"));
    const auto version = json::parse(get("/about/version").body);
    CHECK(json::get_string(*version, "name") == "JiCoFo");
    CHECK(json::get_string(*version, "version") == "1.1.SNAPSHOT");
    CHECK(json::get_string(*version, "os") == "Linux");
    CHECK(get("/nope").status == 404);
    CHECK(get("/nope").body.empty());
    CHECK(ask("POST", "/stats").status == 405);
}

TEST_CASE("what is switched off is not there") {
    FocusConfig config = talk_config();
    config.rest = {false, false, false, false, false};
    Web web(config);
    for (const char* path :
         {"/about/health", "/metrics", "/debug", "/debug/conferences", "/debug/conferences-full",
          "/debug/conference/r@muc.meet.test", "/debug/xmpp-caps", "/pin",
          "/move-endpoints/move-endpoint", "/move-endpoints/move-endpoints",
          "/move-endpoints/move-fraction"}) {
        CHECK_MESSAGE(web.get(path).status == 404, path);
    }
    for (const char* path : {"/pin", "/pin/remove", "/conference-request/v1"}) {
        CHECK_MESSAGE(web.ask("POST", path, "{}").status == 404, path);
    }
    for (const char* path : {"/about/version", "/stats", "/rtcstats"}) {
        CHECK_MESSAGE(web.get(path).status == 200, path);
    }
}

TEST_CASE_FIXTURE(Open, "health: what is wrong, also in the statistics") {
    const Reply ill = get("/about/health");
    CHECK(ill.status == 500);
    CHECK(ill.body == "No operational bridges available (total bridge count: 0)");
    const auto health_in_stats = [&] {
        auto stats = json::parse(get("/stats").body);
        REQUIRE(stats.has_value());
        return std::move(*stats);
    };
    auto stats = health_in_stats();
    CHECK(json::get_bool(stats, "healthy") == false);
    CHECK(json::get_int(stats, "slow_health_check") == 0);
    const json::Value* health = json::get_object(stats, "health");
    REQUIRE(health);
    CHECK(json::get_bool(*health, "success") == false);
    CHECK(json::get_bool(*health, "hardFailure") == true);
    CHECK(json::get_bool(*health, "sticky") == false);
    CHECK(json::find(*health, "responseCode")->IsNull());
    CHECK(json::get_string(*health, "message") == ill.body);
    bridge_appears("jvb1");
    stats = health_in_stats();
    CHECK(json::get_bool(stats, "healthy") == true);
    CHECK(json::find(*json::get_object(stats, "health"), "message")->IsNull());
    CHECK(get("/metrics").body.find("jitsi_jicofo_healthy 1\n") != std::string::npos);
}

TEST_CASE_FIXTURE(Web, "a conference request over HTTP: made, refused, and asked about") {
    const auto request = [&](const std::string& body, const std::string& headers = {}) {
        return ask("POST", "/conference-request/v1", body, headers);
    };
    for (const char* body : {"", "{", "{}", R"({"room":"nojid"})", R"({"room":"a@b/c/d@"})"}) {
        const Reply refused = request(body);
        CHECK_MESSAGE(refused.status == 400, body);
        CHECK_MESSAGE(refused.body.starts_with("Bad request: "), body);
        CHECK(says(refused, "text/plain"));
    }
    CHECK(ask("OPTIONS", "/conference-request/v1").status == 200);
    CHECK(get("/conference-request/v1").status == 405);
    open_room();
    const Reply made = request(R"({"room":"standup@muc.meet.test","machineUid":"3f0c",)"
                               R"("unknown":1,"properties":{"startAudioMuted":10}})",
                               "Authorization: Bearer aaa.bbb.ccc\r\n");
    CHECK(made.status == 200);
    const auto said = json::parse(made.body);
    CHECK(json::get_bool(*said, "ready") == true);
    CHECK(json::get_string(*said, "focusJid") == "focus@auth.meet.test");
    // Only the first request makes the conference what it is.
    const auto debug = json::parse(get("/debug/conference/standup@muc.meet.test").body);
    CHECK(json::find(*json::get_object(*debug, "config"), "startAudioMuted")->IsNull());
}

TEST_CASE_FIXTURE(Web, "a conference that cannot start: 400, and a request that was counted once") {
    begin("POST", "/conference-request/v1", R"({"room":"standup@muc.meet.test"})");
    const auto join = presence(occupant("focus"));
    REQUIRE(run_until([&] {
        return std::any_of(stream->sent.begin(), stream->sent.end(), join);
    }));
    hear(fmt::format("<presence type='error' from='{}' to='{}'><error type='cancel'>"
                     "<not-allowed xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
                     "</presence>",
                     occupant("focus"), kFocusJid));
    const Reply refused = reply();
    CHECK(refused.status == 400);
    CHECK(refused.body.find("cannot enter the room") != std::string::npos);
    CHECK(get("/debug/conferences").body == "[]");
    const std::string metrics = get("/metrics").body;
    CHECK(metrics.find("jitsi_jicofo_conference_requests_total 1\n") != std::string::npos);
    CHECK(metrics.find("jitsi_jicofo_conference_requests_new_total 1\n") != std::string::npos);
}

TEST_CASE_FIXTURE(Web, "moves and pins, with their refusals") {
    two_party_call();
    const std::string move = "/move-endpoints/move-endpoint";
    CHECK(get(move).status == 400);
    CHECK(get(move).body == "Bad request: Missing parameter: conference");
    CHECK(get(move + "?conference=standup@muc.meet.test").body ==
          "Bad request: Missing parameter: endpoint");
    CHECK(get(move + "?conference=invalid%20jid&endpoint=x").status == 400);
    CHECK(get(move + "?conference=other@muc.meet.test&endpoint=x").status == 404);
    CHECK(get(move + "?conference=standup@muc.meet.test&endpoint=x").body ==
          R"({"movedEndpoints":0,"conferences":0})");
    CHECK(get(move + "?conference=standup%40muc.meet.test&endpoint=aaaa&bridge=jvb1").body ==
          R"({"movedEndpoints":1,"conferences":1})");
    const std::string many = "/move-endpoints/move-endpoints";
    CHECK(get(many).body == "Bad request: Missing parameter: bridge");
    CHECK(get(many + "?bridge=jvb9").body == "Not found: Bridge not found");
    CHECK(get(many + "?bridge=jvb1&numEndpoints=x").status == 400);
    CHECK(get("/move-endpoints/move-fraction").status == 400);
    CHECK(get("/move-endpoints/move-fraction?bridge=jvb1&fraction=-1").status == 400);

    CHECK(get("/pin").body == "[]");
    CHECK(ask("POST", "/pin", R"({"conferenceId":"nojid","jvbVersion":"1","durationMinutes":1})")
              .status == 400);
    const Reply pinned = ask(
        "POST", "/pin",
        R"({"conferenceId":"c@muc.meet.test","jvbVersion":"2.3.1","durationMinutes":10})");
    CHECK(pinned.status == 200);
    CHECK(pinned.body.empty());
    CHECK(get("/pin").body.find(R"("jvbVersion":"2.3.1")") != std::string::npos);
    CHECK(ask("POST", "/pin/remove", "{").status == 400);
    CHECK(ask("POST", "/pin/remove", R"({"conferenceId":"c@muc.meet.test"})").status == 200);
    CHECK(get("/pin").body == "[]");
}

TEST_CASE_FIXTURE(Web, "metrics in the form that the client wants most") {
    const auto form = [&](const std::string& accept) {
        return get("/metrics", accept.empty() ? "" : "Accept: " + accept + "\r\n");
    };
    for (const char* accept : {"", "*/*", "application/openmetrics-text;version=1.0.0;q=0.5"}) {
        const Reply open = form(accept);
        CHECK(says(open, "application/openmetrics-text; version=1.0.0; charset=utf-8"));
        CHECK(open.body.ends_with("# EOF\n"));
    }
    CHECK(says(form("text/plain;version=0.0.4;q=0.4, */*;q=0.1"), "text/plain; version=0.0.4"));
    const Reply as_json = form("application/json");
    CHECK(says(as_json, "application/json"));
    CHECK(json::parse(as_json.body).has_value());
    CHECK(form("image/png").status == 406);
}

}  // namespace
}  // namespace jmeet::focus
