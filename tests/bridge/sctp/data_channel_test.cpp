#include "bridge/sctp/data_channel.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <random>
#include <thread>

#include "tests/bridge/sctp/channel_pair.hpp"

namespace jmeet::bridge::test {

TEST_CASE("a browser opens its channel and hears the ACK; messages pass both ways in order") {
    Meeting meeting;
    meeting.join();
    CHECK(meeting.browser.count(SctpEvent::Kind::up) == 1);
    CHECK(meeting.bridge.opened == 0);
    CHECK(meeting.bridge.transport.send("{}") == ChannelSend::not_open);

    meeting.browser.open(0, "JVB data channel", "http://jitsi.org/protocols/colibri");
    meeting.exchange();
    CHECK(meeting.bridge.opened == 1);
    CHECK(meeting.bridge.label == "JVB data channel");
    CHECK(meeting.bridge.protocol == "http://jitsi.org/protocols/colibri");
    REQUIRE(meeting.browser.count(SctpEvent::Kind::message) == 1);
    CHECK(meeting.browser.heard.back().ppid == 50);
    CHECK(meeting.browser.heard.back().bytes == "\x02");
    CHECK(meeting.browser.heard.back().stream == 0);

    for (int i = 0; i < 20; ++i) meeting.browser.say(0, 51, "to bridge " + std::to_string(i));
    for (int i = 0; i < 20; ++i) {
        CHECK(meeting.bridge.transport.send("to browser " + std::to_string(i)) == ChannelSend::ok);
    }
    meeting.pass(seconds(1));
    REQUIRE(meeting.bridge.received.size() == 20);
    CHECK(meeting.bridge.received[0] == "to bridge 0");
    CHECK(meeting.bridge.received[19] == "to bridge 19");
    REQUIRE(meeting.browser.count(SctpEvent::Kind::message) == 21);
    CHECK(meeting.browser.heard.back().ppid == 51);
    CHECK(meeting.browser.heard.back().bytes == "to browser 19");
    CHECK(meeting.bridge.transport.counters().sent == 20);
}

TEST_CASE("the channel's stream is the browser's choice, and the ACK goes out on it") {
    Meeting meeting;
    meeting.join();
    meeting.browser.open(7, "any", "thing");
    meeting.exchange();
    meeting.bridge.transport.send("hello");
    meeting.exchange();
    REQUIRE(meeting.browser.count(SctpEvent::Kind::message) == 2);
    for (const auto& event : meeting.browser.heard) {
        if (event.kind == SctpEvent::Kind::message) CHECK(event.stream == 7);
    }
    meeting.browser.say(7, 51, "on it");
    meeting.browser.say(3, 51, "beside it");
    meeting.exchange();
    CHECK(meeting.bridge.received == std::vector<std::string>{"on it"});
    CHECK(meeting.bridge.transport.counters().ignored_messages == 1);
}

TEST_CASE("a second channel gets no ACK and is counted") {
    Meeting meeting;
    meeting.join_and_open();
    meeting.browser.open(2, "another", "");
    meeting.browser.open(0, "the same again", "");
    meeting.exchange();
    CHECK(meeting.bridge.opened == 1);
    CHECK(meeting.browser.count(SctpEvent::Kind::message) == 1);
    CHECK(meeting.bridge.transport.counters().rejected_channels == 2);
}

TEST_CASE("binary, empty and broken messages are ignored, and counted") {
    Meeting meeting;
    meeting.join();
    meeting.browser.say(0, 51, "before any channel");
    const std::string lies_about_label("\x03\0\0\0\0\0\0\0\0\x09\0\0lab", 15);
    meeting.browser.say(0, 50, lies_about_label);
    meeting.browser.say(0, 50, "\x03");
    meeting.exchange();
    CHECK(meeting.bridge.opened == 0);
    CHECK(meeting.bridge.transport.counters().ignored_messages == 3);
    meeting.browser.open(0, "", "");
    meeting.browser.say(0, 53, "binary");
    meeting.browser.say(0, 56, std::string(1, '\0'));
    meeting.browser.say(0, 57, std::string(1, '\0'));
    meeting.browser.say(0, 1234, "what is this");
    meeting.browser.say(0, 50, "\x09");
    meeting.browser.say(0, 51, "text");
    meeting.exchange();
    CHECK(meeting.bridge.received == std::vector<std::string>{"text"});
    CHECK(meeting.bridge.transport.counters().ignored_messages == 8);
}

TEST_CASE("the largest message passes whole, a larger one is dropped and the channel lives on") {
    Meeting meeting;
    meeting.join_and_open();
    std::string largest(DataChannelTransport::kMaxMessage, 'a');
    for (std::size_t i = 0; i < largest.size(); ++i) largest[i] = static_cast<char>('a' + i % 23);
    meeting.browser.say(0, 51, largest);
    meeting.pass(seconds(5));
    REQUIRE(meeting.bridge.received.size() == 1);
    CHECK(meeting.bridge.received[0] == largest);

    meeting.browser.say(0, 51, largest + "!");
    meeting.pass(seconds(5));
    CHECK(meeting.bridge.received.size() == 1);
    CHECK(meeting.bridge.transport.dropped_messages() == 1);
    CHECK(meeting.bridge.transport.send(largest + "!") == ChannelSend::too_large);

    CHECK(meeting.bridge.transport.send(largest) == ChannelSend::ok);
    meeting.browser.say(0, 51, "after");
    meeting.pass(seconds(5));
    CHECK(meeting.bridge.received.back() == "after");
    CHECK(meeting.browser.heard.back().bytes == largest);
    CHECK(meeting.bridge.largest <= DataChannelTransport::kSctpMtu);
}

TEST_CASE("a peer that does not read fills the queue, which then refuses") {
    Meeting meeting;
    meeting.join_and_open();
    const std::string big(100'000, 'x');
    int accepted = 0;
    ChannelSend last = ChannelSend::ok;
    while (accepted < 100) {
        last = meeting.bridge.transport.send(big);
        if (last != ChannelSend::ok) break;
        ++accepted;
    }
    CHECK(last == ChannelSend::queue_full);
    CHECK(accepted >= 10);
    CHECK(accepted < 20);
    meeting.pass(seconds(20));  // the peer reads again
    CHECK(meeting.browser.count(SctpEvent::Kind::message) == accepted + 1);
    CHECK(meeting.bridge.transport.send("again") == ChannelSend::ok);
}

TEST_CASE("a browser that closes its channel is answered, and may open another") {
    Meeting meeting;
    meeting.join_and_open();
    meeting.browser.association.reset_stream(0);
    meeting.exchange();
    meeting.pass(seconds(1));
    CHECK(meeting.bridge.closed == 1);
    CHECK(meeting.bridge.transport.is_alive());
    CHECK_FALSE(meeting.bridge.transport.is_open());
    CHECK(meeting.browser.count(SctpEvent::Kind::stream_reset) == 1);
    CHECK(meeting.bridge.transport.send("gone") == ChannelSend::not_open);
    meeting.browser.open(0, "again", "");
    meeting.exchange();
    CHECK(meeting.bridge.opened == 2);
    CHECK(meeting.bridge.transport.send("back") == ChannelSend::ok);
    meeting.pass(seconds(1));
    CHECK(meeting.browser.heard.back().bytes == "back");
}

TEST_CASE("a browser that aborts closes the channel once, and for good") {
    Meeting meeting;
    meeting.join_and_open();
    meeting.browser.association.abort();
    meeting.exchange();
    CHECK(meeting.bridge.closed == 1);
    CHECK_FALSE(meeting.bridge.transport.is_alive());
    CHECK(meeting.bridge.transport.send("gone") == ChannelSend::not_open);
    meeting.bridge.transport.close();
    CHECK(meeting.bridge.closed == 1);
}

TEST_CASE("closing tells the peer at once") {
    Meeting meeting;
    meeting.join_and_open();
    meeting.bridge.transport.close();
    meeting.exchange();
    CHECK(meeting.browser.count(SctpEvent::Kind::lost) == 1);
    CHECK(meeting.bridge.closed == 0);  // whoever closes knows
    CHECK(meeting.bridge.transport.send("gone") == ChannelSend::not_open);
}

TEST_CASE("between bridges the client side opens the channel on stream 0") {
    Link link;
    link.start();
    CHECK(link.client.opened == 1);
    CHECK(link.server.opened == 1);
    CHECK(link.server.label == "default");
    CHECK(link.server.protocol == DataChannelTransport::kProtocol);
    CHECK(link.client.transport.send("a") == ChannelSend::ok);
    CHECK(link.server.transport.send("b") == ChannelSend::ok);
    link.exchange();
    CHECK(link.server.received == std::vector<std::string>{"a"});
    CHECK(link.client.received == std::vector<std::string>{"b"});
}

TEST_CASE("messages survive loss, repetition and reordering, in order and once") {
    for (unsigned seed = 1; seed <= 6; ++seed) {
        CAPTURE(seed);
        std::mt19937 random(seed);
        Link link;
        link.newest_first = seed % 2 == 0;
        link.copies = [&random](const std::string&) {
            const unsigned dice = random() % 10;
            return dice < 2 ? 0 : dice < 3 ? 2 : 1;
        };
        link.start();
        link.pass(seconds(60), [&] { return link.client.opened == 1 && link.server.opened == 1; });
        REQUIRE(link.client.opened == 1);
        REQUIRE(link.server.opened == 1);
        for (int i = 0; i < 100; ++i) {
            CHECK(link.client.transport.send(std::to_string(i)) == ChannelSend::ok);
            link.exchange();
        }
        link.pass(seconds(120), [&] { return link.server.received.size() == 100; });
        REQUIRE(link.server.received.size() == 100);
        for (int i = 0; i < 100; ++i) CHECK(link.server.received[i] == std::to_string(i));
    }
}

TEST_CASE("an outage of ten minutes does not end the association") {
    Link link;
    link.start();
    link.copies = [](const std::string&) { return 0; };
    CHECK(link.client.transport.send("patience") == ChannelSend::ok);
    link.pass(seconds(600));
    CHECK(link.client.transport.is_alive());
    CHECK(link.server.received.empty());
    link.copies = [](const std::string&) { return 1; };
    link.pass(seconds(4));  // the timer backs off to 3 s at most
    CHECK(link.server.received == std::vector<std::string>{"patience"});
    CHECK(link.server.closed == 0);
}

TEST_CASE("a handler may send from its own callbacks") {
    Link link;
    link.server.when_open = [&] { link.server.transport.send("welcome"); };
    link.client.when_text = [&](std::string_view text) {
        if (text == "welcome") link.client.transport.send("thanks");
    };
    link.start();
    CHECK(link.client.received == std::vector<std::string>{"welcome"});
    CHECK(link.server.received == std::vector<std::string>{"thanks"});
}

TEST_CASE("a handler may close from its own callbacks and hears nothing afterwards") {
    Link link;
    link.server.when_text = [&](std::string_view) { link.server.transport.close(); };
    link.start();
    for (int i = 0; i < 5; ++i) link.client.transport.send("x");
    link.exchange();
    CHECK(link.server.received.size() == 1);
    CHECK(link.client.closed == 1);
}

TEST_CASE("packets and timers of an association that is gone hit nothing") {
    SctpContext context;
    auto server = std::make_unique<End>(context, SctpRole::server);
    End client(context, SctpRole::client);
    server->transport.start();
    client.transport.start();
    for (int turn = 0; turn < 10; ++turn) {
        for (const auto& p : std::exchange(client.out, {})) server->transport.on_packet(view(p));
        for (const auto& p : std::exchange(server->out, {})) client.transport.on_packet(view(p));
    }
    REQUIRE(client.opened == 1);
    server->transport.send("unanswered");  // its retransmission timer runs
    server.reset();
    for (int i = 0; i < 1000; ++i) context.on_timer(now() += milliseconds(100));
    CHECK(client.transport.is_alive());
}

TEST_CASE("random bytes are no association and end none") {
    std::mt19937 random(5);
    Meeting meeting;
    meeting.join_and_open();
    Meeting fresh;
    fresh.bridge.transport.start();
    for (int i = 0; i < 3000; ++i) {
        std::string packet(random() % 300, '\0');
        for (char& c : packet) c = static_cast<char>(random());
        if (packet.size() > 3) packet.replace(0, 4, std::string("\x13\x88\x13\x88", 4));
        meeting.bridge.transport.on_packet(view(packet));
        fresh.bridge.transport.on_packet(view(packet));
    }
    meeting.browser.say(0, 51, "still here");
    meeting.exchange();
    CHECK(meeting.bridge.received == std::vector<std::string>{"still here"});
    fresh.browser.association.connect();
    fresh.exchange();
    fresh.browser.open(0, "late", "");
    fresh.exchange();
    CHECK(fresh.bridge.opened == 1);
}

TEST_CASE("a storm of INITs makes no associations, and the real one still gets through") {
    // Whoever asks is answered with a cookie and forgotten (RFC 9260 section 5.1.3).
    std::deque<std::string> inits;
    for (int i = 0; i < 50; ++i) {
        Browser someone;
        someone.association.connect();
        someone.take();
        REQUIRE_FALSE(someone.out.empty());
        inits.push_back(someone.out.front());
    }
    Meeting meeting;
    meeting.bridge.transport.start();
    for (int round = 0; round < 100; ++round) {
        for (const std::string& init : inits) meeting.bridge.transport.on_packet(view(init));
        for (const std::string& answer : meeting.bridge.out) CHECK(answer.size() < 1'000);
        CHECK(meeting.bridge.out.size() <= inits.size());
        meeting.bridge.out.clear();
    }
    CHECK(meeting.bridge.opened == 0);
    meeting.browser.association.connect();
    meeting.exchange();
    meeting.browser.open(0, "real", "");
    meeting.exchange();
    CHECK(meeting.bridge.opened == 1);
}

TEST_CASE("a channel cannot be opened on a stream beyond the limit") {
    Meeting meeting;
    meeting.bridge.transport.start();
    meeting.browser.association.connect();
    meeting.exchange();
    // The bridge took fewer streams than the browser wanted.
    meeting.browser.open(DataChannelTransport::kMaxStreams, "far", "");
    meeting.exchange();
    CHECK(meeting.bridge.opened == 0);
    meeting.browser.open(DataChannelTransport::kMaxStreams - 1, "near", "");
    meeting.exchange();
    CHECK(meeting.bridge.opened == 1);
}

TEST_CASE("two workers drive the one library, each hears only its own") {
    const TimePoint start = now();
    const auto work = [start](std::vector<std::string>& received) {
        SctpContext context;
        for (int round = 0; round < 20; ++round) {
            End client(context, SctpRole::client);
            End server(context, SctpRole::server);
            server.transport.start();
            client.transport.start();
            for (int turn = 0; turn < 30; ++turn) {
                for (auto& p : std::exchange(client.out, {})) server.transport.on_packet(view(p));
                for (auto& p : std::exchange(server.out, {})) client.transport.on_packet(view(p));
                context.on_timer(start + milliseconds(10 * (round * 30 + turn)));
                if (turn == 10) client.transport.send(std::to_string(round));
            }
            for (const auto& text : server.received) received.push_back(text);
        }
    };
    std::vector<std::string> one;
    std::vector<std::string> two;
    std::thread a(work, std::ref(one));
    std::thread b(work, std::ref(two));
    a.join();
    b.join();
    now() += milliseconds(10 * 20 * 30);
    std::vector<std::string> expected;
    for (int round = 0; round < 20; ++round) expected.push_back(std::to_string(round));
    CHECK(one == expected);
    CHECK(two == expected);
}

}  // namespace jmeet::bridge::test
