// Transport-wide congestion control feedback: draft-holmer-rmcat-transport-wide-cc-extensions-01
// section 3.1. A parsed view for the estimator, and a builder for what the bridge sends.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "bridge/rtp/rtcp/compound.hpp"

namespace jmeet::bridge::rtcp {

// Time unit of the deltas; the reference time counts 64 ms, i.e. 256 of these.
using TccTicks = std::chrono::duration<std::int64_t, std::ratio<1, 4000>>;

struct TccStatus {
    std::uint16_t seq = 0;
    bool received = false;
    TccTicks at{};  // when received: since the epoch of the reference time
};

class TransportCc {
 public:
    // Checks that chunks and deltas cover all announced statuses.
    static std::optional<TransportCc> parse(const Packet& packet);

    Ssrc sender() const { return sender_; }
    Ssrc media() const { return media_; }
    std::uint16_t base_seq() const { return base_seq_; }
    // LIMIT: 65535 by the field; a packet of 1,500 bytes can announce that many losses.
    std::uint16_t status_count() const { return status_count_; }
    std::uint8_t feedback_count() const { return feedback_count_; }
    // 24 bits, signed, wraps: unwrap it with wrapped_diff<24>.
    std::int32_t reference_time() const { return reference_time_; }
    TccTicks reference() const { return TccTicks(std::int64_t{reference_time_} * 256); }

    // Calls f(const TccStatus&) for each of status_count() numbers, in order.
    template <class F>
    void for_each(F&& f) const {
        Walker walker(*this);
        TccStatus status;
        while (walker.next(status)) f(status);
    }

 private:
    class Walker {
     public:
        explicit Walker(const TransportCc& feedback);
        bool next(TccStatus& status);
        // False when chunks or deltas ended too early.
        bool ok() const { return chunks_.ok() && deltas_.ok(); }

     private:
        unsigned next_symbol();
        ByteReader chunks_;
        ByteReader deltas_;
        TccTicks time_;
        std::uint32_t left_;
        std::uint16_t seq_;
        std::uint16_t chunk_ = 0;
        std::uint32_t chunk_left_ = 0;
    };

    static std::optional<std::size_t> chunks_size(BytesView rest, std::uint16_t statuses);

    Ssrc sender_;
    Ssrc media_;
    std::uint16_t base_seq_ = 0;
    std::uint16_t status_count_ = 0;
    std::int32_t reference_time_ = 0;
    std::uint8_t feedback_count_ = 0;
    BytesView chunks_;
    BytesView deltas_;
};

// Collects arrivals in the order of their sequence numbers and writes one feedback packet.
class TransportCcBuilder {
 public:
    // base_seq is reported even if its packet is missing. `first_arrival` is the arrival of the
    // first received packet that will be added: it gives the reference time.
    TransportCcBuilder(std::uint16_t base_seq, TimePoint first_arrival);

    // seq at or after the next expected one; the numbers in between count as lost. False when it
    // does not fit (size, status count or time difference): write, and start another builder.
    bool add_received(std::uint16_t seq, TimePoint arrival);
    std::uint32_t status_count() const { return status_count_; }
    // Bytes written; 0 when nothing was added or `out` is too small.
    std::size_t write(Ssrc sender, Ssrc media, std::uint8_t feedback_count, Bytes out) const;

 private:
    static constexpr std::size_t kFixed = 20;
    static constexpr std::size_t kMaxChunks = 512;
    static constexpr std::size_t kMaxDeltas = kMaxCompound - kFixed;
    enum Symbol : std::uint8_t { kLost = 0, kSmall = 1, kLarge = 2 };

    // Statuses not yet in a finished chunk: a run of one symbol, or up to 14 of different ones.
    struct Pending {
        std::array<std::uint8_t, 14> symbols{};
        std::uint32_t count = 0;
        bool same = true;
        bool large = false;
    };

    void push(std::uint8_t symbol);
    static bool fits(const Pending& pending, std::uint8_t symbol);
    static std::uint16_t take_chunk(Pending& pending);
    bool has_room(std::uint32_t missing, std::size_t delta_size) const;

    std::uint16_t base_seq_;
    std::int64_t reference_;  // in 64 ms
    std::int64_t last_tick_;
    std::uint32_t status_count_ = 0;
    std::size_t chunk_count_ = 0;
    std::size_t deltas_size_ = 0;
    Pending pending_;
    std::array<std::uint16_t, kMaxChunks> chunks_;
    std::array<std::uint8_t, kMaxDeltas> deltas_;
};

}  // namespace jmeet::bridge::rtcp
