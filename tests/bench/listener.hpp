// What a client does with what it gets, as a browser does: transport-wide feedback, receiver
// reports once a second, NACKs for what is missing; and it notes who asks it for a key frame.
//
// Header only; for benches. With the sender's stamps in the payloads and the kernel's arrival times
// it also collects how late packets are.
#pragma once

#include <array>
#include <map>
#include <utility>
#include <vector>

#include "bridge/receive/nack_generator.hpp"
#include "bridge/receive/rr_generator.hpp"
#include "bridge/receive/transport_cc_receiver.hpp"
#include "bridge/rtp/rtcp/compound.hpp"
#include "bridge/rtp/rtcp/nack.hpp"
#include "bridge/rtp/rtcp/pli.hpp"
#include "tests/bridge/test_client.hpp"

namespace jmeet::bench {

using namespace jmeet::bridge;
using test::TestClient;

class Listener {
 public:
    explicit Listener(TestClient& client) : client_(client) { client_.keep_packets = true; }

    TestClient& client() { return client_; }
    std::vector<Ssrc> take_keyframes_asked() { return std::exchange(keyframes_asked_, {}); }
    std::vector<double> take_lateness_us() { return std::exchange(late_us_, {}); }
    // By the kernel's wall clock; 0: nothing yet, or arrivals are not noted.
    std::int64_t first_media_ns() const { return first_media_ns_; }

    void step(TimePoint now) {
        for (const auto& packet : client_.rtp) on_rtp(packet, now);
        for (const auto& packet : client_.rtcp) on_rtcp(packet);
        client_.rtp.clear();
        client_.rtcp.clear();
        client_.texts.clear();
        send_feedback(now);
        for (auto& [ssrc, stream] : streams_) send_nack(ssrc, stream, now);
        if (now - last_report_ >= seconds(1)) send_report(now);
    }

 private:
    struct Stream {
        StreamStatistics statistics;
        NackGenerator nack;
    };

    void on_rtp(const test::ReceivedRtp& packet, TimePoint now) {
        const auto rtp = packet.view();
        const auto seq = find_transport_seq(rtp, TestClient::kTransportSeqId);
        if (seq) due_ |= feedback_.on_packet(*seq, rtp.ssrc(), rtp.marker(), now);
        const bool audio = rtp.pt() == TestClient::kOpus;
        const auto [it, added] = streams_.try_emplace(
            rtp.ssrc(), Stream{StreamStatistics(rtp.ssrc(), audio ? 48'000 : 90'000), {}});
        it->second.statistics.on_packet(rtp.seq(), rtp.timestamp(), rtp.bytes().size(), now);
        if (rtp.pt() == TestClient::kVp8) it->second.nack.on_packet(rtp.seq(), now);
        if (packet.arrived_ns == 0 || rtp.pt() == TestClient::kRtx || rtp.payload().empty()) return;
        if (first_media_ns_ == 0) first_media_ns_ = packet.arrived_ns;
        late_us_.push_back(
            static_cast<double>(packet.arrived_ns - TestClient::stamp_of(rtp.payload())) / 1'000);
    }

    void on_rtcp(const std::vector<std::uint8_t>& compound) {
        rtcp::CompoundReader reader(compound);
        while (const auto packet = reader.next()) {
            if (packet->type != rtcp::kPayloadFeedback || packet->count != rtcp::kFmtPli) continue;
            if (const auto pli = rtcp::Pli::parse(*packet)) keyframes_asked_.push_back(pli->media);
        }
    }

    // Chrome sends feedback every 50 ms at these rates, not with each frame.
    void send_feedback(TimePoint now) {
        if (now - last_feedback_ < milliseconds(50) || (!due_ && !feedback_.due(now))) return;
        due_ = false;
        last_feedback_ = now;
        while (const auto size = feedback_.write_feedback(client_.audio_ssrc(), now, block_)) {
            client_.send_rtcp(BytesView(block_).first(size));
        }
    }

    void send_nack(Ssrc ssrc, Stream& stream, TimePoint now) {
        const auto due = stream.nack.next_due();
        if (!due || *due > now) return;
        std::array<std::uint16_t, NackGenerator::kMaxMissing> lost;
        const std::size_t count = stream.nack.collect(now, lost);
        const auto size = rtcp::write_nack(client_.audio_ssrc(), ssrc,
                                           std::span(lost).first(count), block_);
        if (size != 0) client_.send_rtcp(BytesView(block_).first(size));
    }

    void send_report(TimePoint now) {
        last_report_ = now;
        std::vector<StreamStatistics*> all;
        for (auto& [ssrc, stream] : streams_) all.push_back(&stream.statistics);
        const auto size = reports_.write(client_.audio_ssrc(), all, now, block_);
        if (size != 0) client_.send_rtcp(BytesView(block_).first(size));
    }

    TestClient& client_;
    TransportCcReceiver feedback_;
    RrGenerator reports_;
    std::map<Ssrc, Stream> streams_;
    std::vector<Ssrc> keyframes_asked_;
    std::vector<double> late_us_;
    std::int64_t first_media_ns_ = 0;
    std::array<std::uint8_t, rtcp::kMaxCompound> block_;
    bool due_ = false;
    TimePoint last_feedback_{};
    TimePoint last_report_{};
};

}  // namespace jmeet::bench
