#include "focus/http/pin_routes.hpp"

#include <doctest/doctest.h>

#include "base/json.hpp"

namespace jmeet::focus {
namespace {

using std::chrono::minutes;

struct Pinned {
    BridgePins pins;
    BridgePins::Time now{std::chrono::seconds(1'787'230'002)};
    const xmpp::Jid c1{"c1", "muc.meet.test"}, c2{"c2", "muc.meet.test"}, c3{"c3", "muc.meet.test"};

    Pinned() {
        pins.set(c1, "v1", minutes(10), now);
        pins.set(c2, "v2", minutes(12), now);
        pins.set(c3, "v3", minutes(14), now);
    }
    std::optional<std::string> of(const xmpp::Jid& room) { return pins.version_for(room, now); }
};

TEST_CASE_FIXTURE(Pinned, "pins end one after the other") {
    CHECK(of(c1) == "v1");
    CHECK(of(c2) == "v2");
    CHECK(of(c3) == "v3");
    now += minutes(11);
    CHECK(pins.all(now).size() == 2);
    CHECK(!of(c1).has_value());
    now += minutes(2);
    CHECK(pins.all(now).size() == 1);
    CHECK(of(c3) == "v3");
    now += minutes(2);
    CHECK(pins.all(now).empty());
}

TEST_CASE_FIXTURE(Pinned, "a removed pin is gone; a new one replaces version and end") {
    pins.remove(c3);
    CHECK(of(c1) == "v1");
    CHECK(of(c2) == "v2");
    CHECK(!of(c3).has_value());
    now += minutes(4);
    pins.set(c1, "v3", minutes(10), now);
    CHECK(of(c1) == "v3");
    CHECK(of(c2) == "v2");
    now += minutes(9);
    CHECK(of(c1) == "v3");
    CHECK(!of(c2).has_value());
    now += minutes(2);
    CHECK(!of(c1).has_value());
}

TEST_CASE_FIXTURE(Pinned, "pins over HTTP") {
    const char* const body =
        R"({"conferenceId":"c4@muc.meet.test","jvbVersion":"2.3.1","durationMinutes":10})";
    CHECK(set_pin(pins, body, now).status == 200);
    CHECK(of(xmpp::Jid("c4", "muc.meet.test")) == "2.3.1");
    const auto list = json::parse(list_pins(pins, now + std::chrono::milliseconds(300)).body);
    REQUIRE(list.has_value());
    REQUIRE(list->Size() == 4);
    CHECK(json::to_string((*list)[3]) ==
          R"({"conferenceId":"c4@muc.meet.test","jvbVersion":"2.3.1",)"
          R"("expiresAt":"2026-08-20T12:56:42Z"})");
    CHECK(remove_pin(pins, R"({"conferenceId":"c4@muc.meet.test"})").status == 200);
    CHECK(remove_pin(pins, R"({"conferenceId":"never@muc.meet.test"})").status == 200);
    CHECK(!of(xmpp::Jid("c4", "muc.meet.test")).has_value());
    for (const char* bad : {"", "[]", R"({"conferenceId":"muc.meet.test","jvbVersion":"1",)"
                                      R"("durationMinutes":1})",
                            R"({"conferenceId":"a@b","durationMinutes":1})",
                            R"({"conferenceId":"a@b","jvbVersion":"1","durationMinutes":-1})"}) {
        CHECK(set_pin(pins, bad, now).status == 400);
    }
    CHECK(remove_pin(pins, "{}").status == 400);
}

}  // namespace
}  // namespace jmeet::focus
