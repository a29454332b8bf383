#include "bridge/exchange.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <stdexcept>
#include <utility>

namespace jmeet::bridge {

Exchange::Exchange(std::size_t workers) {
    for (std::size_t i = 0; i <= workers; ++i) inboxes_.push_back(std::make_unique<Inbox>());
    for (std::size_t i = 0; i < workers; ++i) {
        inboxes_[i]->ring = std::make_unique<DatagramRing>();
        inboxes_[i]->descriptor = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
        if (inboxes_[i]->descriptor < 0) {
            throw std::runtime_error(
                "no descriptor for a media worker: raise the limit of open files (ulimit -n)");
        }
    }
}

Exchange::~Exchange() {
    for (const auto& inbox : inboxes_) {
        if (inbox->descriptor >= 0) close(inbox->descriptor);
    }
}

void Exchange::wake(WorkerIndex worker) {
    Inbox& inbox = *inboxes_[worker];
    if (inbox.woken.exchange(true)) return;
    const std::uint64_t one = 1;
    // An eventfd that cannot take one more is readable already.
    [[maybe_unused]] const auto written = write(inbox.descriptor, &one, sizeof one);
}

// Before the owner looks into its ring: whoever puts something in later wakes it again.
void Exchange::awake(WorkerIndex worker) {
    Inbox& inbox = *inboxes_[worker];
    std::uint64_t count = 0;
    [[maybe_unused]] const auto taken = read(inbox.descriptor, &count, sizeof count);
    inbox.woken.exchange(false);
}

std::size_t Exchange::publish(WorkerIndex from, std::span<const DemuxNews> news) {
    std::size_t lost = 0;
    for (std::size_t i = 0; i < inboxes_.size(); ++i) {
        if (i == from) continue;
        Inbox& inbox = *inboxes_[i];
        const std::lock_guard lock(inbox.mutex);
        for (const DemuxNews& n : news) {
            const bool gone = n.what == DemuxNews::What::gone;
            if (inbox.news.size() < (gone ? 2 * kMaxNews : kMaxNews)) {
                inbox.news.push_back({from, n});
            } else {
                ++lost;
            }
        }
        inbox.has_news.store(true, std::memory_order_release);
    }
    return lost;
}

std::vector<Exchange::News> Exchange::take_news(std::size_t index) {
    Inbox& inbox = *inboxes_[index];
    const std::lock_guard lock(inbox.mutex);
    inbox.has_news.store(false, std::memory_order_relaxed);
    return std::exchange(inbox.news, {});
}

}  // namespace jmeet::bridge
