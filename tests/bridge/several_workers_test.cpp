// Calls over loopback on a bridge with two media workers.
#include <doctest/doctest.h>

#include "tests/bridge/test_call.hpp"

using namespace jmeet;
using namespace jmeet::bridge;
using namespace jmeet::bridge::test;

namespace {

BridgeConfig two_workers() {
    auto config = Call::local_config();
    config.media_workers = 2;
    return config;
}

// Pairs of people, each pair in a conference of its own.
class Pairs {
 public:
    explicit Pairs(Call& call) : call_(call) {}

    void add() {
        const std::string meeting = "meeting-" + std::to_string(pairs_.size());
        auto& first = join(meeting);
        pairs_.push_back({&first, &join(meeting)});
    }
    std::size_t size() const { return pairs_.size(); }
    void talk() {
        for (auto& pair : pairs_) {
            pair.first->send_audio(20, Clock::now());
            pair.second->send_audio(20, Clock::now());
        }
    }
    // Everybody has heard the other one say so many packets since the last forget().
    bool all_heard(std::size_t packets) const {
        return std::ranges::all_of(pairs_, [packets](const auto& pair) {
            return pair.first->rtp_of(pair.second->audio_ssrc()).size() >= packets &&
                   pair.second->rtp_of(pair.first->audio_ssrc()).size() >= packets;
        });
    }
    void forget() {
        for (auto& pair : pairs_) {
            pair.first->rtp.clear();
            pair.second->rtp.clear();
        }
    }

 private:
    TestClient& join(const std::string& meeting) {
        ClientOptions options;
        const std::string digits = std::to_string(++people_);
        options.id = std::string(8 - digits.size(), 'a') + digits;
        options.first_ssrc = 1'000u * people_;
        return call_.join(options, meeting);
    }

    Call& call_;
    std::uint32_t people_ = 0;
    std::vector<std::pair<TestClient*, TestClient*>> pairs_;
};

}  // namespace

TEST_CASE("conferences on two workers: joins and audio work, whichever worker a datagram came to") {
    Call call(two_workers());
    Pairs pairs(call);
    const auto handed_over = [&] { return call.bridge().stats().media.packets_handed_over; };
    // The kernel puts an address that it has not been told of where its hash falls: with so many
    // addresses some are on the wrong worker.
    while (pairs.size() < 10) pairs.add();
    const auto talk = [&] { pairs.talk(); };
    CHECK(call.until_doing([&] { return pairs.all_heard(10); }, talk));
    CHECK(call.until_doing([&] { return handed_over() > 0; }, talk));
    CHECK(call.until_doing([&] { return call.bridge().stats().conferences == 10; }, talk));

    // Then it is told, and nothing goes a detour any more: a whole second's count stands still.
    std::uint64_t last = handed_over();
    std::uint64_t packets = call.bridge().stats().media.packets_received;
    const bool settled = call.until_doing(
        [&] {
            const auto& media = call.bridge().stats().media;
            if (media.packets_received == packets) return false;
            const bool same = media.packets_handed_over == last;
            packets = media.packets_received;
            last = media.packets_handed_over;
            return same;
        },
        talk, seconds(20));
    CHECK(settled);
    pairs.forget();
    CHECK(call.until_doing([&] { return pairs.all_heard(10); }, talk));
}

TEST_CASE("a conference that ends on a worker leaves nothing behind for the next one there") {
    Call call(two_workers());
    for (int round = 0; round < 4; ++round) {
        Pairs pairs(call);
        ClientOptions options;
        options.id = "aaaaaaaa";
        const std::string meeting = "round-" + std::to_string(round);
        auto& client = call.join(options, meeting);
        auto leave = Call::request({}, meeting);
        leave.endpoints.clear();
        leave.expire = true;
        CHECK(call.modify(leave).has_value());
        call.drop(client);
    }
    CHECK(call.until([&] { return call.bridge().stats().conferences == 0; }));
}

TEST_CASE("two bridges do not share a port, though their workers do") {
    Call call(two_workers());
    auto config = two_workers();
    config.media_port = call.bridge().media_port();
    asio::io_context control;
    CHECK_THROWS_WITH_AS(
        Bridge(control, config),
        doctest::Contains("another program has the media port"), std::runtime_error);
}
