// A conference that runs takes no memory per packet: what the media worker's thread allocates is
// counted in this program, with media and without.
#include <doctest/doctest.h>
#include <pthread.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <new>

#include "bridge/receive/transport_cc_receiver.hpp"
#include "bridge/rtp/rtcp/compound.hpp"
#include "tests/bridge/test_call.hpp"

namespace {

std::atomic<std::size_t> media_allocations{0};

bool on_media_thread() {
    thread_local const bool media = [] {
        std::array<char, 16> name{};
        pthread_getname_np(pthread_self(), name.data(), name.size());
        return std::strcmp(name.data(), "media-0") == 0;
    }();
    return media;
}

void* counted(std::size_t size) {
    if (on_media_thread()) ++media_allocations;
    if (void* p = std::malloc(size ? size : 1)) return p;
    throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t size) { return counted(size); }
void* operator new[](std::size_t size) { return counted(size); }
// std::stable_partition takes its buffer by this form; every form has to come from one allocator.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
    if (on_media_thread()) ++media_allocations;
    return std::malloc(size ? size : 1);
}
void operator delete(void* p, const std::nothrow_t&) noexcept { std::free(p); }
void operator delete(void* p) noexcept { std::free(p); }
void operator delete[](void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
void operator delete[](void* p, std::size_t) noexcept { std::free(p); }

using namespace jmeet;
using namespace jmeet::bridge;
using namespace jmeet::bridge::test;

namespace {

// Four people who all speak and show themselves, with the feedback that browsers give.
class Busy {
 public:
    Busy() {
        for (std::uint32_t i = 0; i < 4; ++i) {
            ClientOptions options;
            options.id = "busy000" + std::to_string(i);
            options.first_ssrc = 1'000 * (i + 1);
            options.ssrc_rewriting = i % 2 == 1;
            call_.join(options);
        }
    }

    void step(TimePoint now) {
        const bool key = ++frames_ % 50 == 1;
        for (std::size_t i = 0; i < call_.clients().size(); ++i) {
            TestClient& client = *call_.clients()[i];
            client.send_audio(static_cast<std::uint8_t>(20 + i), now);
            client.send_video(0, key ? TestClient::Frame::key : TestClient::Frame::delta, 900, now);
            answer(client, feedback_[i], now);
        }
    }
    std::size_t allocations(Duration time, bool media) {
        const std::size_t before = media_allocations;
        call_.until_doing([] { return false; },
                          [&] {
                              if (media) step(Clock::now());
                          },
                          time);
        return media_allocations - before;
    }
    std::uint64_t received() const {
        std::uint64_t sum = 0;
        for (const auto& client : call_.clients()) sum += client->rtp_count;
        return sum;
    }

 private:
    static void answer(TestClient& client, TransportCcReceiver& feedback, TimePoint now) {
        for (const auto& packet : client.rtp) {
            const auto rtp = packet.view();
            const auto seq = find_transport_seq(rtp, TestClient::kTransportSeqId);
            if (seq) feedback.on_packet(*seq, rtp.ssrc(), rtp.marker(), now);
        }
        client.rtp.clear();
        if (!feedback.due(now)) return;
        std::array<std::uint8_t, rtcp::kMaxCompound> block;
        const auto size = feedback.write_feedback(client.audio_ssrc(), now, block);
        if (size != 0) client.send_rtcp(BytesView(block).first(size));
    }

    Call call_;
    std::array<TransportCcReceiver, 4> feedback_;
    unsigned frames_ = 0;
};

}  // namespace

TEST_CASE("a conference under way allocates nothing per packet") {
    Busy busy;
    // Warm-up: rings grow to four seconds of media.
    busy.allocations(seconds(5), true);
    const auto packets_before = busy.received();
    const std::size_t with_media = busy.allocations(seconds(3), true);
    const auto packets = busy.received() - packets_before;
    const std::size_t without = busy.allocations(seconds(3), false);
    REQUIRE(packets > 1'000);
    // Reports, ticks and channel messages allocate, a few times a second. A single allocation per
    // packet received would be `packets / 3`.
    INFO("with media ", with_media, ", without ", without, ", packets ", packets);
    CHECK(with_media < without + packets / 20);
}
