#include "focus/member.hpp"

#include <doctest/doctest.h>

#include "focus/role_manager.hpp"
#include "focus/rooms.hpp"
#include "xmpp/namespaces.hpp"

namespace jmeet::focus {
namespace {

using xmpp::MucAffiliation;
using xmpp::MucRole;

xmpp::Occupant occupant_with(const std::string& extensions,
                             MucAffiliation affiliation = MucAffiliation::none,
                             MucRole role = MucRole::participant) {
    xmpp::Occupant occupant;
    occupant.nick = "aaaa";
    occupant.jid = xmpp::Jid("room", "muc.example.com", "aaaa");
    occupant.real_jid = xmpp::Jid("user", "trusted.example.com", "web");
    occupant.affiliation = affiliation;
    occupant.role = role;
    const auto parsed =
        xmpp::parse_element("<presence>" + extensions + "</presence>", xmpp::ns::kClient);
    occupant.extensions = parsed->children();
    return occupant;
}

struct Fixture {
    Members members;
    Member& member = members.add(xmpp::Jid("room", "muc.example.com", "aaaa"));
    void say(const std::string& extensions) {
        apply_presence(member, occupant_with(extensions), {"trusted.example.com"});
    }
};

TEST_CASE("roles: the affiliation first") {
    for (const auto role :
         {MucRole::none, MucRole::visitor, MucRole::participant, MucRole::moderator}) {
        CHECK(member_role(MucAffiliation::owner, role) == MemberRole::owner);
        CHECK(member_role(MucAffiliation::admin, role) == MemberRole::moderator);
    }
    for (const auto other :
         {MucAffiliation::member, MucAffiliation::none, MucAffiliation::outcast}) {
        CHECK(member_role(other, MucRole::moderator) == MemberRole::moderator);
        CHECK(member_role(other, MucRole::participant) == MemberRole::participant);
        CHECK(member_role(other, MucRole::visitor) == MemberRole::visitor);
        CHECK(member_role(other, MucRole::none) == MemberRole::visitor);
    }
}

TEST_CASE_FIXTURE(Fixture, "a first presence without extensions: muted, no region") {
    SUBCASE("none") { say(""); }
    SUBCASE("nonsense") { say("<SourceInfo>invalid json</SourceInfo>"); }
    CHECK(member.role == MemberRole::participant);
    CHECK(member.audio_muted);
    CHECK(member.video_muted);
    CHECK(!member.region);
    CHECK(member.stats_id.empty());
    CHECK(member.real_jid.to_string() == "user@trusted.example.com/web");
}

TEST_CASE_FIXTURE(Fixture, "senders are counted from SourceInfo, and nonsense changes nothing") {
    say("<SourceInfo>{\"aaaa-a0\":{\"muted\":false},\"aaaa-v0\":{\"muted\":false}}</SourceInfo>");
    CHECK(members.audio_senders() == 1);
    CHECK(members.video_senders() == 1);
    say("<SourceInfo>invalid json</SourceInfo>");
    CHECK(members.audio_senders() == 1);
    say("<SourceInfo>{\"aaaa-a0\":{\"muted\":true}}</SourceInfo>");
    CHECK(members.audio_senders() == 0);
    CHECK(members.video_senders() == 0);
    say("<audiomuted>false</audiomuted>");
    CHECK(members.audio_senders() == 1);
    members.remove("aaaa");
    CHECK(members.audio_senders() == 0);
}

TEST_CASE_FIXTURE(Fixture, "region and stats-id stay when a later presence is silent") {
    say("<jitsi_participant_region>eu</jitsi_participant_region><stats-id>Bo-x</stats-id>");
    say("");
    CHECK(member.region == "eu");
    CHECK(member.stats_id == "Bo-x");
}

TEST_CASE_FIXTURE(Fixture, "services are believed from trusted domains, while they say so") {
    const std::string jigasi =
        "<features><feature var='http://jitsi.org/protocol/jigasi'/></features>";
    say(jigasi);
    CHECK(member.jigasi);
    CHECK(member.force_mute_suppressed());
    member.features = Features{Feature::audio_mute};
    CHECK(!member.force_mute_suppressed());
    say("");
    CHECK(!member.jigasi);
    apply_presence(member, occupant_with(jigasi), {"elsewhere.example.com"});
    CHECK(!member.jigasi);
}

TEST_CASE_FIXTURE(Fixture, "roles change, but not to or from visitor") {
    say("");
    apply_presence(member, occupant_with("", MucAffiliation::owner, MucRole::moderator), {});
    CHECK(member.role == MemberRole::owner);
    apply_presence(member, occupant_with("", MucAffiliation::none, MucRole::none), {});
    CHECK(member.role == MemberRole::owner);
}

TEST_CASE("a nick that comes back is another member") {
    Members members;
    const auto first = members.add(xmpp::Jid("r", "m", "a")).serial;
    CHECK(members.remove("a"));
    CHECK(!members.remove("a"));
    CHECK(members.add(xmpp::Jid("r", "m", "a")).serial != first);
}

TEST_CASE("who is elected owner") {
    Members members;
    const auto add = [&](const char* nick, MemberRole role) -> Member& {
        Member& m = members.add(xmpp::Jid("r", "m", nick));
        m.role = role;
        return m;
    };
    CHECK(choose_owner(members) == nullptr);
    add("jibri", MemberRole::participant).jibri = true;
    add("jigasi", MemberRole::owner).jigasi = true;
    add("visitor", MemberRole::visitor);
    CHECK(choose_owner(members) == nullptr);
    add("first", MemberRole::participant);
    add("second", MemberRole::participant);
    CHECK(choose_owner(members)->id == "first");
    add("owner", MemberRole::owner);
    CHECK(choose_owner(members)->id == "owner");
}

TEST_CASE("senders behind the client proxy") {
    const xmpp::Jid proxied("", "focus.meet.test", "abc@meet.test/res1");
    CHECK(decode_sender(proxied, "focus.meet.test").to_string() == "abc@meet.test/res1");
    CHECK(decode_sender(proxied, "").to_string() == "focus.meet.test/abc@meet.test/res1");
    CHECK(decode_sender(proxied, "other.test") == proxied);
    const xmpp::Jid plain("abc", "meet.test", "x@y/z");
    CHECK(decode_sender(plain, "focus.meet.test") == plain);
}

TEST_CASE("features by their names; a silent client is assumed to do little") {
    const auto features = parse_features({"http://jitsi.org/tcc", "urn:xmpp:jingle:apps:rtp:video",
                                          "http://example.com/unheard-of"});
    CHECK(features.has(Feature::tcc));
    CHECK(features.has(Feature::video));
    CHECK(!features.has(Feature::audio));
    CHECK(features.names() == std::vector<std::string>{"VIDEO", "TCC"});
    CHECK(assumed_features().has(Feature::sctp));
    CHECK(!assumed_features().has(Feature::json_sources));
    CHECK(parse_features({}) == Features());
}

TEST_CASE("restarts: five seconds apart, five a minute, counted from the accepted ones") {
    const ConferenceConfig config;
    RateLimit limit(config);
    TimePoint now = TimePoint() + std::chrono::hours(1);
    CHECK(limit.accept(now));
    CHECK(!limit.accept(now + milliseconds(4'999)));
    CHECK(limit.accept(now + seconds(5)));
    CHECK(limit.accept(now + seconds(10)));
    CHECK(limit.accept(now + seconds(15)));
    CHECK(limit.accept(now + seconds(20)));
    CHECK(!limit.accept(now + seconds(30)));
    CHECK(!limit.accept(now + seconds(60)));
    CHECK(limit.accept(now + seconds(61)));
    CHECK(!limit.accept(now + seconds(64)));
}

}  // namespace
}  // namespace jmeet::focus
