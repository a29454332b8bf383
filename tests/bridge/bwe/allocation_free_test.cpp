// Feedback, sent bytes and padding take no memory once an estimator has warmed up.
#include <doctest/doctest.h>

#include <atomic>
#include <cstdlib>
#include <new>
#include <vector>

#include "bridge/bwe/probing_estimator.hpp"

namespace {

std::atomic<std::size_t> allocations{0};

}  // namespace

void* operator new(std::size_t size) {
    ++allocations;
    if (void* p = std::malloc(size ? size : 1)) return p;
    throw std::bad_alloc();
}
// std::stable_sort takes its buffer by this form; every form has to come from one allocator.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
    ++allocations;
    return std::malloc(size ? size : 1);
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }

using namespace jmeet;
using namespace jmeet::bridge;

TEST_CASE("an estimator at work allocates nothing") {
    ProbingEstimator estimator;
    SentPackets sent;
    std::vector<FeedbackItem> items;
    items.reserve(64);
    TimePoint now{};
    std::size_t before = 0;
    for (int i = 0; i < 2'000; ++i) {
        if (i == 1'000) before = allocations;
        items.clear();
        for (int k = 0; k < 20; ++k) {
            now += milliseconds(2);
            const auto at = std::chrono::duration_cast<microseconds>(now.time_since_epoch());
            FeedbackItem item{sent.next(1'000, now), at + microseconds(20'000)};
            if (k == 7) item.arrival.reset();
            items.push_back(item);
        }
        estimator.on_sent(sent.take_bytes(), now);
        estimator.on_allocation(4'000'000, 9'000'000);
        const PaddingOrder order = estimator.padding(now);
        estimator.on_padding_sent(order, order.bytes);
        estimator.on_transport_feedback(sent.on_feedback(items), now);
        estimator.on_time(now);
    }
    CHECK(allocations - before == 0);
    CHECK(estimator.probes() > 0);
}
