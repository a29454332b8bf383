// A conference under load for benches: test clients that also give the feedback that browsers
// give, a camera of several packets per frame, microphones that speak in turn.
//
// Header only; everything on the calling thread but the bridge's media worker.
#pragma once

#include <sys/resource.h>

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "bridge/receive/transport_cc_receiver.hpp"
#include "bridge/rtp/rtcp/compound.hpp"
#include "tests/bridge/test_call.hpp"

namespace jmeet::bench {

using namespace jmeet::bridge;
using test::Call;
using test::ClientOptions;
using test::TestClient;

// LIMIT: a bench holds a socket per client, and a thousand idle clients.
inline void allow_many_sockets() {
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, 8'192);
    setrlimit(RLIMIT_NOFILE, &limit);
}

// Estimates are made and cost what they cost, but do not decide: everybody gets what is asked for.
inline BridgeConfig bench_config() {
    BridgeConfig config = Call::local_config();
    config.allocation.trust_bwe = false;
    return config;
}

inline constexpr char kWantVideo[] =
    R"({"colibriClass":"ReceiverVideoConstraints","lastN":-1,)"
    R"("defaultConstraints":{"maxHeight":720}})";

inline std::string client_id(int number) {
    std::string digits = std::to_string(number);
    return std::string(8 - digits.size(), 'a') + digits;
}

inline ClientOptions client_options(int number) {
    ClientOptions options;
    options.id = client_id(number);
    options.first_ssrc = 100'000u + 100u * static_cast<std::uint32_t>(number);
    return options;
}

// Reads what a client got, and answers with transport-wide feedback as a browser does.
class Listener {
 public:
    explicit Listener(TestClient& client) : client_(client) { client_.keep_packets = true; }

    TestClient& client() { return client_; }

    void step(TimePoint now) {
        for (const auto& packet : client_.rtp) {
            const auto rtp = packet.view();
            const auto seq = find_transport_seq(rtp, TestClient::kTransportSeqId);
            if (seq) due_ |= feedback_.on_packet(*seq, rtp.ssrc(), rtp.marker(), now);
        }
        client_.rtp.clear();
        client_.rtcp.clear();
        client_.texts.clear();
        // Chrome sends feedback every 50 ms at these rates, not with each frame.
        if (now - last_feedback_ < milliseconds(50) || (!due_ && !feedback_.due(now))) return;
        due_ = false;
        last_feedback_ = now;
        std::array<std::uint8_t, rtcp::kMaxCompound> block;
        while (const auto size =
                   feedback_.write_feedback(client_.audio_ssrc(), now, block)) {
            client_.send_rtcp(BytesView(block).first(size));
        }
    }

 private:
    TestClient& client_;
    TransportCcReceiver feedback_;
    bool due_ = false;
    TimePoint last_feedback_{};
};

// One frame every 33 ms: as many packets of 1,150 bytes as the bit rate needs.
class Camera {
 public:
    static constexpr std::size_t kPayload = 1150;
    static constexpr microseconds kFrame{33'333};

    Camera(TestClient& client, int packets, std::size_t payload = kPayload)
        : client_(client), packets_(packets), payload_(payload) {}

    void step(TimePoint now) {
        if (now < next_) return;
        next_ = next_ + kFrame < now ? now + kFrame : next_ + kFrame;
        // A key frame every two seconds: whoever has just been let in gets a picture.
        const auto kind = frames_++ % 60 == 0 ? TestClient::Frame::key : TestClient::Frame::delta;
        for (int i = 0; i < packets_; ++i) {
            const auto part = packets_ == 1       ? TestClient::Part::whole
                              : i == 0            ? TestClient::Part::first
                              : i == packets_ - 1 ? TestClient::Part::last
                                                  : TestClient::Part::middle;
            client_.send_video(0, kind, payload_, now, TestClient::Fate::sent, part);
        }
    }

 private:
    TestClient& client_;
    int packets_;
    std::size_t payload_;
    unsigned frames_ = 0;
    TimePoint next_{};
};

// One packet every 20 ms.
class Microphone {
 public:
    static constexpr milliseconds kPacket{20};

    Microphone(TestClient& client, TimePoint first) : client_(client), next_(first) {}

    void step(TimePoint now) {
        if (now < next_) return;
        next_ = next_ + kPacket < now ? now + kPacket : next_ + kPacket;
        client_.send_audio(20, now);
    }

 private:
    TestClient& client_;
    TimePoint next_;
};

// Everybody and what they do.
struct People {
    std::vector<std::unique_ptr<Listener>> listeners;
    std::vector<Camera> cameras;
    std::vector<Microphone> microphones;

    Listener& add(TestClient& client) {
        listeners.push_back(std::make_unique<Listener>(client));
        return *listeners.back();
    }
    void step(TimePoint now) {
        for (auto& camera : cameras) camera.step(now);
        for (auto& microphone : microphones) microphone.step(now);
        for (auto& listener : listeners) listener->step(now);
    }
    std::uint64_t received() const {
        std::uint64_t sum = 0;
        for (const auto& listener : listeners) sum += listener->client().rtp_count;
        return sum;
    }
};

}  // namespace jmeet::bench
