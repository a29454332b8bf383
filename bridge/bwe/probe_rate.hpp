// What a train of probe packets says about the link: how fast it was sent, how fast it arrived.
//
// One per estimator; no allocation. A train counts when 80 % of it arrived within a second; a
// train that arrives at less than 0.9 of its sending rate has filled the link, and 5 % of what
// came through is left for others. Media between the packets of a train counts with it: both share
// the link.
// LIMIT: four trains at a time; the prober sends one after the other.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "bridge/bwe/sent_packets.hpp"

namespace jmeet::bridge {

class ProbeRate {
 public:
    // Sending begins: what the train is meant to be.
    void expect(const ProbeCluster& cluster);
    // A received packet, of a train or between its packets. The rate that the train shows so far,
    // when it is valid.
    std::optional<std::int64_t> on_received(const PacketResult& packet);

 private:
    static constexpr std::size_t kTrains = 4;
    struct Train {
        ProbeCluster cluster;
        std::uint32_t packets = 0;
        std::uint64_t bytes = 0;
        // Packets that leave at once are one group: timers are coarser than packets are apart.
        TimePoint first_sent, last_sent;
        microseconds first_arrival{}, last_arrival{};
        std::uint64_t first_sent_bytes = 0;  // of the first group; first_arrival is its last one's
        std::uint64_t last_sent_bytes = 0;   // of the last group
        std::uint64_t probe_bytes = 0;
    };
    Train* find(ProbeId id);
    static void add(Train& train, const PacketResult& packet);
    static std::optional<std::int64_t> rate(const Train& train);

    std::array<Train, kTrains> trains_{};
    std::size_t next_ = 0;
    // Media after the newest probe packet: part of the train if another one follows.
    static constexpr std::size_t kBetween = 64;
    std::vector<PacketResult> between_;
    ProbeId newest_ = kNoProbe;
};

}  // namespace jmeet::bridge
