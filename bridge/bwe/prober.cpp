#include "bridge/bwe/prober.hpp"

#include <algorithm>

namespace jmeet::bridge {

namespace {

// Each call sends what is due until the next one, a tick of the media loop later; with less the
// train would be slower than it says.
constexpr milliseconds kAhead{10};
constexpr milliseconds kBetweenCalls{5};
constexpr milliseconds kTooLate{20};
// Nothing can be sent any more.
constexpr milliseconds kLongest{500};

std::size_t bytes_in(std::int64_t bps, Duration time) {
    return static_cast<std::size_t>(static_cast<double>(bps) *
                                    std::chrono::duration<double>(time).count() / 8);
}

}  // namespace

ProbeCluster Prober::start(std::int64_t bps, TimePoint now) {
    if (++last_id_ == kNoProbe) ++last_id_;
    current_ = ProbeCluster{last_id_, bps};
    started_ = TimePoint::max();
    last_call_ = now;
    sent_ = 0;
    return *current_;
}

PaddingOrder Prober::due(TimePoint now) {
    if (!current_) return {};
    if (started_ == TimePoint::max()) {
        started_ = now;  // the wait for the first call is not part of the train
    } else if (now - last_call_ > kTooLate || now - started_ > kLongest) {
        current_.reset();
        return {};
    }
    const std::size_t whole = current_->bytes();
    const std::size_t wanted = std::min(bytes_in(current_->bps, now - started_ + kAhead), whole);
    last_call_ = now;
    if (wanted <= sent_) return {};
    const PaddingOrder order{wanted - sent_, current_->id};
    sent_ = wanted;
    return order;
}

void Prober::on_sent(const PaddingOrder& order, std::size_t bytes) {
    if (!current_ || order.probe != current_->id) return;
    sent_ = sent_ + bytes - std::min(order.bytes, sent_ + bytes);
    if (sent_ >= current_->bytes()) current_.reset();
}

TimePoint Prober::next() const {
    if (!current_) return TimePoint::max();
    return started_ == TimePoint::max() ? last_call_ : last_call_ + kBetweenCalls;
}

}  // namespace jmeet::bridge
