// Clients that know REMB and no transport-wide feedback, as receivers and as senders.
#include "bridge/rtp/rtcp/remb.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>

#include "bridge/rtp/rtcp/receiver_report.hpp"
#include "tests/bridge/test_call.hpp"

using namespace jmeet;
using namespace jmeet::bridge;
using namespace jmeet::bridge::test;

namespace {

ClientOptions remb_options(const std::string& id, std::uint32_t ssrc, bool remb) {
    ClientOptions o;
    o.id = id;
    o.first_ssrc = ssrc;
    o.remb = remb;
    o.transport_cc = !remb;
    return o;
}

// Payloads of the encodings, a packet each 20 ms: 100, 320 and 520 kbit/s.
constexpr std::array<std::size_t, 3> kSizes = {250, 800, 1'300};

class SimulcastCamera {
 public:
    explicit SimulcastCamera(TestClient& client) : client_(client) {}
    void step() {
        step(frames_++ % 50 == 0 ? TestClient::Frame::key : TestClient::Frame::delta);
    }
    void step(TestClient::Frame frame) {
        for (int i = 0; i < 3; ++i) {
            client_.send_video(i, frame, kSizes[static_cast<std::size_t>(i)], Clock::now());
        }
    }

 private:
    TestClient& client_;
    unsigned frames_ = 0;
};

void say_remb(TestClient& client, std::uint64_t bps) {
    rtcp::Remb remb;
    remb.sender = client.audio_ssrc();
    remb.bitrate_bps = bps;
    std::array<std::uint8_t, 64> block;
    client.send_rtcp(BytesView(block).first(remb.write(block)));
}

// The last ten packets that `to` got are of that encoding.
bool shows(const TestClient& to, const TestClient& from, int encoding) {
    const auto packets = to.rtp_of(from.video_ssrc());
    if (packets.size() < 10) return false;
    return std::all_of(packets.end() - 10, packets.end(), [&](const ReceivedRtp& p) {
        return p.view().payload().size() == kSizes[static_cast<std::size_t>(encoding)];
    });
}

std::optional<rtcp::Remb> heard_remb(const TestClient& client) {
    std::optional<rtcp::Remb> last;
    for (const auto& compound : client.rtcp) {
        rtcp::CompoundReader reader(compound);
        for (bool report = false; const auto packet = reader.next();) {
            report |= packet->type == rtcp::kReceiverReport;
            const auto remb = rtcp::Remb::parse(*packet);
            if (!remb) continue;
            CHECK(report);  // a compound begins with a report
            last = remb;
        }
    }
    return last;
}

}  // namespace

TEST_CASE("a receiver's REMB bounds what it is sent, down and up again") {
    Call call;
    auto sender = remb_options("aaaaaaaa", 1000, false);
    sender.video_encodings = 3;
    auto& a = call.join(sender);
    auto& b = call.join(remb_options("bbbbbbbb", 2000, true));
    SimulcastCamera camera(a);
    const auto film = [&] { camera.step(); };
    b.send_text(R"({"colibriClass":"ReceiverVideoConstraints",)"
                R"("defaultConstraints":{"maxHeight":720}})");
    // Of the bandwidth nothing is known: everything.
    REQUIRE(call.until_doing([&] { return shows(b, a, 2); }, film));
    for (const auto& [bps, encoding] : {std::pair{200'000, 0}, {450'000, 1}, {4'000'000, 2}}) {
        CAPTURE(bps);
        say_remb(b, static_cast<std::uint64_t>(bps));
        CHECK(call.until_doing([&] { return shows(b, a, encoding); }, film));
    }
}

TEST_CASE("REMB of a receiver with transport-wide feedback is not listened to") {
    Call call;
    auto sender = remb_options("aaaaaaaa", 1000, false);
    sender.video_encodings = 3;
    auto& a = call.join(sender);
    auto receiver = remb_options("bbbbbbbb", 2000, true);
    receiver.transport_cc = true;
    auto& b = call.join(receiver);
    SimulcastCamera camera(a);
    b.send_text(R"({"colibriClass":"ReceiverVideoConstraints",)"
                R"("defaultConstraints":{"maxHeight":720}})");
    REQUIRE(call.until_doing([&] { return shows(b, a, 2); }, [&] { camera.step(); }));
    say_remb(b, 100'000);
    const auto before = b.rtp_count;
    // No key frame, with which lower encodings would come once.
    REQUIRE(call.until_doing([&] { return b.rtp_count > before + 20; },
                             [&] { camera.step(TestClient::Frame::delta); }));
    CHECK(shows(b, a, 2));
}

TEST_CASE("a sender without transport-wide feedback is told what it may send, on which SSRCs") {
    Call call;
    auto sender = remb_options("aaaaaaaa", 1000, true);
    sender.video_encodings = 3;
    auto& a = call.join(sender);
    call.join(remb_options("bbbbbbbb", 2000, false));
    SimulcastCamera camera(a);
    REQUIRE(call.until_doing([&] { return heard_remb(a).has_value(); }, [&] { camera.step(); }));
    const auto remb = *heard_remb(a);
    CHECK(remb.bitrate_bps >= 30'000);
    CHECK(remb.bitrate_bps <= 20'000'000);
    REQUIRE(remb.ssrcs.size() == 3);
    for (int i = 0; i < 3; ++i) {
        CHECK(std::count(remb.ssrcs.begin(), remb.ssrcs.end(), a.video_ssrc(i)) == 1);
    }
}

TEST_CASE("a sender with transport-wide feedback gets no REMB") {
    Call call;
    auto sender = remb_options("aaaaaaaa", 1000, true);
    sender.transport_cc = true;
    auto& a = call.join(sender);
    call.join(remb_options("bbbbbbbb", 2000, false));
    const auto reported = [&] {
        return std::any_of(a.rtcp.begin(), a.rtcp.end(), [](const auto& compound) {
            rtcp::CompoundReader reader(compound);
            const auto packet = reader.next();
            return packet && packet->type == rtcp::kReceiverReport;
        });
    };
    REQUIRE(call.until_doing(reported, [&] {
        a.send_video(0, TestClient::Frame::delta, 500, Clock::now());
    }));
    CHECK_FALSE(heard_remb(a));
}
