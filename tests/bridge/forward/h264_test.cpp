// H.264 with frame marking: temporal layers of a stream whose payload says nothing of them.
#include <doctest/doctest.h>

#include "tests/bridge/forward/streams.hpp"

using namespace jmeet;
using namespace jmeet::bridge;
using namespace jmeet::bridge::test;

namespace {

constexpr std::uint8_t kMarkingId = 9;

// Layers 0,2,1,2; two packets a frame. The first frames of layers 2 and 1 in a cycle lean on the
// base layer alone.
class H264Sender {
 public:
    std::vector<TestPacket> frame(bool keyframe) {
        static constexpr std::array<int, 4> kPattern{0, 2, 1, 2};
        if (keyframe) position_ = 0;
        const int place = position_++ % 4;
        const int layer = kPattern[static_cast<std::size_t>(place)];
        const bool sync = place == 1 || place == 2;
        std::vector<TestPacket> out;
        for (int i = 0; i < 2; ++i) {
            const std::uint8_t bits = static_cast<std::uint8_t>(
                (i == 0 ? 0x80 : 0x40) | (keyframe ? 0x20 : 0) | (layer == 2 ? 0x10 : 0) |
                (sync ? 0x08 : 0) | layer);
            const std::array<std::uint8_t, 3> element{bits, 0, 0};
            ExtensionList list;
            list.set(kMarkingId, element);
            // Encrypted from end to end: nothing to be read here.
            const std::vector<std::uint8_t> payload(20, 0xff);
            const RtpHeader header{i == 1, 107, seq_++, ts_, Ssrc(77), {}};
            TestPacket p;
            p.bytes.resize(200);
            p.bytes.resize(write_rtp(header, list, payload, {}, p.bytes));
            p.arrival = at_;
            p.frame = *parse_frame_info(Codec::h264, p.rtp(), 0, dd_, kMarkingId);
            out.push_back(std::move(p));
        }
        ts_ += 3'000;
        at_ += milliseconds(33);
        return out;
    }

 private:
    std::uint16_t seq_ = 500;
    std::uint32_t ts_ = 10'000;
    int position_ = 0;
    TimePoint at_ = TimePoint{} + seconds(1);
    DdParser dd_;
};

// One letter for each frame of a cycle: its layer where it was forwarded whole, a dot where not.
class Receiver {
 public:
    std::string take(const std::vector<TestPacket>& frame) {
        int forwarded = 0;
        for (const auto& p : frame) {
            const auto result = project(projection, p);
            if (!result.forwarded()) continue;
            ++forwarded;
            if (last_) CHECK(result.out.seq == static_cast<std::uint16_t>(*last_ + 1));
            last_ = result.out.seq;
        }
        CHECK(forwarded != 1);
        return forwarded ? std::to_string(frame.front().frame.temporal) : ".";
    }
    std::string frames(H264Sender& sender, int count, bool keyframe = false) {
        std::string seen;
        for (int i = 0; i < count; ++i) seen += take(sender.frame(keyframe && i == 0));
        return seen;
    }

    VideoProjection projection{Ssrc(77)};

 private:
    std::optional<std::uint16_t> last_;
};

}  // namespace

TEST_CASE("frame marking: each target gets its layers, with continuous numbers") {
    for (const auto& [target, expected] :
         {std::pair{0, "0...0..."}, {1, "0.1.0.1."}, {2, "02120212"}}) {
        CAPTURE(target);
        H264Sender sender;
        Receiver receiver;
        receiver.projection.set_target(layer_index(0, 0, target));
        CHECK(receiver.frames(sender, 8, true) == expected);
    }
}

TEST_CASE("frame marking: nothing before a key frame, which is known although it is encrypted") {
    H264Sender sender;
    Receiver receiver;
    receiver.projection.set_target(layer_index(0, 0, 2));
    CHECK(receiver.frames(sender, 4) == "....");
    CHECK(receiver.projection.needs_keyframe());
    CHECK(receiver.frames(sender, 4, true) == "0212");
}

TEST_CASE("frame marking: down at once, up where a frame leans on the base layer alone") {
    H264Sender sender;
    Receiver receiver;
    receiver.projection.set_target(layer_index(0, 0, 1));
    CHECK(receiver.frames(sender, 4, true) == "0.1.");
    receiver.projection.set_target(layer_index(0, 0, 0));
    CHECK(receiver.frames(sender, 6) == "0...0.");
    // In the middle of a cycle: layer 1 begins with its frame, layer 2 with the next that may.
    receiver.projection.set_target(layer_index(0, 0, 2));
    CHECK(receiver.frames(sender, 2) == "1.");
    CHECK(receiver.frames(sender, 4) == "0212");
    CHECK_FALSE(receiver.projection.needs_keyframe());
}

TEST_CASE("frame marking: the short form and packets without any are of layer 0") {
    const std::array<std::uint8_t, 1> bits{0xaf};
    const auto shorter = FrameMarking::parse(bits);
    REQUIRE(shorter);
    CHECK(shorter->start_of_frame);
    CHECK_FALSE(shorter->end_of_frame);
    CHECK(shorter->independent);
    CHECK(shorter->temporal == 0);
    CHECK_FALSE(shorter->base_sync);
    CHECK_FALSE(FrameMarking::parse({}));
}
