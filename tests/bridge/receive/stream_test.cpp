#include "bridge/receive/stream.hpp"

#include <doctest/doctest.h>

#include <array>

#include "bridge/rtp/rtcp/nack.hpp"
#include "tests/bridge/receive/packets.hpp"
#include "tests/bridge/rtp/hex.hpp"

using namespace jmeet;
using namespace jmeet::bridge;

namespace {

constexpr std::uint8_t kVp8 = 100;
constexpr std::uint8_t kRtx = 96;

// A VP8 stream with RTX, fed like the conference does.
struct Camera {
    PacketPool pool{2048, 256};
    PayloadFormat vp8{kVp8, Codec::vp8, 90'000, {}, true, true, true, true, false};
    PayloadFormat rtx{kRtx, Codec::rtx, 90'000, kVp8, false, false, false, false, false};
    VideoStream stream{Encoding{Ssrc(1234), Ssrc(5678)}, 1};
    RtpPacket view = *RtpPacket::parse(from_hex("800000000000000000000000"));
    FrameInfo frame;
    PacketPtr last;
    double now = 0;

    ReceiveVerdict feed(PacketPtr packet) {
        view = *RtpPacket::parse(packet.view());
        const bool is_rtx = view.pt() == kRtx;
        const VideoStream::Arrived arrived{is_rtx ? &rtx : &vp8, &vp8, 0};
        const auto verdict = stream.on_packet(packet, view, arrived, frame, at_ms(now));
        last = std::move(packet);
        return verdict;
    }
    static RtpHeader header(int seq) {
        return {false, kVp8, static_cast<std::uint16_t>(seq), 3000u * static_cast<unsigned>(seq),
                Ssrc(1234), {}};
    }
    ReceiveVerdict media(int seq, const std::string& payload = "90e0923456a011") {
        return feed(make_packet(pool, header(seq), from_hex(payload), at_ms(now)));
    }
    ReceiveVerdict padding(int seq) { return feed(make_padding(pool, header(seq), at_ms(now))); }
    ReceiveVerdict repair(int osn, int rtx_seq) {
        PacketPtr original =
            make_packet(pool, header(osn), from_hex("90e0923456a011"), at_ms(now));
        PacketPtr packet = pool.take();
        packet.set_size(write_rtx(*RtpPacket::parse(original.view()),
                                  {kRtx, Ssrc(5678), static_cast<std::uint16_t>(rtx_seq)}, {},
                                  packet.block()));
        packet.set_arrival(at_ms(now));
        return feed(std::move(packet));
    }
    std::vector<std::uint16_t> nack() {
        std::vector<std::uint8_t> out(1200);
        out.resize(stream.write_nack(Ssrc(9), at_ms(now), out));
        std::vector<std::uint16_t> lost;
        if (out.empty()) return lost;
        rtcp::CompoundReader reader(out);
        const auto parsed = rtcp::Nack::parse(*reader.next());
        REQUIRE(parsed);
        CHECK(parsed->media == Ssrc(1234));
        parsed->for_each([&](std::uint16_t seq) { lost.push_back(seq); });
        return lost;
    }
};

}  // namespace

TEST_CASE("a media packet goes on unchanged, with what is in it") {
    Camera camera;
    CHECK(camera.media(10, "90e0923456a0 10020 09d012a 8002 6801") == ReceiveVerdict::forward);
    CHECK(camera.view.seq() == 10);
    CHECK(camera.frame.vp8());
    CHECK(camera.frame.starts_keyframe);
    CHECK(camera.frame.height == 360);
    CHECK(camera.stream.keyframes() == 1);
    CHECK(camera.stream.last_keyframe() == at_ms(0));
    CHECK(camera.stream.layers().height(0) == 360);
    CHECK(camera.stream.take_layering_changed());
    CHECK_FALSE(camera.stream.take_layering_changed());
    CHECK(camera.stream.bitrate(at_ms(1)) > 0);
    CHECK(camera.stream.position() == 1);
}

TEST_CASE("a packet that comes over RTX becomes the original, once") {
    Camera camera;
    CHECK(camera.media(10) == ReceiveVerdict::forward);
    CHECK(camera.media(12) == ReceiveVerdict::forward);
    CHECK(camera.nack() == std::vector<std::uint16_t>{11});
    camera.now = 20;
    CHECK(camera.repair(11, 1) == ReceiveVerdict::forward);
    CHECK(camera.view.seq() == 11);
    CHECK(camera.view.ssrc() == Ssrc(1234));
    CHECK(camera.view.pt() == kVp8);
    CHECK(camera.view.timestamp() == 33'000);
    CHECK(camera.frame.vp8()->picture_id == 0x1234);
    CHECK(camera.stream.recovered() == 1);
    camera.now = 400;
    CHECK(camera.nack().empty());
    CHECK(camera.repair(11, 2) == ReceiveVerdict::duplicate);
    CHECK(camera.media(11) == ReceiveVerdict::duplicate);
    CHECK(camera.repair(12, 3) == ReceiveVerdict::duplicate);
    CHECK(camera.stream.recovered() == 1);
    // RTX packets are not in the statistics of the media SSRC.
    CHECK(camera.stream.statistics().packets() == 3);
}

TEST_CASE("RTX without content is a probe, RTX of the wrong SSRC or type is refused") {
    Camera camera;
    RtpHeader header{false, kRtx, 1, 0, Ssrc(5678), {}};
    CHECK(camera.feed(make_padding(camera.pool, header, at_ms(0))) == ReceiveVerdict::probe);
    header.ssrc = Ssrc(1234);
    CHECK(camera.feed(make_packet(camera.pool, header, from_hex("000a90"), at_ms(0))) ==
          ReceiveVerdict::unknown_rtx);
    header = {false, kVp8, 1, 0, Ssrc(5678), {}};
    CHECK(camera.feed(make_packet(camera.pool, header, from_hex("000a90"), at_ms(0))) ==
          ReceiveVerdict::unknown_rtx);
}

TEST_CASE("padding-only packets are taken out and leave no gap, NACKs keep the sender's numbers") {
    Camera camera;
    CHECK(camera.media(10) == ReceiveVerdict::forward);
    CHECK(camera.padding(11) == ReceiveVerdict::padding_only);
    CHECK(camera.padding(12) == ReceiveVerdict::padding_only);
    CHECK(camera.media(13) == ReceiveVerdict::forward);
    CHECK(camera.view.seq() == 11);
    CHECK(camera.nack().empty());
    CHECK(camera.media(15) == ReceiveVerdict::forward);
    CHECK(camera.view.seq() == 13);
    CHECK(camera.nack() == std::vector<std::uint16_t>{14});
    CHECK(camera.repair(14, 1) == ReceiveVerdict::forward);
    CHECK(camera.view.seq() == 12);
    CHECK(camera.stream.statistics().cumulative_lost() == 1);
    CHECK(camera.padding(12) == ReceiveVerdict::duplicate);
}

TEST_CASE("padding behind a payload is removed") {
    Camera camera;
    auto bytes = from_hex("a064000a00000001000004d2 90e0923456a011 000003");
    CHECK(camera.feed(camera.pool.copy(bytes, at_ms(0))) == ReceiveVerdict::forward);
    CHECK(camera.view.padding_size() == 0);
    CHECK(camera.view.bytes().size() == 19);
    CHECK(camera.last.size() == 19);
}

TEST_CASE("a payload that is not VP8 is refused and leaves no gap") {
    Camera camera;
    CHECK(camera.media(1) == ReceiveVerdict::forward);
    CHECK(camera.media(2, "90e0") == ReceiveVerdict::malformed);
    CHECK(camera.media(3) == ReceiveVerdict::forward);
    CHECK(camera.view.seq() == 2);
}

TEST_CASE("forwarded packets go into the history under their new numbers") {
    Camera camera;
    camera.media(10);
    camera.stream.history().insert(std::move(camera.last));
    camera.padding(11);
    camera.media(12);
    camera.stream.history().insert(std::move(camera.last));
    CHECK(camera.stream.history().find(11, at_ms(10)));
    CHECK_FALSE(camera.stream.history().find(12, at_ms(10)));
    CHECK(camera.stream.take_layering_changed());
    CHECK(camera.stream.update(at_ms(5000)));
    CHECK(camera.stream.history().empty());
}

TEST_CASE("silent audio is counted and taken out without a gap") {
    PacketPool pool(64, 64);
    AudioStream stream(Ssrc(7), 48'000);
    const auto feed = [&](int seq, AudioStream::Use use) {
        RtpHeader header{false, 111, static_cast<std::uint16_t>(seq), 0, Ssrc(7), {}};
        PacketPtr packet = make_packet(pool, header, from_hex("010203"), at_ms(seq * 20));
        RtpPacket view = *RtpPacket::parse(packet.view());
        const auto verdict = stream.on_packet(packet, view, use, at_ms(seq * 20));
        return std::pair(verdict, int{view.seq()});
    };
    using Use = AudioStream::Use;
    CHECK(feed(1, Use::keep) == std::pair(ReceiveVerdict::forward, 1));
    CHECK(feed(2, Use::discard).first == ReceiveVerdict::silence);
    CHECK(feed(3, Use::discard).first == ReceiveVerdict::silence);
    CHECK(feed(4, Use::keep) == std::pair(ReceiveVerdict::forward, 2));
    CHECK(stream.statistics().packets() == 4);
    CHECK(stream.statistics().cumulative_lost() == 0);
    CHECK(stream.bitrate(at_ms(80)) > 0);
    CHECK(stream.last_arrival() == at_ms(80));
}

TEST_CASE("FEC among the media is taken out and leaves no gap") {
    Camera camera;
    REQUIRE(camera.media(10) == ReceiveVerdict::forward);
    camera.vp8.codec = Codec::fec;
    CHECK(camera.media(11) == ReceiveVerdict::fec);
    camera.vp8.codec = Codec::vp8;
    REQUIRE(camera.media(12) == ReceiveVerdict::forward);
    CHECK(camera.view.seq() == 11);
    CHECK(camera.nack().empty());
}
