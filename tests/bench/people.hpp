// A conference under load for benches: listeners, cameras of several packets per frame,
// microphones that speak in turn.
//
// Header only; everything on the calling thread but the bridge's media worker.
#pragma once

#include <sys/resource.h>

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "tests/bench/listener.hpp"
#include "tests/bridge/test_call.hpp"

namespace jmeet::bench {

using namespace jmeet::bridge;
using test::Call;
using test::ClientOptions;

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
    options.consent_interval = milliseconds(2'700);  // as browsers do
    options.first_ssrc = 100'000u + 100u * static_cast<std::uint32_t>(number);
    return options;
}

// One frame every 33 ms of one encoding: as many packets of 1,150 bytes as the bit rate needs.
class Camera {
 public:
    static constexpr std::size_t kPayload = 1150;
    static constexpr microseconds kFrame{33'333};
    enum class Layers : std::uint8_t { one, three };  // in time

    Camera(TestClient& client, int packets, std::size_t payload = kPayload, int encoding = 0,
           Layers layers = Layers::one)
        : client_(client),
          packets_(packets),
          payload_(payload),
          encoding_(encoding),
          layers_(layers) {}

    void on_keyframe_asked(Ssrc media) {
        if (media == client_.video_ssrc(encoding_)) frames_ = 0;
    }
    void step(TimePoint now) {
        if (now < next_) return;
        next_ = next_ + kFrame < now ? now + kFrame : next_ + kFrame;
        // A key frame every two seconds: whoever has just been let in gets a picture.
        const unsigned place = frames_++ % 60;
        const auto kind = place == 0 ? TestClient::Frame::key : TestClient::Frame::delta;
        constexpr std::array<std::uint8_t, 4> kPattern{0, 2, 1, 2};
        const std::uint8_t temporal = layers_ == Layers::three ? kPattern[place % 4] : 0;
        for (int i = 0; i < packets_; ++i) {
            const auto part = packets_ == 1       ? TestClient::Part::whole
                              : i == 0            ? TestClient::Part::first
                              : i == packets_ - 1 ? TestClient::Part::last
                                                  : TestClient::Part::middle;
            client_.send_video(encoding_, kind, payload_, now, TestClient::Fate::sent, part,
                               temporal);
        }
    }

 private:
    TestClient& client_;
    int packets_;
    std::size_t payload_;
    int encoding_;
    Layers layers_;
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
        for (auto& listener : listeners) {
            listener->step(now);
            for (const Ssrc asked : listener->take_keyframes_asked()) {
                for (auto& camera : cameras) camera.on_keyframe_asked(asked);
            }
        }
    }
    std::uint64_t received() const {
        std::uint64_t sum = 0;
        for (const auto& listener : listeners) sum += listener->client().rtp_count;
        return sum;
    }
};

}  // namespace jmeet::bench
