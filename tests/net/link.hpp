// One direction of a network path in simulated time: a bottleneck with a rate and a queue, then a
// way with delay, loss, reordering and stalls.
//
// Pure: packets and time points in, arrivals out; random numbers from a seed. Time must not run
// backwards. Cross traffic shares the bottleneck and comes out nowhere.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "base/clock.hpp"
#include "tests/net/random.hpp"
#include "tests/net/tcp_flow.hpp"

namespace jmeet::test {

struct LinkConfig {
    std::int64_t bps = 1'000'000;
    Duration delay = milliseconds(50);
    Duration max_queue = milliseconds(500);  // more is dropped at the tail
    std::size_t bucket = 0;  // bytes that pass at once after a pause, as most shapers let them
    double loss = 0;                         // of single packets, behind the bottleneck
    // Bursts: a good and a bad state, as Gilbert and Elliott have it; everything is lost in the
    // bad one. `burst_loss` is the share of packets lost in the mean.
    double burst_loss = 0;
    double burst_packets = 5;
    double reordered = 0;  // share of packets that come `reorder_delay` later
    Duration reorder_delay = milliseconds(15);
    Duration jitter{};  // uniform; never changes the order
};

// Traffic of others through the same queue.
struct CrossTraffic {
    std::int64_t bps = 0;
    Duration on{};   // alternating; 0: always on
    Duration off{};
    int tcp_flows = 0;  // beside that
};

class Link {
 public:
    struct Arrival {
        std::uint64_t packet = 0;
        TimePoint at;
    };

    explicit Link(const LinkConfig& config, std::uint64_t seed = 1);

    LinkConfig& config() { return config_; }  // may change at any time
    void set_cross(const CrossTraffic& cross) {
        cross_ = cross;
        tcp_.resize(static_cast<std::size_t>(cross.tcp_flows));
    }
    // Nothing comes out of the link until `until`; then everything that waited does at once.
    void stall(TimePoint until) { stalled_until_ = until; }

    void send(std::uint64_t packet, std::size_t bytes, TimePoint now);
    // Everything that arrived up to now, in the order of arrival.
    std::vector<Arrival> receive(TimePoint now);

    // How long a packet that is sent now would wait.
    Duration queue_delay(TimePoint now) const;
    std::uint64_t dropped() const { return dropped_; }
    // That passed the bottleneck; of ours some are lost behind it.
    std::uint64_t own_bytes() const { return own_bytes_; }
    std::uint64_t cross_bytes() const { return cross_bytes_; }

 private:
    static constexpr std::size_t kCrossBytes = 1'200;
    struct Waiting {
        std::uint64_t packet;
        std::size_t bytes;
        bool cross;
    };
    void advance(TimePoint now);
    void add_cross(TimePoint from, TimePoint to);
    void add_tcp(TimePoint now);
    void start_head(TimePoint at);
    bool enqueue(const Waiting& packet, TimePoint now);
    void leave(const Waiting& packet, TimePoint at);
    bool lost();
    Duration service(std::size_t bytes) const;

    LinkConfig config_;
    CrossTraffic cross_;
    Random random_;
    TimePoint now_{};
    std::deque<Waiting> queue_;
    std::vector<TcpFlow> tcp_;
    std::size_t queued_bytes_ = 0;
    TimePoint head_done_{};  // when the head of the queue has left
    TimePoint conforming_{};  // when the bucket will be full again
    std::int64_t bucket_bps_ = 0;  // at this rate
    std::vector<Arrival> under_way_;
    TimePoint last_arrival_{};
    TimePoint stalled_until_{};
    bool bad_ = false;
    double cross_owed_ = 0;
    std::uint64_t dropped_ = 0;
    std::uint64_t own_bytes_ = 0;
    std::uint64_t cross_bytes_ = 0;
};

}  // namespace jmeet::test
