// Monitors read these bodies by their keys: ours has those that a Jicofo gave in a call of three.
#include <fstream>
#include <set>
#include <sstream>

#include "base/json.hpp"
#include "focus/http/conference_sizes.hpp"
#include "focus/http/focus_http.hpp"
#include "tests/focus/call.hpp"

namespace jmeet::focus {
namespace {

std::string recorded(const std::string& name) {
    std::ifstream in(std::string(JMEET_SOURCE_DIR) + "/tests/focus/recorded/" + name);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

void add_keys(const json::Value& value, const std::string& path, std::set<std::string>& keys) {
    if (!value.IsObject()) return;
    for (const auto& member : value.GetObject()) {
        const std::string key = path + "/" + member.name.GetString();
        keys.insert(key);
        add_keys(member.value, key, keys);
    }
}

std::set<std::string> keys_of(const std::string& body) {
    const auto document = json::parse(body);
    REQUIRE(document.has_value());
    std::set<std::string> keys;
    add_keys(*document, "", keys);
    return keys;
}

// What of the recorded keys ours lacks, apart from those that begin as given.
std::string missing(const std::string& file, const std::string& body,
                    const std::vector<std::string>& apart_from) {
    const auto ours = keys_of(body);
    std::string lacking;
    for (const std::string& key : keys_of(recorded(file))) {
        const bool known = std::any_of(apart_from.begin(), apart_from.end(),
                                       [&](const auto& start) { return key.starts_with(start); });
        if (!known && !ours.contains(key)) lacking += key + " ";
    }
    return lacking;
}

struct Served : Call {
    FocusHttp http{*focus};
};

TEST_CASE_FIXTURE(Served, "/stats has Jicofo's keys") {
    // No queue stands between a stanza and its handler here; recorders and gateways are not
    // looked for; what was sent and received depends on the call.
    CHECK(missing("i2-stats.json", http.stats().body,
                  {"/queues/", "/jibri_detector", "/sip_jibri_detector", "/jigasi_detector",
                   "/jingle/sent/", "/jingle/received/"}) == "");
}

TEST_CASE_FIXTURE(Served, "/debug has Jicofo's keys") {
    CHECK(missing("i2-debug.json", http.debug({}).body,
                  {"/focus_manager/", "/bridge_selector/bridge/", "/jibri_detector/",
                   "/jigasi_detector/"}) == "");
    CHECK(missing("i2-conference.json", http.debug_conference(kRoom).body, {}) == "");
    const auto full = keys_of(http.debug_conferences_full().body);
    CHECK(full.contains("/" + std::string(kRoom) + "/include_in_statistics"));
}

TEST_CASE_FIXTURE(Served, "/metrics as JSON has Jicofo's names") {
    // What was sent and received depends on the call.
    CHECK(missing("i2-metrics.json", http.metrics("application/json").body, {"/jingle_"}) == "");
    const auto json = json::parse(http.metrics("application/json").body);
    CHECK(json::get_int(*json, "jingle_session_initiate_sent_total") == 2);
    CHECK(json::get_int(*json, "threads").value_or(0) >= 1);
    const std::string text = http.metrics("*/*").body;
    for (const char* line : {"jitsi_jicofo_jingle_session_accept_received_total 2",
                             "jitsi_jicofo_bridge_endpoints{jvb=\"jvb1\"} 2",
                             "jitsi_jicofo_bridge_restart_requests_total{jvb=\"jvb1\"} 0",
                             "jitsi_jicofo_version_info{version=\"1.1.SNAPSHOT\"} 1"}) {
        CHECK_MESSAGE(text.find(line) != std::string::npos, line);
    }
}

TEST_CASE_FIXTURE(Served, "/rtcstats shows the conferences that want it, by meeting id") {
    CHECK(keys_of(http.rtcstats().body).contains("/6f0e4f0c-6b0a-4a39-8e86-0d6c4f9f6a10/name"));
    Talk without;
    without.open_room("<property name='rtcstatsEnabled' value='false'/>");
    FocusHttp other(*without.focus);
    CHECK(other.rtcstats().body == "{}");
}

TEST_CASE("conference sizes fall into Jicofo's buckets") {
    ConferenceSizes sizes;
    for (const int size : {0, 1, 3, 4, 5, 600}) sizes.add(size);
    json::Writer out;
    sizes.write(out);
    const auto body = json::parse(out.str());
    const auto* buckets = json::get_object(*body, "buckets");
    REQUIRE(buckets);
    CHECK(json::get_int(*buckets, "0_to_1") == 1);
    CHECK(json::get_int(*buckets, "1_to_2") == 1);
    CHECK(json::get_int(*buckets, "3_to_5") == 2);
    CHECK(json::get_int(*buckets, "5_to_10") == 1);
    CHECK(json::get_int(*buckets, "500_to_max") == 1);
    CHECK(json::get_int(*body, "max") == 600);
    CHECK(json::get_int(*body, "total_value") == 613);
    CHECK(sizes.conferences() == 6);
}

}  // namespace
}  // namespace jmeet::focus
