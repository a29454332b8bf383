// H.264 that is encrypted from end to end and says nothing of its frames: no key frame is seen.
#include <doctest/doctest.h>

#include "bridge/receive/stream.hpp"
#include "tests/bridge/receive/packets.hpp"
#include "tests/bridge/rtp/hex.hpp"

using namespace jmeet;
using namespace jmeet::bridge;

namespace {

constexpr char kSlice[] = "410102030405060708";
constexpr char kIdrSlice[] = "650102030405060708";

class Camera {
 public:
    explicit Camera(Codec codec = Codec::h264) { format_.codec = codec; }

    // A frame of one packet each 33 ms.
    FrameInfo frame(const std::string& payload = kSlice) {
        now_ += 33;
        const RtpHeader header{true, 107, ++seq_, 3'000u * seq_, Ssrc(1234), {}};
        PacketPtr packet = make_packet(pool_, header, from_hex(payload), at_ms(now_));
        RtpPacket view = *RtpPacket::parse(packet.view());
        FrameInfo info;
        CHECK(stream_.on_packet(packet, view, {&format_, &format_, 0}, info, at_ms(now_)) ==
              ReceiveVerdict::forward);
        return info;
    }
    // A second's frames, none of them a key frame, though one is asked for at its end.
    FrameInfo second_in_vain(const std::string& payload = kSlice) {
        FrameInfo last;
        for (int i = 0; i < 30; ++i) last = frame(payload);
        stream_.on_keyframe_asked(at_ms(now_));
        return last;
    }
    void pass(double ms) { now_ += ms; }
    void ask() { stream_.on_keyframe_asked(at_ms(now_)); }

 private:
    PacketPool pool_{256, 16};
    PayloadFormat format_{107, Codec::h264, 90'000, {}, true, true, true, true, false};
    VideoStream stream_{Encoding{Ssrc(1234), Ssrc(5678)}, 0};
    std::uint16_t seq_ = 0;
    double now_ = 0;
};

}  // namespace

TEST_CASE("frames of which none is ever a key frame, asked for as it may be, may all be the first") {
    Camera camera;
    for (int i = 0; i < 5; ++i) CHECK(camera.second_in_vain().keyframes_known());
    CHECK(camera.second_in_vain().keyframes_known());
    CHECK_FALSE(camera.second_in_vain().keyframes_known());
    // One is seen after all.
    CHECK(camera.frame(kIdrSlice).starts_keyframe);
    CHECK(camera.frame().keyframes_known());
}

TEST_CASE("key frames that are seen hide nothing, and neither do requests in quick succession") {
    Camera camera;
    for (int i = 0; i < 30; ++i) {
        camera.frame(kIdrSlice);
        CHECK(camera.second_in_vain().keyframes_known());
    }
    Camera other;
    for (int i = 0; i < 100; ++i) {
        CHECK(other.frame().keyframes_known());
        other.ask();
    }
}

TEST_CASE("a camera that sends nothing has not failed to answer") {
    Camera camera;
    for (int i = 0; i < 20; ++i) {
        camera.pass(1'000);
        camera.ask();
    }
    CHECK(camera.frame().keyframes_known());
}

TEST_CASE("key frames of VP8 are seen in its descriptor, and waited for however long it takes") {
    Camera camera(Codec::vp8);
    for (int i = 0; i < 20; ++i) CHECK(camera.second_in_vain("90e0923456a011").keyframes_known());
}
