// COLIBRI2 over HTTP: a real bridge behind a real HTTP port, asked as curl asks.
#include "bridge/http/colibri_routes.hpp"

#include <doctest/doctest.h>

#include "base/json.hpp"
#include "tests/bridge/http/asking.hpp"

using namespace jmeet;
using namespace jmeet::bridge;

namespace {

constexpr char kMeeting[] = "7d1c0b5e-6a55-4f0c-9a3e-0f3f7a1f2b10";

using Answer = test::HttpAnswer;

class Fixture {
 public:
    Fixture() : bridge_(control_, config()), server_(control_.get_executor()), routes_(bridge_) {
        routes_.add_to(server_);
        const auto port = server_.listen("127.0.0.1", 0);
        REQUIRE(port.has_value());
        port_ = *port;
    }
    ~Fixture() {
        bool stopped = false;
        asio::co_spawn(control_, server_.stop(), [&](std::exception_ptr) { stopped = true; });
        run_until(stopped);
    }

    Answer ask(const std::string& method, const std::string& path, const std::string& body = {},
               const std::string& content_type = "application/json") {
        return test::ask_http(control_, port_, {method, path, body, content_type}, [this] {
            control_.restart();
            control_.run_one();
        });
    }
    Answer post(const std::string& body) { return ask("POST", "/colibri/v2/conferences", body); }
    Answer patch(const std::string& body, const std::string& id = kMeeting) {
        return ask("PATCH", "/colibri/v2/conferences/" + id, body);
    }

 private:
    static BridgeConfig config() {
        BridgeConfig config;
        config.media_port = 0;
        config.loopback_candidates = true;
        config.local_addresses = {"127.0.0.1"};
        return config;
    }
    void run_until(const bool& done) {
        while (!done) {
            control_.restart();
            control_.run_one();
        }
    }

    asio::io_context control_;
    Bridge bridge_;
    HttpServer server_;
    ColibriRoutes routes_;
    std::uint16_t port_ = 0;
};

std::string create_request(const std::string& id, bool with_conference) {
    const std::string head =
        with_conference ? std::string(R"({"meeting-id":")") + kMeeting +
                              R"(","name":"load1@conference.example.com","create":true,)"
                        : "{";
    return head + R"("endpoints":[{"id":")" + id + R"(","create":true,"stats-id":"gen-1",
  "medias":[
   {"type":"audio",
    "payload-types":[{"id":111,"name":"opus","clockrate":48000,"channels":2,
       "parameters":{"minptime":"10","useinbandfec":"1"},"rtcp-fbs":[{"type":"transport-cc"}]}],
    "rtp-hdrexts":[{"id":1,"uri":"urn:ietf:params:rtp-hdrext:ssrc-audio-level"}],
    "extmap-allow-mixed":true},
   {"type":"video",
    "payload-types":[
      {"id":100,"name":"VP8","clockrate":90000,"rtcp-fbs":[{"type":"ccm","subtype":"fir"}]},
      {"id":96,"name":"rtx","clockrate":90000,"parameters":{"apt":"100"}}]}],
  "transport":{"ice-controlling":true,"sctp":{}},
  "capabilities":["source-names"]}]})";
}

constexpr char kAccept[] = R"({"endpoints":[{"id":"a1b2c3d4",
 "transport":{"transport":{"xmlns":"urn:xmpp:jingle:transports:ice-udp:1","ufrag":"sXoJ",
   "pwd":"PirYicPKtYw4+mkIUOm1wWQm","rtcp-mux":true,
   "fingerprints":[{"fingerprint":"BB:50:4C:72:EA:1A:91:7D:45:7C:40:A6:BF:70:1D:4D:FD:47:F3:CB:40:03:B9:A4:42:E0:5C:D9:8C:3F:09:BF","hash":"sha-256","setup":"active"}],
   "candidates":[{"component":1,"foundation":"1","generation":0,"id":"c1","network":0,
      "priority":2130706431,"protocol":"udp","type":"host","ip":"127.0.0.1","port":40000}]}},
 "sources":[
  {"type":"audio","id":"a1b2c3d4-a0","sources":[{"ssrc":3166599606,"name":"a1b2c3d4-a0"}]},
  {"type":"video","id":"a1b2c3d4-v0",
   "sources":[{"ssrc":437485591,"name":"a1b2c3d4-v0"},{"ssrc":2958490935,"name":"a1b2c3d4-v0"}],
   "ssrc-groups":[{"semantics":"FID","sources":[437485591,2958490935]}]}]}]})";

}  // namespace

TEST_CASE("a load generator's conference lives and ends over HTTP") {
    Fixture f;
    const Answer created = f.post(create_request("a1b2c3d4", true));
    REQUIRE(created.status == 200);
    const auto json = json::parse_object(created.body);
    REQUIRE(json.has_value());
    const auto& endpoint = (*json)["endpoints"][0];
    CHECK(*json::get_string(endpoint, "id") == "a1b2c3d4");
    const auto& transport = endpoint["transport"]["transport"];
    CHECK(*json::get_string(transport, "xmlns") == "urn:xmpp:jingle:transports:ice-udp:1");
    CHECK(json::get_string(transport, "ufrag")->size() >= 4);
    CHECK(*json::get_string(transport["fingerprints"][0], "setup") == "actpass");
    CHECK(*json::get_string(transport["candidates"][0], "protocol") == "udp");
    CHECK(*json::get_int(endpoint["transport"]["sctp"], "port") == 5000);
    CHECK(*json::get_string(endpoint["transport"]["sctp"], "role") == "SERVER");
    CHECK(*json::get_string((*json)["sources"][0], "id") == "jvb-a0");

    CHECK(f.patch(create_request("e5f60718", false)).status == 200);
    const Answer accepted = f.patch(kAccept);
    CHECK(accepted.status == 200);
    CHECK(accepted.body == R"({"endpoints":[{"id":"a1b2c3d4"}]})");
    CHECK(f.patch(R"({"endpoints":[{"id":"a1b2c3d4","force-mute":{"audio":true,"video":false}}]})")
              .status == 200);
    CHECK(f.patch(R"({"endpoints":[{"id":"a1b2c3d4","initial-last-n":{"value":5}}]})").status ==
          200);
    CHECK(f.patch(R"({"endpoints":[{"id":"a1b2c3d4","expire":true}]})").status == 200);
    const Answer ended = f.patch(R"({"expire":true})");
    CHECK(ended.status == 200);
    CHECK(ended.body == "{}");
    CHECK(f.patch(R"({"expire":true})").status == 404);
}

TEST_CASE("a conference that is not there, or there already, is refused") {
    Fixture f;
    CHECK(f.patch("{}").status == 404);
    CHECK(f.patch(R"({"create":true})").status == 404);
    const Answer unknown = f.post(R"({"meeting-id":"none","endpoints":[]})");
    CHECK(unknown.status == 400);
    CHECK(unknown.reason.starts_with("Failed to create conference: "));
    REQUIRE(f.post(create_request("a1b2c3d4", true)).status == 200);
    const Answer twice = f.post(create_request("a1b2c3d4", true));
    CHECK(twice.status == 400);
    CHECK(twice.reason.starts_with("Failed to create conference: "));
    CHECK(twice.reason.size() > std::string("Failed to create conference: ").size());
}

TEST_CASE("POST without create modifies, and the path's meeting-id wins over the body's") {
    Fixture f;
    REQUIRE(f.post(create_request("a1b2c3d4", true)).status == 200);
    CHECK(f.post(std::string(R"({"meeting-id":")") + kMeeting +
                 R"(","endpoints":[{"id":"a1b2c3d4","initial-last-n":{"value":2}}]})")
              .status == 200);
    CHECK(f.patch(R"({"meeting-id":"other","endpoints":[{"id":"a1b2c3d4","expire":true}]})")
              .status == 200);
}

TEST_CASE("bodies that are no request are 400, other content types 415, reading is 501 or 404") {
    Fixture f;
    CHECK(f.post("nonsense").status == 400);
    CHECK(f.post("[]").status == 400);
    CHECK(f.post(R"({"create":true})").status == 400);
    CHECK(f.post(R"({"meeting-id":"m","create":"yes"})").status == 400);
    CHECK(f.ask("POST", "/colibri/v2/conferences", "{}", "text/plain").status == 415);
    CHECK(f.ask("POST", "/colibri/v2/conferences/", create_request("a1b2c3d4", true),
                "application/json; charset=utf-8")
              .status == 200);
    CHECK(f.ask("GET", "/colibri/v2/conferences").status == 501);
    CHECK(f.ask("GET", std::string("/colibri/v2/conferences/") + kMeeting).status == 501);
    CHECK(f.ask("GET", "/colibri/v2/conferences/none").status == 404);
    CHECK(f.ask("DELETE", "/colibri/v2/conferences").status == 405);
}

TEST_CASE("who speaks can be asked for by meeting-id") {
    Fixture f;
    REQUIRE(f.post(create_request("a1b2c3d4", true)).status == 200);
    const std::string path = std::string("/colibri/v2/conferences/") + kMeeting;
    const Answer speech = f.ask("GET", path + "/dominant-speaker-identification");
    CHECK(speech.status == 200);
    const auto json = json::parse_object(speech.body);
    REQUIRE(json.has_value());
    CHECK((*json)["endpointsBySpeechActivity"].Size() == 1);
    CHECK(json->HasMember("dominantEndpoint"));
    CHECK(json->HasMember("endpointsInLastNOrder"));
    CHECK(f.ask("GET", "/colibri/v2/conferences/none/dominant-speaker-identification").status ==
          404);
}
