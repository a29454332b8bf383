#include "bridge/receive/nack_generator.hpp"

#include <algorithm>

namespace jmeet::bridge {

namespace {

// A packet this far back cannot be a late one (SRTP would have refused it): the sender restarted.
constexpr std::int64_t kRestart = 8192;

}  // namespace

void NackGenerator::reset() {
    unwrapper_.reset();
    started_ = false;
    count_ = 0;
}

void NackGenerator::on_packet(std::uint16_t seq16, TimePoint now) {
    if (started_ && unwrapper_.peek(seq16) < highest_ - kRestart) reset();
    const std::int64_t seq = unwrapper_.unwrap(seq16);
    if (!started_) {
        started_ = true;
        highest_ = seq;
        return;
    }
    if (seq <= highest_) return erase(seq);
    if (seq - highest_ >= kMaxGap) {
        count_ = 0;
    } else {
        add_gap(highest_ + 1, seq, now);
    }
    highest_ = seq;
}

void NackGenerator::add_gap(std::int64_t from, std::int64_t to, TimePoint now) {
    if (from < to && missing_.empty()) missing_.resize(kMaxMissing);
    const auto added = static_cast<std::size_t>(to - from);
    if (count_ + added > kMaxMissing) {
        const std::size_t given_up = count_ + added - kMaxMissing;
        std::move(missing_.begin() + static_cast<std::ptrdiff_t>(given_up),
                  missing_.begin() + static_cast<std::ptrdiff_t>(count_), missing_.begin());
        count_ -= given_up;
    }
    for (std::int64_t seq = from; seq < to; ++seq) missing_[count_++] = {seq, now, 0};
}

void NackGenerator::erase(std::int64_t seq) {
    const auto end = missing_.begin() + static_cast<std::ptrdiff_t>(count_);
    const auto at = std::lower_bound(missing_.begin(), end, seq,
                                     [](const Missing& m, std::int64_t s) { return m.seq < s; });
    if (at == end || at->seq != seq) return;
    std::move(at + 1, end, at);
    --count_;
}

std::size_t NackGenerator::collect(TimePoint now, std::span<std::uint16_t> out) {
    const auto due = next_due();
    if (!due || *due > now) return 0;
    std::size_t written = 0;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < count_; ++i) {
        Missing& m = missing_[i];
        if (m.due <= now + kTogether && written < out.size()) {
            out[written++] = static_cast<std::uint16_t>(m.seq);
            m.due = now + kRetry;
            ++m.requests;
        }
        if (m.requests < kMaxRequests) missing_[kept++] = m;
    }
    count_ = kept;
    requested_ += written;
    return written;
}

std::optional<TimePoint> NackGenerator::next_due() const {
    if (count_ == 0) return {};
    TimePoint due = missing_[0].due;
    for (std::size_t i = 1; i < count_; ++i) due = std::min(due, missing_[i].due);
    return due;
}

}  // namespace jmeet::bridge
