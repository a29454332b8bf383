// Key frames for receivers that were not ready for one, or did not get it; over loopback with real
// ICE, DTLS and SRTP.
#include <doctest/doctest.h>

#include <algorithm>
#include <thread>

#include "bridge/rtp/codecs/vp8.hpp"
#include "bridge/rtp/rtcp/compound.hpp"
#include "bridge/rtp/rtcp/pli.hpp"
#include "tests/bridge/client_shorthands.hpp"
#include "tests/bridge/recording_sink.hpp"

using namespace jmeet;
using namespace jmeet::bridge;
using namespace jmeet::bridge::test;

namespace {

// A camera that makes a key frame when it is asked for one.
class AskedCamera {
 public:
    explicit AskedCamera(TestClient& client) : client_(client) {}

    void frame() {
        const std::size_t asked = count_plis(client_);
        const bool key = answers && asked > answered_;
        answered_ = asked;
        client_.send_video(0, key ? TestClient::Frame::key : TestClient::Frame::delta, 700,
                           Clock::now());
    }
    void keyframe(TestClient::Fate fate = TestClient::Fate::sent) {
        client_.send_video(0, TestClient::Frame::key, 700, Clock::now(), fate);
    }
    bool answers = true;

 private:
    TestClient& client_;
    std::size_t answered_ = 0;
};

void send_pli(TestClient& client, Ssrc media) {
    std::array<std::uint8_t, 64> block;
    const auto size = rtcp::Pli{Ssrc(7), media}.write(block);
    client.send_rtcp(BytesView(block).first(size));
}

bool is_keyframe(const ReceivedRtp& packet) {
    if (packet.view().pt() != TestClient::kVp8) return false;
    const auto vp8 = Vp8Descriptor::parse(packet.view().payload());
    return vp8 && vp8->starts_keyframe;
}

}  // namespace

TEST_CASE("who asks for video before her transport is up gets it from a key frame made for her") {
    // As with a WebSocket, which may be open long before ICE and DTLS are done.
    for (const bool rewriting : {false, true}) {
        CAPTURE(rewriting);
        Call call(web_socket_config());
        auto& a = call.join(options("aaaaaaaa", 1000));
        AskedCamera camera(a);
        auto late = options("cccccccc", 3000);
        late.sctp = false;
        late.ssrc_rewriting = rewriting;
        auto& c = call.begin(late);
        const ChannelUrl url(c.created());
        RecordingSink sink;
        const auto channel = call.bridge().open_channel(url.path, url.password, sink);
        REQUIRE(channel != 0);
        call.bridge().channel_text(channel, kWant180);

        // Nobody moves c: she hears nothing yet. Key frames pass meanwhile.
        const auto end = Clock::now() + seconds(20);
        const auto passed = [&] { return call.bridge().stats().media.keyframes_received; };
        while ((passed() < 3 || !sink.heard(R"("forwardedSources":["aaaaaaaa-v0"])")) &&
               Clock::now() < end) {
            camera.keyframe();
            a.step(Clock::now());
            call.tick();
            std::this_thread::sleep_for(milliseconds(5));
        }
        REQUIRE(passed() >= 3);
        REQUIRE(sink.heard(R"("forwardedSources":["aaaaaaaa-v0"])"));
        REQUIRE(c.rtp.empty());

        REQUIRE(call.until_doing([&] { return c.rtp.size() >= 10; }, [&] { camera.frame(); }));
        CHECK(is_keyframe(c.rtp[0]));
        call.bridge().channel_closed(channel);
    }
}

TEST_CASE("a key frame that was lost on its way to the bridge is asked for again, once it came not") {
    Call call;
    auto& a = call.join(options("aaaaaaaa", 1000));
    auto& b = call.join(options("bbbbbbbb", 2000));
    AskedCamera camera(a);
    b.send_text(kWant180);
    REQUIRE(call.until_doing([&] { return b.rtp_of(a.video_ssrc()).size() >= 5; },
                             [&] { camera.frame(); }));

    // One word of b's decoder. What the sender makes of it is lost, and b says nothing more.
    camera.answers = false;
    const auto before = count_plis(a);
    send_pli(b, a.video_ssrc());
    REQUIRE(call.until_doing([&] { return count_plis(a) > before; }, [&] { camera.frame(); }));
    camera.keyframe(TestClient::Fate::lost);
    REQUIRE(call.until_doing([&] { return count_plis(a) > before + 1; }, [&] { camera.frame(); }));

    // Not any more when one has gone to b.
    b.rtp.clear();
    camera.keyframe();
    REQUIRE(call.until_doing(
        [&] {
            return std::any_of(b.rtp.begin(), b.rtp.end(), is_keyframe);
        },
        [&] { camera.frame(); }));
    call.run_for(milliseconds(50));
    const auto after = count_plis(a);
    int frames = 0;
    REQUIRE(call.until_doing([&] { return frames > 60; },
                             [&] {
                                 ++frames;
                                 camera.frame();
                             }));
    CHECK(count_plis(a) == after);
}

TEST_CASE("a key frame is asked for again although the sender has fallen silent") {
    // A screen on which nothing moves, and the request, or all that it brought, was lost.
    Call call;
    auto& a = call.join(options("aaaaaaaa", 1000));
    auto& b = call.join(options("bbbbbbbb", 2000));
    AskedCamera camera(a);
    camera.answers = false;
    b.send_text(kWant180);
    REQUIRE(call.until_doing([&] { return count_plis(a) > 0; }, [&] { camera.frame(); }));
    CHECK(call.until([&] { return count_plis(a) > 3; }, seconds(20)));
}

TEST_CASE("a request that comes too soon after another's is made when its time has come") {
    Call call;
    auto& a = call.join(options("aaaaaaaa", 1000));
    auto& b = call.join(options("bbbbbbbb", 2000));
    auto& c = call.join(options("cccccccc", 3000));
    AskedCamera camera(a);
    b.send_text(kWant180);
    c.send_text(kWant180);
    REQUIRE(call.until_doing(
        [&] {
            return b.rtp_of(a.video_ssrc()).size() >= 5 && c.rtp_of(a.video_ssrc()).size() >= 5;
        },
        [&] { camera.frame(); }));

    // b's request is answered. c, whose copy is lost, asks right behind it, once.
    const auto before = count_plis(a);
    camera.answers = false;
    c.rtp.clear();
    send_pli(b, a.video_ssrc());
    REQUIRE(call.until_doing([&] { return count_plis(a) > before; }, [&] { camera.frame(); }));
    camera.keyframe();
    REQUIRE(call.until_doing([&] { return std::any_of(c.rtp.begin(), c.rtp.end(), is_keyframe); },
                             [&] { camera.frame(); }));
    const auto asked = count_plis(a);
    send_pli(c, a.video_ssrc());
    CHECK(call.until_doing([&] { return count_plis(a) > asked; }, [&] { camera.frame(); }));
}
