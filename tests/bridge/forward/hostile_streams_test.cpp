// Descriptors that lie, sequence numbers that jump: the stream freezes at worst, no number is sent
// twice, and what is written stays within its block.
#include <doctest/doctest.h>

#include <array>
#include <random>
#include <set>

#include "tests/bridge/forward/streams.hpp"

using namespace jmeet;
using namespace jmeet::bridge;
using namespace jmeet::bridge::test;

namespace {

constexpr std::uint8_t kDdId = 11;

// The numbers of the last packets that went out: each once, within a window of the wrap.
class SentNumbers {
 public:
    bool is_new(std::uint16_t seq) {
        if (!set_.insert(seq).second) return false;
        ring_[at_ % ring_.size()] = seq;
        ++at_;
        if (at_ > ring_.size() - 1) set_.erase(ring_[at_ % ring_.size()]);
        return true;
    }

 private:
    std::array<std::uint16_t, 4'096> ring_{};
    std::size_t at_ = 0;
    std::set<std::uint16_t> set_;
};

struct Liar {
    std::mt19937 random{7};
    std::array<DdParser, 3> dd;
    std::uint16_t seq = 65'000;
    std::uint32_t timestamp = 1;

    std::uint8_t byte() { return static_cast<std::uint8_t>(random()); }

    void advance() {
        switch (random() % 50) {
            case 0: seq = static_cast<std::uint16_t>(seq + 0x8000); break;
            case 1: seq = static_cast<std::uint16_t>(random()); break;
            case 2: break;  // a replay
            case 3: seq = static_cast<std::uint16_t>(seq - random() % 100); break;
            default: ++seq;
        }
        if (random() % 3 == 0) timestamp += 3'000;
        if (random() % 300 == 0) timestamp = static_cast<std::uint32_t>(random());
    }

    TestPacket packet(Codec codec, int encoding, TimePoint at) {
        advance();
        std::vector<std::uint8_t> payload(12 + random() % 20);
        for (auto& b : payload) b = byte();
        if (codec == Codec::vp8 && random() % 2) {
            payload[0] = static_cast<std::uint8_t>(0x80 | (payload[0] & 0x30));
            payload[1] = 0xe0;
        }
        if (codec == Codec::vp9 && random() % 2) payload[0] |= 0xa0;
        ExtensionList list;
        if (codec == Codec::av1) {
            std::vector<std::uint8_t> d{byte(), byte(), byte()};
            d[0] = static_cast<std::uint8_t>((d[0] & 0xc0) | random() % 8);
            if (random() % 20 == 0) {
                const std::uint8_t structure[] = {0x80, 0, 1, 0x80, 0, 2, 0x14, 0xea, 0xa8, 0x60,
                                                  0x41, 0x4d, 0x14, 0x10, 0x20, 0x84, 0x27, 1,
                                                  0xdf, 1, 0x0d};
                d.assign(std::begin(structure), std::end(structure));
                store_be16(&d[1], static_cast<std::uint16_t>(random()));
                if (random() % 3 == 0) d[3 + random() % (d.size() - 3)] = byte();
            } else if (random() % 3 == 0) {
                for (std::size_t n = random() % 8; n > 0; --n) d.push_back(byte());
            }
            list.set(kDdId, d);
        }
        return make_packet({random() % 3 == 0, 100, seq, timestamp, Ssrc(7), {}}, payload, list,
                           codec, codec == Codec::av1 ? kDdId : std::uint8_t{0},
                           dd[static_cast<std::size_t>(encoding)], encoding, at);
    }
};

}  // namespace

TEST_CASE("descriptors that lie and numbers that jump: nothing is numbered twice or written long") {
    ExtensionIds ids;
    ids.set(Extension::dependency_descriptor, kDdId);
    for (const Codec codec : {Codec::vp8, Codec::vp9, Codec::av1, Codec::h264}) {
        CAPTURE(static_cast<int>(codec));
        Liar liar;
        VideoProjection projection(Ssrc(1));
        SentNumbers sent;
        TimePoint now{seconds(1)};
        std::size_t forwarded = 0;
        for (int i = 0; i < 60'000; ++i, now += milliseconds(3)) {
            if (i % 97 == 0) {
                const int target = static_cast<int>(liar.random() % 8);
                projection.set_target(target == 7 ? kSuspended
                                                  : layer_index(target % 3, target % 2, target % 3));
            }
            const auto p = liar.packet(codec, static_cast<int>(liar.random() % 3), now);
            if (p.frame.codec == Codec::unknown) continue;  // refused before a projection sees it
            const auto out = project(projection, p);
            if (!out.forwarded()) continue;
            ++forwarded;
            REQUIRE(sent.is_new(out.out.seq));
            std::array<std::uint8_t, 1'600> block;
            const std::size_t size = write_forwarded(p.rtp(), out.out, {ids, ids}, {}, block);
            REQUIRE(size <= p.bytes.size() + 16);
            // A block too small for it: nothing is written.
            REQUIRE(write_forwarded(p.rtp(), out.out, {ids, ids}, {},
                                    Bytes(block).first(kRtpFixedHeader)) == 0);
        }
        CHECK(forwarded > 100);
    }
}

TEST_CASE("after any nonsense an honest key frame brings the picture back") {
    Liar liar;
    VideoProjection projection(Ssrc(1));
    projection.set_target(layer_index(0, 0, 2));
    TimePoint now{seconds(1)};
    for (int i = 0; i < 5'000; ++i, now += milliseconds(3)) {
        const auto p = liar.packet(Codec::vp8, 0, now);
        if (p.frame.codec != Codec::unknown) project(projection, p);
    }
    Vp8Sender honest(7, 0, 2, static_cast<std::uint16_t>(liar.seq + 1'000), 77, 5'000'000);
    int shown = 0;
    for (int i = 0; i < 300; ++i, now += milliseconds(33)) {
        // Whoever is asked for a key frame sends one.
        const auto frame = honest.frame(projection.needs_keyframe() || i == 200, now);
        for (const auto& p : frame) shown += project(projection, p).forwarded() ? 1 : 0;
    }
    CHECK(shown > 300);
}
