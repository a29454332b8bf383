#include "bridge/ice/heartbeat.hpp"

#include <doctest/doctest.h>

#include <array>

namespace jmeet::bridge {
namespace {

const IceCredentials kCredentials{"hb1234abcd", "0123456789abcdefghijkl"};
const Address kFocus = *Address::parse("10.77.0.1", 40'000);

struct Asked {
    HeartbeatResponder responder{kCredentials};
    HeartbeatAsker asker{kCredentials};
    std::array<std::uint8_t, 256> question{};
    std::array<std::uint8_t, 256> reply{};
    std::size_t asked = asker.ask(7, question);
    BytesView request() const { return BytesView(question).first(asked); }
};

TEST_CASE_FIXTURE(Asked, "a heartbeat is answered, and the answer names its question") {
    const std::size_t length = responder.answer(request(), kFocus, reply);
    REQUIRE(length > 0);
    CHECK(length <= asked);  // nobody is flooded by forged questions
    CHECK(asker.read(BytesView(reply).first(length)) == 7);
}

TEST_CASE_FIXTURE(Asked, "strangers get nothing") {
    SUBCASE("another password") {
        asked = HeartbeatAsker({kCredentials.ufrag, "another-password-here"}).ask(7, question);
    }
    SUBCASE("another process") {
        asked = HeartbeatAsker({"hb9999zzzz", kCredentials.pwd}).ask(7, question);
    }
    SUBCASE("a changed byte") { question[asked / 2] ^= 1; }
    SUBCASE("a cut question") { asked -= 4; }
    SUBCASE("a bridge without credentials") { responder = HeartbeatResponder({}); }
    CHECK(responder.answer(request(), kFocus, reply) == 0);
}

TEST_CASE_FIXTURE(Asked, "an answer counts only when it was made with the password, for us") {
    const std::size_t length = responder.answer(request(), kFocus, reply);
    SUBCASE("changed") { reply[length / 2] ^= 1; }
    SUBCASE("to another focus") { asker = HeartbeatAsker({kCredentials.ufrag, "other-password"}); }
    CHECK(!asker.read(BytesView(reply).first(length)));
    CHECK(!asker.read(request()));
}

}  // namespace
}  // namespace jmeet::bridge
