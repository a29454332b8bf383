// Neighbours: one worker's side of the Exchange. It knows which endpoints other workers have, hands
// them what came here by mistake, and takes what they hand over.
//
// Owned by a MediaLoop that is not alone; its thread only.
#pragma once

#include <array>
#include <vector>

#include "base/asio.hpp"
#include "bridge/exchange.hpp"
#include "bridge/net/demux.hpp"
#include "bridge/net/udp_port.hpp"

namespace jmeet::bridge {

struct MediaCounters;

class Neighbours {
 public:
    // What it is given outlives it.
    Neighbours(asio::io_context& context, Exchange& exchange, WorkerIndex own, Demux& demux,
               PacketPool& pool);
    ~Neighbours();

    // Datagrams that others have for us go through the port's receiver from now on.
    void start(UdpPort& port);

    // When a batch has been read, before it is looked at: what the others have by now.
    void learn();
    // For what is nobody's here. False: nobody's there either.
    bool hand_over(const Datagram& datagram, MediaCounters& counters, DropCounters& drops);
    // When a batch or a request is done, before its answers are sent.
    void tell(DropCounters& drops);
    // The batch that is being looked at was handed over: it goes no further.
    bool taking() const { return taking_; }

 private:
    void wait();
    void take_datagrams();

    Exchange& exchange_;
    const WorkerIndex own_;
    Demux& demux_;
    PacketPool& pool_;
    UdpPort* port_ = nullptr;
    Directory directory_;
    std::vector<DemuxNews> news_;  // of our own demux, not told yet
    std::vector<bool> to_wake_;    // handed something in this batch
    bool any_to_wake_ = false;
    bool taking_ = false;
    std::array<Datagram, UdpPort::kBatch> batch_;
    asio::posix::stream_descriptor woken_;
};

}  // namespace jmeet::bridge
