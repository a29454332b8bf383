#include "bridge/neighbours.hpp"

#include <unistd.h>

#include "bridge/stats.hpp"

namespace jmeet::bridge {

Neighbours::Neighbours(asio::io_context& context, Exchange& exchange, WorkerIndex own,
                       Demux& demux, PacketPool& pool)
    : exchange_(exchange),
      own_(own),
      demux_(demux),
      pool_(pool),
      to_wake_(exchange.workers()),
      woken_(context, exchange.descriptor(own)) {
    demux_.note_changes_in(news_);
}

// The descriptor stays the exchange's: others may write to it until all workers are gone.
Neighbours::~Neighbours() { woken_.release(); }

void Neighbours::start(UdpPort& port) {
    port_ = &port;
    wait();
}

void Neighbours::wait() {
    woken_.async_wait(asio::posix::descriptor_base::wait_read, [this](const error_code& error) {
        if (error) return;
        take_datagrams();
        wait();
    });
}

void Neighbours::take_datagrams() {
    exchange_.awake(own_);
    DatagramRing& ring = exchange_.ring(own_);
    for (unsigned i = 0; i < UdpPort::kBatchesPerWakeup && ring.has_more(); ++i) {
        std::size_t count = 0;
        for (; count < batch_.size(); ++count) {
            Datagram& datagram = batch_[count];
            datagram.packet = pool_.take();
            if (!datagram.packet || !ring.take(datagram.packet, datagram.from)) break;
        }
        if (count < batch_.size()) batch_[count].packet.reset();
        taking_ = true;
        port_->deliver(std::span(batch_).first(count), Clock::now());
        taking_ = false;
        if (count == 0) break;  // no blocks: later
    }
    if (ring.has_more()) exchange_.wake(own_);
}

void Neighbours::learn() {
    if (!exchange_.has_news(own_)) return;
    for (const auto& [from, news] : exchange_.take_news(own_)) {
        directory_.apply(from, news);
        if (news.what != DemuxNews::What::taken) continue;
        if (const auto* address = std::get_if<Address>(&news.key)) demux_.give_up(*address);
    }
}

bool Neighbours::hand_over(const Datagram& datagram, MediaCounters& counters,
                           DropCounters& drops) {
    if (taking_) return false;
    const auto bytes = datagram.packet.view();
    const auto worker = directory_.find(bytes, datagram.from);
    if (!worker) return false;
    if (!exchange_.hand_over(*worker, bytes, datagram.from, datagram.packet.arrival())) {
        drops.add(DropReason::wrong_worker_full);
        return true;
    }
    ++counters.packets_handed_over;
    to_wake_[*worker] = any_to_wake_ = true;
    return true;
}

void Neighbours::tell(DropCounters& drops) {
    if (!news_.empty()) {
        if (const auto lost = exchange_.publish(own_, news_)) {
            drops.add(DropReason::worker_news_full, lost);
        }
        news_.clear();
    }
    if (!any_to_wake_) return;
    any_to_wake_ = false;
    for (WorkerIndex i = 0; i < to_wake_.size(); ++i) {
        if (to_wake_[i]) exchange_.wake(i);
        to_wake_[i] = false;
    }
}

}  // namespace jmeet::bridge
