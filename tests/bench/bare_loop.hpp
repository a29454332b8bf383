// The least that forwarding can cost: a received packet is copied for each receiver, its header
// rewritten, the copy protected and sent with a call of its own. No conference, no decisions.
//
// The yardstick of bench_forward, measured on the same core with the same bursts; the sockets that
// receive are emptied by the calling thread of drain().
#pragma once

#include <netinet/in.h>

#include <cstdint>
#include <vector>

#include "base/clock.hpp"
#include "bridge/dtls/srtp.hpp"

namespace jmeet::bench {

class BareLoop {
 public:
    struct Work {
        int receivers = 50;
        int packets = 9;  // of one burst, each to all receivers
        std::size_t payload = 1150;
        microseconds period{33'333};
    };

    explicit BareLoop(const Work& work);
    ~BareLoop();
    BareLoop(const BareLoop&) = delete;
    BareLoop& operator=(const BareLoop&) = delete;

    // Runs bursts on the calling thread for that long; CPU nanoseconds per packet sent.
    double run(Duration time);
    void drain();

    // Median of some runs of that length on a thread of that core; the calling thread drains.
    static double cost_on(int core, const Work& work, int runs, Duration time);

 private:
    void burst();

    const Work work_;
    int out_ = -1;
    std::vector<int> in_;
    std::vector<sockaddr_in> to_;
    std::vector<bridge::SrtpTransport> sessions_;
    std::vector<std::vector<std::uint8_t>> received_;
    std::uint16_t seq_ = 0;
};

}  // namespace jmeet::bench
