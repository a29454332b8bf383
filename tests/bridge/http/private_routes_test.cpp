// The private HTTP port of a bridge with real clients: what an operator asks and is told.
#include "bridge/http/private_routes.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "base/json.hpp"
#include "tests/bridge/http/asking.hpp"
#include "tests/bridge/test_call.hpp"

using namespace jmeet;
using namespace jmeet::bridge;
using namespace jmeet::bridge::test;

namespace {

class Fixture {
 public:
    explicit Fixture(BridgeConfig config = Call::local_config())
        : call(std::move(config)),
          routes_(call.bridge(), [] { return MucClients{}; }, [this] { return xmpp; }),
          server_(call.control().get_executor()) {
        routes_.add_to(server_);
        const auto port = server_.listen("127.0.0.1", 0);
        REQUIRE(port.has_value());
        port_ = *port;
    }
    ~Fixture() {
        bool stopped = false;
        asio::co_spawn(call.control(), server_.stop(),
                       [&](std::exception_ptr) { stopped = true; });
        while (!stopped) call.step();
    }

    HttpAnswer ask(const HttpQuestion& question) {
        return ask_http(call.control(), port_, question, [this] { call.step(); });
    }
    HttpAnswer get(const std::string& path) { return ask({.path = path}); }
    json::Document get_json(const std::string& path) {
        const HttpAnswer answer = get(path);
        REQUIRE(answer.status == 200);
        auto json = json::parse_object(answer.body);
        REQUIRE(json.has_value());
        return std::move(*json);
    }

    Call call;
    Result<void> xmpp;

 private:
    PrivateRoutes routes_;
    HttpServer server_;
    std::uint16_t port_ = 0;
};

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a receiver's allocation is told in sentences") {
    Fixture f;
    TestClient& ann = f.call.join({.id = "aaaaaaaa", .first_ssrc = 1000});
    TestClient& ben = f.call.join({.id = "bbbbbbbb", .first_ssrc = 2000});
    const std::string path = std::string("/debug/conferences/") + Call::kMeeting +
                             "/endpoints/bbbbbbbb/allocation";
    const HttpAnswer before = f.get(path);
    CHECK(before.status == 200);
    CHECK(has(before.head, "text/plain"));
    CHECK(has(before.body, "aaaaaaaa-v0, camera of aaaaaaaa: nothing: the receiver asked for none "
                           "by default"));
    CHECK(has(before.body, "Any number of sources") + has(before.body, "At most 50 sources") == 1);

    ben.send_text(R"({"colibriClass":"ReceiverVideoConstraints","lastN":1,)"
                  R"("constraints":{"aaaaaaaa-v0":{"maxHeight":360}}})");
    std::string after;
    CHECK(f.call.until_doing(
        [&] {
            after = f.get(path).body;
            return has(after, "up to 360p asked for this source");
        },
        [&] { ann.send_video(0, TestClient::Frame::key, 900, Clock::now()); }, seconds(20)));
    CHECK(has(after, "At most 1 sources: the receiver's lastN"));

    CHECK(f.get(std::string("/debug/conferences/") + Call::kMeeting +
                "/endpoints/none/allocation")
              .status == 404);
    CHECK(f.get("/debug/conferences/none/endpoints/bbbbbbbb/allocation").status == 404);
    CHECK(f.get("/debug/conferences/none/endpoints/bbbbbbbb").status == 404);
}

TEST_CASE("/debug lists conferences, and shows one or one endpoint in full") {
    Fixture f;
    f.call.join({.id = "aaaaaaaa", .first_ssrc = 1000});
    f.call.join({.id = "bbbbbbbb", .first_ssrc = 2000});
    const auto all = f.get_json("/debug");
    CHECK(*json::get_string(all, "shutdown_state") == "RUNNING");
    CHECK(*json::get_string(all["load_management"], "reducer_enabled") == "false");
    CHECK(all["health"]["success"].IsBool());
    REQUIRE(all["conferences"].MemberCount() == 1);
    const std::string id = all["conferences"].MemberBegin()->name.GetString();
    const auto& listed = all["conferences"][id.c_str()];
    CHECK(*json::get_string(listed, "id") == id);
    CHECK(*json::get_string(listed, "meeting_id") == Call::kMeeting);
    CHECK(listed["endpoints"].MemberCount() == 2);
    CHECK_FALSE(listed.HasMember("speech_activity"));

    for (const std::string& path : {std::string("/debug?full=true"), "/debug/" + id}) {
        const auto full = f.get_json(path);
        const auto& one = full["conferences"][id.c_str()];
        CHECK(one["creation_time"].GetInt64() > 1'700'000'000'000);
        CHECK(one["speech_activity"]["endpointsBySpeechActivity"].Size() == 2);
        CHECK(one["endpoints"]["aaaaaaaa"]["dtls_connected"].GetBool());
        CHECK(one["endpoints"]["aaaaaaaa"]["bitrate_controller"]["bitrate_allocator"]
                 ["allocationSettings"]["default_constraints"]["maxHeight"]
                     .GetInt() == 0);
    }
    const auto endpoint = f.get_json("/debug/" + id + "/bbbbbbbb");
    CHECK(endpoint["conferences"][id.c_str()]["endpoints"].MemberCount() == 1);
    const auto in_short = f.get_json("/debug/" + id + "?full=false");
    CHECK_FALSE(in_short["conferences"][id.c_str()].HasMember("speech_activity"));
    CHECK(*json::get_string(f.get_json("/debug/none")["conferences"], "none") == "null");
    CHECK(*json::get_string(f.get_json("/debug/" + id + "/none")["conferences"][id.c_str()]
                                      ["endpoints"],
                            "none") == "null");

    const HttpAnswer moved = f.get("/colibri/debug/" + id);
    CHECK(moved.status == 301);
    CHECK(has(moved.head, "Location: /debug/" + id));
    CHECK(has(f.get("/colibri/debug/%0d%0aSet-Cookie:x").head, "Location: /debug\r\n"));
}

TEST_CASE("health says what is wrong, version who this is") {
    Fixture f;
    CHECK(f.get("/about/health").status == 200);
    CHECK(f.get("/about/health").body.empty());
    f.xmpp = fail("XMPP is away");
    const HttpAnswer ill = f.get("/about/health");
    CHECK(ill.status == 500);
    CHECK(ill.body == "XMPP is away");
    CHECK(*json::get_string(f.get_json("/about/version"), "name") == "JVB");
}

TEST_CASE("drain is switched and told; web pages may switch nothing") {
    Fixture f;
    CHECK(f.ask({"POST", "/colibri/drain/enable"}).status == 200);
    CHECK(f.get("/colibri/drain").body == "{\"drain\":true}");
    CHECK(f.get_json("/colibri/stats")["drain"].GetBool());
    CHECK(f.ask({"POST", "/colibri/drain/disable"}).status == 200);
    CHECK(f.get("/colibri/drain").body == "{\"drain\":false}");
    const std::string page = "Origin: https://evil.example.com\r\n";
    CHECK(f.ask({.method = "POST", .path = "/colibri/drain/enable", .more_headers = page}).status ==
          403);
    CHECK(f.ask({.method = "POST",
                 .path = "/colibri/shutdown",
                 .body = R"({"graceful-shutdown":true})",
                 .content_type = "text/plain",
                 .more_headers = page})
              .status == 403);
    CHECK(f.ask({.method = "OPTIONS", .path = "/colibri/drain/enable", .more_headers = page})
              .status == 405);
    CHECK(f.call.bridge().shutdown_state() == ShutdownState::running);
    CHECK_FALSE(f.call.bridge().drain());
}

TEST_CASE("shutdown over HTTP: people stay until they leave, new conferences are refused") {
    Fixture f;
    f.call.join({.id = "aaaaaaaa"});
    CHECK(f.ask({"POST", "/colibri/shutdown", "nonsense"}).status == 400);
    CHECK(f.ask({"POST", "/colibri/shutdown", "{}"}).status == 400);
    CHECK(f.call.bridge().shutdown_state() == ShutdownState::running);
    CHECK(f.ask({"POST", "/colibri/shutdown", R"({"graceful-shutdown":"true"})"}).status == 200);
    CHECK(f.call.bridge().shutdown_state() == ShutdownState::graceful_shutdown);
    CHECK(f.get_json("/colibri/stats")["graceful_shutdown"].GetBool());
    CHECK_THROWS_WITH(f.call.join({.id = "bbbbbbbb", .first_ssrc = 2000}, "another-meeting"),
                      doctest::Contains("create refused"));
    CHECK_NOTHROW(f.call.join({.id = "cccccccc", .first_ssrc = 3000}));
    CHECK(f.ask({"POST", "/colibri/shutdown", R"({"graceful-shutdown":false})"}).status == 200);
    CHECK(f.call.bridge().shutdown_state() == ShutdownState::shutting_down);
}

TEST_CASE("a scrape is as long with many conferences as with none") {
    Fixture f;
    const auto lines = [&] {
        const std::string text = f.get("/metrics").body;
        return std::count(text.begin(), text.end(), '\n');
    };
    const auto none = lines();
    CHECK(none > 100);
    for (int i = 0; i < 50; ++i) {
        xmpp::colibri2::ConferenceModify request;
        request.meeting_id = "meeting-" + std::to_string(i);
        request.create = true;
        REQUIRE(f.call.modify(request).has_value());
    }
    CHECK(lines() == none);
}

TEST_CASE("an overloaded bridge that may reduce sends everybody fewer videos, and says so") {
    auto config = Call::local_config();
    config.load_packets_per_second = 1;  // any call is too much for it
    config.load_reducer = true;
    config.load_interval = seconds(1);
    Fixture f(config);
    TestClient& ann = f.call.join({.id = "aaaaaaaa", .first_ssrc = 1000});
    TestClient& ben = f.call.join({.id = "bbbbbbbb", .first_ssrc = 2000});
    TestClient& cyd = f.call.join({.id = "cccccccc", .first_ssrc = 3000});
    cyd.send_text(R"({"colibriClass":"ReceiverVideoConstraints",)"
                  R"("defaultConstraints":{"maxHeight":180}})");
    const std::string path = std::string("/debug/conferences/") + Call::kMeeting +
                             "/endpoints/cccccccc/allocation";
    CHECK(f.call.until_doing(
        [&] { return has(f.get(path).body, "At most 1 sources: the bridge's limit under load"); },
        [&] {
            ann.send_video(0, TestClient::Frame::key, 900, Clock::now());
            ben.send_video(0, TestClient::Frame::key, 900, Clock::now());
        },
        seconds(60)));
    const auto debug = f.get_json("/debug");
    CHECK(*json::get_string(debug["load_management"], "reducer_enabled") == "true");
    CHECK(debug["load_management"]["reducer"]["jvbLastN"].GetInt() == 1);
    CHECK(f.get_json("/colibri/stats")["stress_level"].GetDouble() > 1);
}
