// What those are asked who could send video and do not, in simulated time: a camera that is
// covered by a still picture, a shared screen on which nothing moves.
#include <doctest/doctest.h>

#include "tests/bridge/client_shorthands.hpp"
#include "tests/bridge/simulated_worker.hpp"

using namespace jmeet;
using namespace jmeet::bridge;
using namespace jmeet::bridge::test;

namespace {

class SilentMeeting {
 public:
    explicit SilentMeeting(std::size_t people) : worker_(config(), now_) {
        for (std::uint32_t i = 0; i < people; ++i) {
            auto who = options(std::string(7, 'a') + static_cast<char>('a' + i), 1'000 * (i + 1));
            who.sctp = false;
            clients_.push_back(std::make_unique<TestClient>(std::move(who), sctp_, *dtls_));
            tokens_.push_back(worker_.join(*clients_.back()));
        }
        run(seconds(3));
        for (const auto& client : clients_) REQUIRE(client->connected());
        for (const auto token : tokens_) worker_.say(token, kWant180);
    }
    void run(Duration time) {
        for (const auto end = now_ + time; now_ < end;) {
            now_ += milliseconds(20);
            worker_.step(now_);
            for (const auto& client : clients_) client->step(now_);
        }
    }
    TestClient& operator[](std::size_t i) { return *clients_[i]; }
    // Key frames asked of one since the last time.
    std::size_t take_asked(std::size_t i) {
        const std::size_t asked = count_plis(*clients_[i]);
        clients_[i]->rtcp.clear();
        return asked;
    }
    TimePoint now() const { return now_; }

 private:
    static BridgeConfig config() {
        BridgeConfig config;
        config.loopback_candidates = true;
        return config;
    }

    // The parts that ask the clock themselves are never ahead of what is simulated.
    TimePoint now_ = Clock::now() + std::chrono::hours(1);
    SctpContext sctp_;
    std::shared_ptr<const DtlsContext> dtls_ = make_dtls_context();
    SimulatedWorker worker_;
    std::vector<std::unique_ptr<TestClient>> clients_;
    std::vector<EndpointToken> tokens_;
};

}  // namespace

TEST_CASE("who sends no video is asked for key frames ever more rarely, by however many") {
    SilentMeeting meeting(8);
    meeting.run(seconds(20));
    for (std::size_t i = 0; i < 8; ++i) {
        const auto asked = meeting.take_asked(i);
        CHECK(asked >= 3);
        CHECK(asked <= 8);
    }
    meeting.run(seconds(60));
    for (std::size_t i = 0; i < 8; ++i) {
        const auto asked = meeting.take_asked(i);
        CHECK(asked >= 4);
        CHECK(asked <= 6);
    }

    // A first picture that nobody can begin with.
    meeting[0].send_video(0, TestClient::Frame::delta, 300, meeting.now());
    meeting.run(milliseconds(200));
    CHECK(meeting.take_asked(0) >= 1);
}
