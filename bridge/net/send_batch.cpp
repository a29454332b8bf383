#include "bridge/net/send_batch.hpp"

namespace jmeet::bridge {

bool SendBatch::commit(const Address& to, std::size_t length) {
    if (full() || length == 0 || length > kSendSlot) return false;
    const auto slot = static_cast<std::uint16_t>(used_++);
    const auto size = static_cast<std::uint16_t>(length);
    lengths_[slot] = size;
    next_[slot] = kNone;
    std::uint16_t& newest = newest_run(to);
    if (newest != kNone) {
        Run& run = runs_[newest];
        if (!run.closed && size <= run.segment && run.count < kMaxSegments &&
            run.bytes + size <= kMaxRunBytes) {
            next_[run.last] = slot;
            run.last = slot;
            ++run.count;
            run.bytes += size;
            run.closed = size < run.segment;
            return true;
        }
    }
    newest = static_cast<std::uint16_t>(run_count_);
    begin_run(to, slot, size);
    return true;
}

void SendBatch::begin_run(const Address& to, std::uint16_t slot, std::uint16_t length) {
    Run& run = runs_[run_count_++];
    run.to = to;
    run.first = run.last = slot;
    run.count = 1;
    run.segment = length;
    run.bytes = length;
    run.closed = false;
}

// There are twice as many buckets as destinations can be: a free one is always found.
std::uint16_t& SendBatch::newest_run(const Address& to) {
    std::size_t at = to.hash() % kBuckets;
    while (bucket_epoch_[at] == epoch_ && runs_[bucket_run_[at]].to != to) {
        at = (at + 1) % kBuckets;
    }
    if (bucket_epoch_[at] != epoch_) {
        bucket_epoch_[at] = epoch_;
        bucket_run_[at] = kNone;
    }
    return bucket_run_[at];
}

void SendBatch::clear() {
    used_ = 0;
    run_count_ = 0;
    if (++epoch_ == 0) {  // after four thousand million flushes
        bucket_epoch_.fill(0);
        epoch_ = 1;
    }
}

}  // namespace jmeet::bridge
