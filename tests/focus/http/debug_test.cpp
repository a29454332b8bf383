// What /debug and the metrics show, in every state that a conference goes through.
#include "base/json.hpp"
#include "tests/focus/http/web.hpp"

namespace jmeet::focus {
namespace {

struct Watched : Web {
    using Web::Web;
    Watched() = default;
    json::Document read(const std::string& path) {
        auto document = json::parse(get(path).body);
        REQUIRE_MESSAGE(document.has_value(), path);
        return std::move(*document);
    }
    json::Document conference() { return read("/debug/conference/" + std::string(kRoom)); }
    double metric(const std::string& name) {
        const auto all = json::parse(
            get("/metrics", "Accept: application/json\r\n").body);
        const auto value = json::get_double(*all, name);
        REQUIRE_MESSAGE(value.has_value(), name);
        return *value;
    }
    bool exposes(const std::string& line) {
        return get("/metrics").body.find("\njitsi_jicofo_" + line + "\n") != std::string::npos;
    }
    void comes_with_caps(const std::string& nick, const std::string& ver,
                         const std::string& features) {
        hear(fmt::format("<presence from='{}' to='{}'>"
                         "<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' "
                         "node='https://jitsi.org/jitsi-meet' ver='{}'/>"
                         "<x xmlns='http://jabber.org/protocol/muc#user'><item affiliation='none' "
                         "role='participant' jid='{}@meet.test/web'/></x></presence>",
                         occupant(nick), kFocusJid, ver, nick));
        const auto asked = find(iq("get", occupant(nick), "query"));
        if (asked) {
            answer(*asked, "<query xmlns='http://jabber.org/protocol/disco#info' node='" +
                               asked->child("query")->get("node") + "'>" + features + "</query>");
        }
    }
};

TEST_CASE_FIXTURE(Watched, "every state is valid JSON: no room, joining, waiting, called, empty") {
    const auto all_valid = [&] {
        for (const char* path :
             {"/debug", "/debug?full=true", "/debug/conferences", "/debug/conferences-full",
              "/debug/xmpp-caps", "/rtcstats", "/stats", "/debug/conference/standup@muc.meet.test"}) {
            CHECK_MESSAGE(json::parse(get(path).body).has_value(), path);
        }
    };
    all_valid();
    CHECK(get("/debug/conference/standup@muc.meet.test").body == "{}");
    CHECK(get("/debug/conference/nonsense").status == 400);
    // A bridge that has said nothing of itself.
    hear(fmt::format("<presence from='{}' to='{}'><stats "
                     "xmlns='http://jitsi.org/protocol/colibri'/>"
                     "<x xmlns='http://jabber.org/protocol/muc#user'>"
                     "<item jid='jvb@auth.meet.test/x' affiliation='owner' role='moderator'/></x>"
                     "</presence>",
                     bridge_jid("mute"), kFocusJid));
    request_conference("open");
    all_valid();
    CHECK(json::get_bool(conference(), "started") == false);
    CHECK(!json::find(conference(), "colibri_session_manager"));
    let_room_in();
    all_valid();
    CHECK(json::get_bool(conference(), "started") == true);
    // Somebody waits: a conference of one, as Jicofo counts.
    CHECK(metric("participants_current") == 1);
    CHECK(metric("participants_pairs") == 1);
    bridge_leaves("mute");
    client_joins("aaaa");
    client_joins("bbbb");
    all_valid();
    bridge_appears("jvb1");
    allocate("aaaa");
    all_valid();
    allocate("bbbb");
    accept("aaaa", 1001);
    all_valid();
    accept("bbbb", 2001);
    all_valid();
    client_leaves("aaaa");
    client_leaves("bbbb");
    all_valid();
}

TEST_CASE_FIXTURE(Watched, "the room's settings, the start muted, and whom a bridge mutes") {
    two_party_call();
    hear(metadata_message(R"({"lobbyEnabled":true,"visitors":{"live":true},"visitorsEnabled":true,)"
                          R"("participantsSoftLimit":50,"moderators":["m1"],"participants":["p1"],)"
                          R"("startMuted":{"audio":true}})"));
    hear(moderate("audio", true, occupant("aaaa")));
    hear(moderate("desktop", true, occupant("aaaa")));
    const auto document = conference();
    const json::Value& room = *json::get_object(document, "chat_room");
    CHECK(json::get_bool(room, "lobby_enabled") == true);
    CHECK(json::get_int(room, "participants_soft_limit") == 50);
    CHECK(json::get_string(room, "visitors_enabled") == "true");
    CHECK(json::get_bool(room, "visitors_live") == true);
    CHECK(json::to_string(*json::get_array(room, "moderators")) == R"(["m1"])");
    CHECK(json::to_string(*json::get_array(room, "participants")) == R"(["p1"])");
    const json::Value& moderation = *json::get_object(room, "av_moderation");
    CHECK(json::get_bool(*json::get_object(moderation, "AUDIO"), "enabled") == true);
    CHECK(json::get_bool(*json::get_object(moderation, "VIDEO"), "enabled") == false);
    CHECK(json::get_bool(*json::get_object(moderation, "DESKTOP"), "enabled") == true);
    const json::Value& roles = *json::get_object(document, "chat_room_role_manager");
    CHECK(json::get_string(roles, "class") == "AutoOwnerRoleManager");
    CHECK(json::get_string(roles, "owner") == "aaaa@meet.test/web");
    CHECK(json::get_bool(document, "start_audio_muted") == true);
    CHECK(json::get_bool(document, "start_video_muted") == false);
    const json::Value& placed = *json::get_object(
        *json::get_object(*json::get_object(document, "colibri_session_manager"), "participants"),
        "bbbb");
    CHECK(json::get_string(placed, "bridge") == "jvb1");
    CHECK(json::get_bool(placed, "audio_muted") == true);
    CHECK(json::get_bool(placed, "video_muted") == false);
    CHECK(json::get_bool(placed, "ssrc_rewriting") == true);
}

TEST_CASE("limits of senders and visitors show") {
    FocusConfig config = talk_config();
    config.conference.max_audio_senders = 1;
    Web web(config);
    web.open_room();
    const auto conference = [&] {
        auto document =
            json::parse(web.get("/debug/conference/" + std::string(kRoom)).body);
        REQUIRE(document.has_value());
        return std::move(*document);
    };
    CHECK(json::get_bool(conference(), "audio_limit_reached") == false);
    web.client_joins("aaaa", {}, "<SourceInfo>{\"aaaa-a0\":{\"muted\":false}}</SourceInfo>");
    web.hear(fmt::format("<presence from='{}' to='{}'><jitsi_participant_codecList>vp9,vp8"
                         "</jitsi_participant_codecList>"
                         "<x xmlns='http://jabber.org/protocol/muc#user'><item affiliation='none' "
                         "role='visitor' jid='v@meet.test/w'/></x></presence>",
                         occupant("vvvv"), kFocusJid));
    const auto document = conference();
    CHECK(json::get_bool(document, "audio_limit_reached") == true);
    CHECK(json::get_bool(document, "video_limit_reached") == false);
    CHECK(json::get_int(document, "visitor_count") == 1);
    CHECK(json::to_string(*json::get_object(document, "visitor_codecs")) ==
          R"({"count":1,"ranks":{"vp8":{"count":1,"rank_aggregate":1},)"
          R"("vp9":{"count":1,"rank_aggregate":0}},"aggregate":["vp9","vp8"]})");
    const auto stats = json::parse(web.get("/stats").body);
    CHECK(json::get_int(*stats, "visitors") == 1);
    CHECK(json::get_int(*stats, "conferences_with_visitors") == 1);
    CHECK(json::get_int(*stats, "participants") == 1);
}

TEST_CASE_FIXTURE(Watched, "client versions are counted, each person once") {
    bridge_appears("jvb1");
    open_room();
    const std::string audio = "<feature var='urn:xmpp:jingle:apps:rtp:audio'/>";
    comes_with_caps("aaaa", "one=", audio);
    comes_with_caps("bbbb", "one=", audio);
    comes_with_caps("cccc", "two=", audio + "<feature var='http://jitsi.org/tcc'/>");
    const auto caps = read("/debug/xmpp-caps");
    REQUIRE(caps.MemberCount() == 2);
    const json::Value& one = *json::get_object(caps, "https://jitsi.org/jitsi-meet#one=");
    CHECK(json::get_int(one, "count") == 2);
    CHECK(json::to_string(*json::get_array(one, "features")) == R"(["AUDIO"])");
    const json::Value& two = *json::get_object(caps, "https://jitsi.org/jitsi-meet#two=");
    CHECK(json::get_int(two, "count") == 1);
    CHECK(json::to_string(*json::get_array(two, "features")) == R"(["AUDIO","TCC"])");
    const auto document = conference();
    const json::Value& member = *json::get_object(
        *json::get_object(*json::get_object(document, "chat_room"), "members"), "aaaa");
    CHECK(json::get_string(member, "capsNodeVer") == "https://jitsi.org/jitsi-meet#one=");
}

TEST_CASE("client versions: no more than a thousand are told apart") {
    CapsStats stats;
    for (int i = 0; i < 1'100; ++i) stats.add({"n", std::to_string(i), "sha-1"}, {});
    stats.add({"n", "7", "sha-1"}, {Feature::audio});
    stats.add({std::string(300, 'n'), "1", "sha-1"}, {});
    CHECK(stats.all().size() == 1'000);
    CHECK(stats.all().at("n#7").count == 2);
    CHECK(stats.all().at("n#7").features.has(Feature::audio));
    CHECK(!stats.all().contains("n#1050"));
}

TEST_CASE_FIXTURE(Watched, "time spent is counted when it is over") {
    bridge_appears("jvb1");
    open_room();
    client_joins("aaaa");
    client_joins("bbbb", "<feature var='urn:xmpp:jingle:apps:rtp:audio'/>"
                         "<feature var='http://jitsi.org/start-muted-room-metadata'/>");
    for (const char* nick : {"aaaa", "bbbb"}) allocate(nick);
    CHECK(metric("participants_no_start_muted_rmd_total") == 1);
    run_for(milliseconds(5'000));
    CHECK(metric("conferences_seconds") == 0);
    CHECK(metric("endpoint_seconds") == 0);
    client_leaves("bbbb");
    const double one = metric("endpoint_seconds");
    CHECK(one >= 5.0);
    CHECK(one < 7.0);
    client_leaves("aaaa");
    CHECK(metric("endpoint_seconds") >= 2 * one);
    CHECK(metric("conferences_seconds") >= 5.0);
    CHECK(metric("conferences") == 0);
}

TEST_CASE_FIXTURE(Watched, "a bridge's metrics go with it, load redistribution is counted") {
    two_party_call();
    bridge_appears("jvb2");
    CHECK(exposes("bridge_endpoints{jvb=\"jvb1\"} 2"));
    CHECK(exposes("bridge_failing_ice{jvb=\"jvb1\"} 0"));
    CHECK(exposes("bridge_restart_requests_total{jvb=\"jvb1\"} 0"));
    CHECK(exposes("bridge_endpoints_moved_total{jvb=\"jvb1\"} 0"));
    xmpp::BridgeStats stats;
    stats.add("stress_level", 0.95);
    stats.add("drain", "true");
    focus->mover().find_bridge("jvb1")->apply(stats, Clock::now());
    focus->mover().redistribute(Clock::now());
    run();
    CHECK(exposes("bridge_endpoints_moved_total{jvb=\"jvb1\"} 2"));
    CHECK(metric("load_redistributor_endpoints_moved_total") == 2);
    bridge_leaves("jvb1");
    CHECK(get("/metrics").body.find("jvb=\"jvb1\"") == std::string::npos);
    CHECK(metric("bridge_selector_lost_bridges_total") == 1);
}

TEST_CASE("selections that met a bridge to which too many had just gone are counted") {
    FocusConfig config = talk_config();
    config.bridge.max_participants_per_interval = 2;
    config.bridge.max_participants_interval = milliseconds(1'000);
    Watched web(config);
    web.two_party_call();
    CHECK(web.metric("bridge_selection_rate_limited_total") == 0);
    web.client_joins("cccc");
    web.allocate("cccc");
    CHECK(web.metric("bridge_selection_rate_limited_total") == 1);
    web.run_for(milliseconds(1'200));
    web.client_joins("dddd");
    web.allocate("dddd");
    CHECK(web.metric("bridge_selection_rate_limited_total") == 1);
}

TEST_CASE_FIXTURE(Watched, "/rtcstats leaves out what participants were told of sources") {
    two_party_call();
    CHECK(get("/debug/conferences-full").body.find("signaled_sources") != std::string::npos);
    const std::string stats = get("/rtcstats").body;
    CHECK(stats.find("signaled_sources") == std::string::npos);
    CHECK(stats.find("\"conference_sources\"") != std::string::npos);
}

}  // namespace
}  // namespace jmeet::focus
