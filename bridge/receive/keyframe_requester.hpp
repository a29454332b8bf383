// Asks a sending endpoint for key frames, not too often.
//
// One per sending endpoint. Limits: per (requester, SSRC) not sooner than min(310 ms, rtt + 10 ms)
// and at most 3 in 10 s, then one in 2 s (others wait 10 s: a slow sender's first answer uses up
// all three, and the next change of layer freezes); per SSRC over all requesters one in 310 ms.
// A request that one limit refuses uses up nothing of the other. A table of bounded size,
// allocated by the first request.
// PLI: RFC 4585 section 6.3.1, FIR: RFC 5104 section 4.3.1.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "base/ids.hpp"

namespace jmeet::bridge {

// Who asks, as a number of the conference's choice (an endpoint's index, say). 0: the bridge
// itself (pre-emptive for a new speaker); such requests pass all limits.
using RequesterId = std::uint32_t;

struct KeyframeRequest {
    enum class Kind : std::uint8_t { pli, fir } kind = Kind::pli;
    Ssrc ssrc;
    std::uint8_t fir_seq = 0;
};

class KeyframeRequester {
 public:
    // What the sender can be asked with; FIR is taken only when there is no PLI.
    void set_support(bool pli, bool fir) {
        pli_ = pli;
        fir_ = fir;
    }
    // Round trip to the sender; unknown counts as longer than any limit.
    void set_rtt(std::optional<Duration> rtt);
    // The request to send, with the SSRC that was asked for, or empty when it is too early.
    std::optional<KeyframeRequest> request(RequesterId who, Ssrc ssrc, TimePoint now);
    std::uint64_t sent() const { return sent_; }
    std::uint64_t throttled() const { return throttled_; }

    // Bytes of the RTCP packet; 0 when `out` is too small.
    static std::size_t write(const KeyframeRequest& request, Ssrc sender, Bytes out);

 private:
    // LIMIT: one key frame serves everybody. COMPAT: browsers do not answer a request that comes
    // within 300 ms of the last one, so a sooner one would be lost and used up.
    static constexpr Duration kMaxInterval = milliseconds(310);
    static constexpr Duration kWindow = seconds(10);
    static constexpr std::size_t kMaxInWindow = 3;
    static constexpr Duration kAfterThat = seconds(2);
    // LIMIT: 64 sets of 4: limiters of 256 pairs; when a set is full its oldest is forgotten,
    // which lets one request through too early. Small conferences need few sets: there are more
    // when one is full of limiters that count.
    static constexpr std::size_t kFirstSets = 4;
    static constexpr std::size_t kSets = 64;
    static constexpr std::size_t kWays = 4;

    struct Limiter {
        RequesterId who = 0;
        Ssrc ssrc;
        std::uint8_t count = 0;
        std::array<TimePoint, kMaxInWindow> at{};  // oldest first
    };
    Limiter* set_of(RequesterId who, Ssrc ssrc);
    Limiter& limiter(RequesterId who, Ssrc ssrc, TimePoint now);
    void grow();
    static bool allows(Limiter& limiter, Duration interval, TimePoint now);
    static void record(Limiter& limiter, TimePoint now);

    bool pli_ = true;
    bool fir_ = true;
    Duration interval_ = kMaxInterval;
    std::uint8_t fir_seq_ = 0;
    std::uint64_t sent_ = 0;
    std::uint64_t throttled_ = 0;
    std::vector<Limiter> limiters_;
};

}  // namespace jmeet::bridge
