#include "tests/net/call.hpp"

#include <algorithm>

namespace jmeet::test {

using namespace jmeet::bridge;

namespace {
constexpr milliseconds kStep{1};
constexpr milliseconds kSample{10};
constexpr milliseconds kEstimatorTick{25};
constexpr seconds kReports{1};
constexpr std::size_t kRtx = 1'150;
constexpr std::size_t kPaddingOnly = 275;
constexpr microseconds kReceiverClock = seconds(54'321);
}  // namespace

Call::Call(BandwidthEstimator& estimator, const CallConfig& config)
    : estimator_(estimator), config_(config), link_(config.link, config.seed),
      video_(config.video, config.seed) {
    estimator_.on_negotiated();
}

void Call::at(Duration time, std::function<void(Link&)> action) {
    actions_.emplace(TimePoint{} + time, std::move(action));
}

void Call::run(Duration time) {
    const TimePoint end = now_ + time;
    while (now_ < end) step();
}

void Call::step() {
    now_ += kStep;
    while (!actions_.empty() && actions_.begin()->first <= now_) {
        actions_.begin()->second(link_);
        actions_.erase(actions_.begin());
    }
    if (const auto bps = estimator_.estimate()) video_.on_estimate(*bps, now_);
    video_.run(now_, [this](std::size_t bytes) { send(bytes); });
    if (now_ >= next_tick_) {
        next_tick_ = now_ + config_.loop_tick;
        tick_endpoint();
    }
    receive();
    hear_feedback();
    if (now_ >= next_sample_) sample();
}

void Call::send(std::size_t bytes) {
    sent_.next(static_cast<std::uint32_t>(bytes), now_);
    ++last_number_;
    ++current_.packets;
    (padding_ ? current_.padding_bytes : current_.media_bytes) += bytes;
    if (!padding_) sizes_[last_number_] = bytes;
    link_.send(static_cast<std::uint64_t>(last_number_), bytes, now_);
}

void Call::tick_endpoint() {
    if (now_ >= next_estimator_) {
        next_estimator_ = now_ + kEstimatorTick;
        estimator_.on_sent(sent_.take_bytes(), now_);
        estimator_.on_allocation(video_.target_bps(), video_.ideal_bps());
        estimator_.on_time(now_);
    }
    if (now_ < estimator_.next_padding()) return;
    const PaddingOrder order = estimator_.padding(now_);
    if (order.bytes == 0) return;
    sent_.begin_padding(order.probe);
    padding_ = true;
    std::size_t bytes = 0;
    while (bytes < order.bytes) {
        // Repeated packets while they fit, then padding.
        const std::size_t size = order.bytes - bytes >= kRtx ? kRtx : kPaddingOnly;
        send(size);
        bytes += size;
    }
    padding_ = false;
    sent_.end_padding();
    estimator_.on_padding_sent(order, bytes);
}

void Call::receive() {
    for (const auto& a : link_.receive(now_)) {
        const auto number = static_cast<std::int64_t>(a.packet);
        arrived_[number] = a.at;
        highest_ = std::max(highest_, number);
    }
    if (now_ < next_feedback_ || arrived_.empty()) return;
    next_feedback_ = now_ + config_.feedback_interval;
    send_feedback();
}

void Call::send_feedback() {
    Feedback feedback{now_ + config_.link.delay, {}};
    const std::int64_t first = std::min(next_reported_, arrived_.begin()->first);
    for (std::int64_t n = first; n <= highest_; ++n) {
        FeedbackItem item{static_cast<std::uint16_t>(n), std::nullopt};
        if (const auto it = arrived_.find(n); it != arrived_.end()) {
            item.arrival = kReceiverClock + std::chrono::duration_cast<microseconds>(
                                                it->second.time_since_epoch());
            // As feedback packets have it: quarters of a millisecond.
            item.arrival = microseconds(item.arrival->count() / 250 * 250);
        } else if (n < next_reported_) {
            continue;
        }
        feedback.items.push_back(item);
    }
    arrived_.clear();
    next_reported_ = highest_ + 1;
    under_way_.push_back(std::move(feedback));
}

void Call::hear_feedback() {
    while (!under_way_.empty() && under_way_.front().at <= now_) {
        const Feedback feedback = std::move(under_way_.front());
        under_way_.erase(under_way_.begin());
        const auto results = sent_.on_feedback(feedback.items);
        if (now_ >= next_rtt_) {
            next_rtt_ = now_ + kReports;
            estimator_.on_rtt(2 * config_.link.delay + link_.queue_delay(now_));
        }
        if (!results.empty()) estimator_.on_transport_feedback(results, now_);
        // The browser asks for what it missed; a repeated packet is not asked for again.
        const std::int64_t newest = last_number_;
        for (const auto& item : feedback.items) {
            const auto back = static_cast<std::uint16_t>(item.sequence - newest);
            const std::int64_t n = newest + static_cast<std::int16_t>(back);
            const auto it = sizes_.find(n);
            if (it == sizes_.end()) continue;
            const std::size_t bytes = it->second;
            sizes_.erase(it);
            if (item.arrival) continue;
            if (!repair_budget_.allows(estimator_.estimate(), video_.target_bps(), now_)) continue;
            repair_budget_.on_sent(bytes);
            send(bytes);
            sizes_.erase(last_number_);
        }
    }
}

void Call::sample() {
    next_sample_ = now_ + kSample;
    current_.at = now_;
    current_.estimate_bps = estimator_.estimate().value_or(0);
    current_.link_bps = link_.config().bps;
    current_.queue = link_.queue_delay(now_);
    current_.lost = link_.dropped() - dropped_before_;
    dropped_before_ = link_.dropped();
    current_.carried_bytes = link_.own_bytes() - carried_before_;
    carried_before_ = link_.own_bytes();
    samples_.push_back(current_);
    current_ = {};
}

}  // namespace jmeet::test
