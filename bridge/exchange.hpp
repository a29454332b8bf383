// Exchange: what media workers have for each other: datagrams of the other's endpoints, and news
// of whose endpoints are where.
//
// One per bridge that has several workers, owned by MediaWorkers and outliving them. A worker's
// inbox is written by all, read by its owner; the last inbox has news only, for the control side.
// Datagrams cross without a lock. News are rare (an endpoint joins, an address is bound) and come
// before what depends on them: a worker publishes them before it sends the answer that makes a
// client send more, and reads them after it has read its socket.
// LIMIT: news that wait, kMaxNews: everybody looks once a second at least, so they are more only
// where a worker has hung. What is not told then is counted: its datagrams are not handed over.
// Departures have as much room again, so that a directory forgets what it has learnt.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "bridge/net/datagram_ring.hpp"
#include "bridge/net/directory.hpp"

namespace jmeet::bridge {

class Exchange {
 public:
    struct News {
        WorkerIndex from;
        DemuxNews news;
    };

    static constexpr std::size_t kMaxNews = 65'536;

    // Throws std::runtime_error when the system gives no descriptors.
    explicit Exchange(std::size_t workers);
    ~Exchange();
    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;

    std::size_t workers() const { return inboxes_.size() - 1; }
    std::size_t control() const { return inboxes_.size() - 1; }

    // False when there is no room. The owner hears of it when it is woken.
    bool hand_over(WorkerIndex to, BytesView bytes, const Address& from, TimePoint arrival) {
        return inboxes_[to]->ring->put(bytes, from, arrival);
    }
    void wake(WorkerIndex worker);
    // How many were not told to somebody.
    std::size_t publish(WorkerIndex from, std::span<const DemuxNews> news);

    // Of the owner of the inbox. The descriptor is readable when it has been woken.
    int descriptor(WorkerIndex worker) const { return inboxes_[worker]->descriptor; }
    void awake(WorkerIndex worker);
    DatagramRing& ring(WorkerIndex worker) { return *inboxes_[worker]->ring; }
    bool has_news(std::size_t inbox) const {
        return inboxes_[inbox]->has_news.load(std::memory_order_acquire);
    }
    std::vector<News> take_news(std::size_t inbox);

 private:
    struct Inbox {
        std::unique_ptr<DatagramRing> ring;
        int descriptor = -1;
        std::atomic<bool> woken{false};
        std::atomic<bool> has_news{false};
        std::mutex mutex;  // of the news
        std::vector<News> news;
    };

    std::vector<std::unique_ptr<Inbox>> inboxes_;
};

}  // namespace jmeet::bridge
