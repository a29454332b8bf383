#include "focus/moderation.hpp"

#include <doctest/doctest.h>

#include "tests/focus/call.hpp"

namespace jmeet::focus {
namespace {

using xmpp::MuteMedia;

struct Two {
    Members members;
    Member& a = members.add(xmpp::Jid("room", "muc", "a"));
    Member& b = members.add(xmpp::Jid("room", "muc", "b"));
    AvModeration moderation;

    MuteDecision mute(const Member* from, const Member* to, bool mute_it) const {
        return decide_mute(from, to, {MuteMedia::audio, "x", "", mute_it}, moderation);
    }
    bool begin(MuteMedia media, std::string actor = {}) {
        xmpp::AvModeration message;
        message.enabled = true;
        message.media = media;
        message.actor = std::move(actor);
        return moderation.apply(message);
    }
    void allow(MuteMedia media, std::vector<std::string> list) {
        xmpp::AvModeration message;
        message.media = media;
        message.whitelists.emplace_back(media, std::move(list));
        moderation.apply(message);
    }
};

TEST_CASE_FIXTURE(Two, "moderators mute others, nobody unmutes others") {
    for (const MemberRole role : {MemberRole::owner, MemberRole::moderator}) {
        a.role = role;
        CHECK(mute(&a, &b, true) == MuteDecision::allowed);
        CHECK(mute(&a, &b, false) == MuteDecision::not_allowed);
        CHECK(mute(&a, &a, false) == MuteDecision::allowed);
    }
    for (const MemberRole role : {MemberRole::participant, MemberRole::visitor}) {
        a.role = role;
        CHECK(mute(&a, &b, true) == MuteDecision::not_allowed);
        CHECK(mute(&a, &b, false) == MuteDecision::not_allowed);
    }
    CHECK(mute(nullptr, &b, true) == MuteDecision::error);
    a.role = MemberRole::owner;
    CHECK(mute(&a, nullptr, true) == MuteDecision::error);
    b.jibri = true;
    CHECK(mute(&a, &b, true) == MuteDecision::not_allowed);
}

TEST_CASE_FIXTURE(Two, "moderation: who may unmute himself") {
    CHECK(mute(&b, &b, false) == MuteDecision::allowed);
    CHECK(begin(MuteMedia::audio, "room@muc/a"));
    CHECK(!begin(MuteMedia::audio));
    CHECK(moderation.enabled(MuteMedia::audio));
    CHECK(!moderation.enabled(MuteMedia::video));
    CHECK(mute(&b, &b, false) == MuteDecision::not_allowed);
    CHECK(mute(&b, &b, true) == MuteDecision::allowed);
    allow(MuteMedia::audio, {"room@muc/b"});
    CHECK(mute(&b, &b, false) == MuteDecision::allowed);
    CHECK(!moderation.may_unmute(MuteMedia::audio, "room@muc/a"));
}

TEST_CASE_FIXTURE(Two, "camera and screen are one at the bridge") {
    begin(MuteMedia::video);
    CHECK(!moderation.force_mute(b).video);
    CHECK(moderation.force_mute_at_invite(b).video);
    begin(MuteMedia::desktop);
    CHECK(moderation.force_mute(b).video);
    CHECK(!moderation.force_mute(b).audio);
    allow(MuteMedia::desktop, {"room@muc/b"});
    CHECK(!moderation.force_mute(b).video);
    b.role = MemberRole::moderator;
    CHECK(!moderation.force_mute_at_invite(b).video);
}

std::string muting_iq(const std::string& attributes, const std::string& text,
                      const std::string& from = occupant("aaaa")) {
    return fmt::format("<iq type='set' id='m1' from='{}' to='{}'><mute "
                       "xmlns='http://jitsi.org/jitmeet/video' {}>{}</mute></iq>",
                       from, kFocusJid, attributes, text);
}

TEST_CASE_FIXTURE(Call, "mute requests: errors, the result, and the notification") {
    const std::string target = "jid='" + occupant("bbbb") + "'";
    const auto condition = [&](const std::string& xml) {
        hear(xml);
        return condition_of(expect("an answer", answer_to("m1")));
    };
    CHECK(condition(muting_iq("", "true")) == "bad-request");
    CHECK(condition(muting_iq(target, "")) == "bad-request");
    CHECK(condition(muting_iq(target, "true", "other@muc.meet.test/x")) == "item-not-found");
    CHECK(condition(muting_iq(target, "true", occupant("zzzz"))) == "internal-server-error");
    CHECK(condition(muting_iq(target, "true")) == "not-allowed");

    hear(fmt::format("<presence from='{}' to='{}'><x xmlns='http://jabber.org/protocol/muc#user'>"
                     "<item affiliation='owner' role='moderator' jid='aaaa@meet.test/web'/></x>"
                     "</presence>",
                     occupant("aaaa"), kFocusJid));
    hear(muting_iq(target, "true"));
    CHECK(expect("an answer", answer_to("m1")).get("type") == "result");
    const auto told = expect("the notification", iq("set", occupant("bbbb"), "mute"));
    CHECK(told.child("mute")->ns() == "http://jitsi.org/jitmeet/video");
    CHECK(told.child("mute")->get("actor") == occupant("aaaa"));
    CHECK(told.child("mute")->text() == "true");
    expect_none("a force-mute: nobody moderates", colibri("jvb1"));

    hear(muting_iq("jid='" + occupant("aaaa") + "'", "true"));
    CHECK(expect("an answer", answer_to("m1")).get("type") == "result");
    expect_none("a notification to oneself", iq("set", occupant("aaaa"), "mute"));
}

TEST_CASE_FIXTURE(Call, "moderation begins: everybody but the actor is muted, at the bridge too") {
    hear(moderation_message("{\"type\":\"av_moderation\",\"enabled\":true,\"mediaType\":\"audio\","
                            "\"room\":\"" + std::string(kRoom) + "\",\"actor\":\"" +
                            occupant("aaaa") + "\"}"));
    const auto told = expect("the mute", iq("set", occupant("bbbb"), "mute"));
    CHECK(told.child("mute")->attribute("actor") == std::nullopt);
    expect_none("a mute of the actor", iq("set", occupant("aaaa"), "mute"));
    const auto enforced = expect("force-mute", colibri("jvb1"));
    const auto endpoints = enforced.child("conference-modify")->children_named("endpoint");
    REQUIRE(endpoints.size() == 1);
    CHECK(endpoints[0]->get("id") == "bbbb");
    CHECK(endpoints[0]->child("force-mute")->get("audio") == "true");
    answer(enforced, "<conference-modified xmlns='jitsi:colibri2'/>");

    // A newcomer is muted from the start, and told so.
    client_joins("cccc");
    const auto asked = allocate("cccc");
    CHECK(asked.child("conference-modify")->child("endpoint")->child("force-mute")->get_bool(
        "audio"));
    const auto offer = expect("the offer", jingle(occupant("cccc"), "session-initiate"));
    CHECK(offer.child("jingle")->child("startmuted")->get("audio") == "true");

    hear(moderation_message("{\"type\":\"av_moderation\",\"enabled\":false,\"mediaType\":"
                            "\"audio\",\"room\":\"" + std::string(kRoom) + "\"}"));
    const auto freed = expect("the mute is taken back", colibri("jvb1"));
    CHECK(freed.child("conference-modify")->children_named("endpoint").size() == 2);
}

TEST_CASE_FIXTURE(Call, "moderation messages that are not for us") {
    const std::string good = "{\"type\":\"av_moderation\",\"enabled\":true,\"mediaType\":\"audio\","
                             "\"room\":\"" + std::string(kRoom) + "\"}";
    hear(fmt::format("<message from='evil.meet.test' to='{}'><json-message "
                     "xmlns='http://jitsi.org/jitmeet'>{}</json-message></message>",
                     kFocusJid, good));
    hear(moderation_message("not json"));
    hear(moderation_message("{"));
    hear(moderation_message("{\"type\":\"unheard_of\",\"enabled\":true,\"mediaType\":\"audio\","
                            "\"room\":\"" + std::string(kRoom) + "\"}"));
    hear(moderation_message("{\"enabled\":true,\"mediaType\":\"audio\",\"room\":\"" +
                            std::string(kRoom) + "\"}"));
    hear(moderation_message("{\"type\":\"av_moderation\",\"enabled\":true,\"mediaType\":\"audio\","
                            "\"room\":\"other@muc.meet.test\"}"));
    expect_none("anything", iq("set", occupant("bbbb"), "mute"));
    // Without an actor everybody is muted.
    hear(moderation_message(good));
    expect("a mute", iq("set", occupant("aaaa"), "mute"));
    expect("a mute", iq("set", occupant("bbbb"), "mute"));
}

}  // namespace
}  // namespace jmeet::focus
