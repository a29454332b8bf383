// A bridge's media port as far as its heartbeat goes, answering on loopback with the real thing.
#pragma once

#include <array>
#include <memory>

#include "bridge/ice/heartbeat.hpp"
#include "tests/focus/call.hpp"
#include "tests/focus/loopback_queue.hpp"

namespace jmeet::focus {

class Heart {
 public:
    Heart(Talk& talk, std::string ufrag)
        : talk_(talk),
          credentials_{std::move(ufrag), "0123456789abcdefghijkl"},
          responder_(credentials_),
          socket_(talk.io, {asio::ip::address_v4::loopback(), 0}) {
        listen();
    }
    ~Heart() { close(); }

    // SIGSTOP: questions come in and stay there.
    bool frozen = false;
    int answered = 0;
    void close() {
        error_code ignored;
        socket_.close(ignored);
        *alive_ = false;
    }
    std::uint16_t port() const { return socket_.local_endpoint().port(); }

    std::string presence(const std::string& nick, const std::string& stats = {}) const {
        return fmt::format(
            "<presence from='{}' to='{}'><stats xmlns='http://jitsi.org/protocol/colibri'>"
            "<stat name='stress_level' value='0.1'/><stat name='drain' value='false'/>"
            "<stat name='version' value='2.3'/><stat name='region' value='region1'/>{}</stats>"
            "<heartbeat xmlns='urn:jmeet:heartbeat:1' ufrag='{}' pwd='{}'>"
            "<address ip='127.0.0.1' port='{}'/></heartbeat>"
            "<x xmlns='http://jabber.org/protocol/muc#user'>"
            "<item jid='jvb@auth.meet.test/x' affiliation='owner' role='moderator'/></x>"
            "</presence>",
            bridge_jid(nick), kFocusJid, stats, credentials_.ufrag, credentials_.pwd, port());
    }

 private:
    void listen() {
        socket_.async_receive_from(asio::buffer(block_), from_,
                                   [this, alive = alive_](error_code failed, std::size_t length) {
                                       if (failed || !*alive) return;
                                       if (!frozen) answer(length);
                                       listen();
                                   });
    }
    void answer(std::size_t length) {
        std::array<std::uint8_t, 256> reply{};
        const auto made = responder_.answer(BytesView(block_).first(length),
                                            *bridge::Address::parse("127.0.0.1", from_.port()),
                                            reply);
        error_code ignored;
        socket_.send_to(asio::buffer(reply, made), from_, 0, ignored);
        ++answered;
    }

    Talk& talk_;
    const bridge::IceCredentials credentials_;
    bridge::HeartbeatResponder responder_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
    asio::ip::udp::socket socket_;
    asio::ip::udp::endpoint from_;
    std::array<std::uint8_t, 512> block_{};
};

inline FocusConfig heart_config() {
    FocusConfig config = talk_config();
    config.bridge.heartbeat = {.interval = milliseconds(20),
                               .retry = milliseconds(10),
                               .silence = milliseconds(100),
                               .settle = milliseconds(60)};
    return config;
}

// aaaa and bbbb are in a call on jvb1, whose heart beats; jvb2 stands by.
struct CallWithHearts : Talk {
    CallWithHearts() : Talk(heart_config()) {
        packets_arrive = [this] { loopback_.pass(); };
        hear(first.presence("jvb1"));
        two_party_call();
        stream->sent.clear();
    }
    ~CallWithHearts() { packets_arrive = {}; }
    void both_beat() {
        hear(second.presence("jvb2"));
        REQUIRE(run_until([&] { return bridge("jvb2") && alive("jvb1") && alive("jvb2"); }));
    }
    std::shared_ptr<Bridge> bridge(const std::string& nick) {
        return focus->bridges().find(*xmpp::Jid::parse(bridge_jid(nick)));
    }
    bool alive(const std::string& nick) {
        return bridge(nick)->media() == Bridge::Media::alive;
    }
    bool operational(const std::string& nick) {
        return bridge(nick) && bridge(nick)->operational(Clock::now());
    }
    bool was_sent(const Match& match) {
        return std::any_of(stream->sent.begin(), stream->sent.end(), match);
    }
    // Its XMPP connection died: the server says so when its hibernation time is over.
    void xmpp_dies(const std::string& nick) {
        hear(fmt::format("<presence from='{}' to='{}' type='unavailable'>"
                         "<status>Kicked: recipient unavailable</status>"
                         "<x xmlns='http://jabber.org/protocol/muc#user'><status code='333'/>"
                         "<item affiliation='owner' role='none'/></x></presence>",
                         bridge_jid(nick), kFocusJid));
    }
    void expect_move_to(const std::string& nick) {
        for (const char* who : {"aaaa", "bbbb"}) {
            expect("session-terminate", jingle(occupant(who), "session-terminate"));
            allocate(who, nick);
        }
        accept("aaaa", 3001);
        accept("bbbb", 4001);
    }
    void expect_nobody_moves() {
        expect_none("a move", jingle(occupant("aaaa"), "session-terminate"));
        expect_none("a move", jingle(occupant("bbbb"), "session-terminate"));
    }

    Heart first{*this, "hbfirst1"};
    Heart second{*this, "hbsecond"};

 private:
    LoopbackQueue loopback_{io};
};

}  // namespace jmeet::focus
