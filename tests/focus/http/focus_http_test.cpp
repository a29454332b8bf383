#include "focus/http/focus_http.hpp"

#include "base/json.hpp"
#include "tests/focus/call.hpp"

namespace jmeet::focus {
namespace {

struct Served {
    explicit Served(FocusConfig config = talk_config()) : talk(std::move(config)) {}
    HttpResponse post(const std::string& body) {
        HttpRequest request;
        request.method = "POST";
        request.body = body;
        std::optional<HttpResponse> answer;
        asio::co_spawn(talk.io, http.conference_request(std::move(request)),
                       [&](const std::exception_ptr&, HttpResponse r) { answer = std::move(r); });
        talk.run();
        if (!answer) {
            talk.let_room_in();
            talk.run();
        }
        REQUIRE(answer.has_value());
        return *answer;
    }
    Talk talk;
    FocusHttp http{*talk.focus};
};

TEST_CASE_FIXTURE(Served, "a conference request over HTTP") {
    const auto answer = post(R"({"room":"standup@muc.meet.test","machineUid":"3f0c9e5ad1",)"
                             R"("properties":{"visitors-version":1,"rtcstatsEnabled":false}})");
    CHECK(answer.status == 200);
    const auto body = json::parse(answer.body);
    REQUIRE(body.has_value());
    CHECK(json::get_string(*body, "room") == "standup@muc.meet.test");
    CHECK(json::get_bool(*body, "ready") == true);
    CHECK(json::get_string(*body, "focusJid") == "focus@auth.meet.test");
    const auto* properties = json::get_object(*body, "properties");
    REQUIRE(properties);
    CHECK(json::get_string(*properties, "authentication") == "false");
    CHECK(json::get_string(*properties, "visitors-supported") == "false");
}

TEST_CASE_FIXTURE(Served, "requests that cannot be read") {
    for (const char* body : {"", "nonsense", "{}", R"({"room":"@@"})"}) {
        const auto answer = post(body);
        CHECK(answer.status == 400);
        CHECK(answer.body.starts_with("Bad request: "));
    }
}

TEST_CASE_FIXTURE(Served, "statistics, debug and metrics of a call") {
    talk.two_party_call();
    const auto stats = json::parse(http.stats().body);
    REQUIRE(stats.has_value());
    CHECK(json::get_int(*stats, "conferences") == 1);
    CHECK(json::get_int(*stats, "participants") == 2);
    CHECK(json::get_int(*stats, "endpoint_pairs") == 4);
    CHECK(json::get_int(*json::get_object(*stats, "bridge_selector"), "bridge_count") == 1);
    const auto* jingle = json::get_object(*stats, "jingle");
    CHECK(json::get_int(*json::get_object(*jingle, "sent"), "SESSION_INITIATE") == 2);
    CHECK(json::get_int(*json::get_object(*jingle, "received"), "SESSION_ACCEPT") == 2);

    HttpRequest full;
    full.query["full"] = "true";
    const auto debug = json::parse(http.debug(full).body);
    REQUIRE(debug.has_value());
    const auto* conference =
        json::get_object(*json::get_object(*debug, "focus_manager"), "standup@muc.meet.test");
    REQUIRE(conference);
    CHECK(json::get_int(*conference, "participant_count") == 2);
    const auto* bridge = json::get_object(
        *json::get_object(*json::get_object(*debug, "bridge_selector"), "bridge"),
        "jvbbrewery@internal-muc.meet.test/jvb1");
    REQUIRE(bridge);
    CHECK(json::get_int(*bridge, "endpoints") == 2);
    CHECK(json::get_string(*bridge, "relay-id") == "null");

    CHECK(http.debug_conferences().body == "[\"standup@muc.meet.test\"]");
    CHECK(json::parse(http.debug_conference("standup@muc.meet.test").body).has_value());
    CHECK(http.debug_conference("other@muc.meet.test").body == "{}");
    CHECK(http.debug_conference("nonsense").status == 400);

    const std::string metrics_text = http.metrics().body;
    CHECK(metrics_text.find("jitsi_jicofo_conferences 1") != std::string::npos);
    CHECK(metrics_text.find("jitsi_jicofo_participants_total 2") != std::string::npos);
    CHECK(http.metrics().body.find("jitsi_jicofo_participants_total 2") != std::string::npos);
    const auto version = json::parse(http.version().body);
    CHECK(json::get_string(*version, "name") == "JiCoFo");
}

TEST_CASE("with authentication HTTP opens no room without a session, and joins open ones") {
    FocusConfig config = talk_config();
    config.auth.type = AuthConfig::Type::xmpp;
    config.auth.domain = "meet.test";
    Served served(config);
    const auto ask = [&](const std::string& session) {
        return served.post(R"({"room":"standup@muc.meet.test","machineUid":"m1","sessionId":")" +
                           session + R"("})");
    };
    CHECK(ask("").status == 403);
    CHECK(ask("").body == "Error");
    CHECK(ask("unknown").status == 400);
    CHECK(ask("unknown").body == "Bad request: 400 invalid-session");
    served.talk.request_conference("open");
    served.talk.let_room_in();
    const auto opened = served.talk.expect("the answer", Talk::answer_to("open"));
    const std::string session = opened.child("conference")->get("session-id");
    CHECK(ask("").status == 200);
    const auto known = json::parse(ask(session).body);
    REQUIRE(known.has_value());
    CHECK(json::get_string(*known, "identity") == "someone@meet.test");
    CHECK(json::get_string(*known, "sessionId") == session);
}

}  // namespace
}  // namespace jmeet::focus
