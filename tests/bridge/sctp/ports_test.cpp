// Ports and checksums: usrsctp has others than the wire.
#include <doctest/doctest.h>

#include "tests/bridge/sctp/channel_pair.hpp"

namespace jmeet::bridge::test {

TEST_CASE("on the wire the ports are the signalled one, whatever usrsctp calls the association") {
    Meeting meeting;
    meeting.bridge.transport.start();
    meeting.browser.association.connect();
    meeting.browser.take();
    REQUIRE_FALSE(meeting.browser.out.empty());
    const std::string init = meeting.browser.out.front();
    CHECK(init.substr(0, 4) == std::string("\x13\x88\x13\x88", 4));
    meeting.bridge.transport.on_packet(view(init));
    REQUIRE_FALSE(meeting.bridge.out.empty());
    CHECK(meeting.bridge.out.front().substr(0, 4) == std::string("\x13\x88\x13\x88", 4));
}

TEST_CASE("a packet with a wrong checksum is not heard") {
    Meeting meeting;
    meeting.bridge.transport.start();
    meeting.browser.association.connect();
    meeting.browser.take();
    REQUIRE_FALSE(meeting.browser.out.empty());
    std::string damaged = meeting.browser.out.front();
    damaged.back() = static_cast<char>(damaged.back() ^ 1);
    meeting.bridge.transport.on_packet(view(damaged));
    CHECK(meeting.bridge.out.empty());
    meeting.exchange();
    meeting.browser.open(0, "JVB data channel", DataChannelTransport::kProtocol);
    meeting.exchange();
    CHECK(meeting.bridge.opened == 1);
}

TEST_CASE("channels open after any number of associations has come and gone") {
    Meeting early;
    early.join_and_open();
    // As many as usrsctp has ports, and around that turn of the numbers one after the other.
    for (int i = 0; i < 65'530; ++i) {
        const Browser gone;
    }
    for (int i = 0; i < 10; ++i) {
        Meeting meeting;
        meeting.join_and_open();
        CHECK(meeting.bridge.opened == 1);
    }
    early.browser.say(0, 51, "still here");
    early.exchange();
    CHECK(early.bridge.received == std::vector<std::string>{"still here"});
}

}  // namespace jmeet::bridge::test
