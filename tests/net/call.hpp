// One receiver behind a fake link in simulated time: the sender of a bridge with its estimator,
// the allocator, retransmissions and padding, and a browser that answers with transport-wide
// feedback.
#pragma once

#include <functional>
#include <map>
#include <vector>

#include "bridge/bwe/estimator.hpp"
#include "bridge/bwe/repair_budget.hpp"
#include "tests/net/link.hpp"
#include "tests/net/video_sender.hpp"

namespace jmeet::test {

struct CallConfig {
    LinkConfig link;
    OfferedVideo video;
    std::uint64_t seed = 1;
    Duration feedback_interval = milliseconds(50);
    milliseconds loop_tick{10};  // the media loop's timer
};

// One sample per 10 ms.
struct Sample {
    TimePoint at;
    std::int64_t estimate_bps = 0;
    std::int64_t link_bps = 0;
    Duration queue{};
    std::uint64_t media_bytes = 0;     // sent
    std::uint64_t padding_bytes = 0;   // sent
    std::uint64_t carried_bytes = 0;   // through the bottleneck
    std::uint64_t packets = 0;         // sent
    std::uint64_t lost = 0;
};

class Call {
 public:
    Call(bridge::BandwidthEstimator& estimator, const CallConfig& config);

    void run(Duration time);
    // Something that happens to the link, before the call runs past `at`.
    void at(Duration at, std::function<void(Link&)> action);

    Link& link() { return link_; }
    TimePoint now() const { return now_; }
    const std::vector<Sample>& samples() const { return samples_; }
    int allocations() const { return video_.allocations(); }
    std::int64_t target_bps() const { return video_.target_bps(); }  // of what is forwarded now

 private:
    void step();
    void send(std::size_t bytes);
    void tick_endpoint();
    void receive();
    void send_feedback();
    void hear_feedback();
    void sample();

    struct Feedback {
        TimePoint at;
        std::vector<bridge::FeedbackItem> items;
    };

    bridge::BandwidthEstimator& estimator_;
    CallConfig config_;
    Link link_;
    VideoSender video_;
    bridge::SentPackets sent_;
    bridge::RepairBudget repair_budget_;
    TimePoint now_{};
    std::multimap<TimePoint, std::function<void(Link&)>> actions_;

    // The browser's side.
    std::map<std::int64_t, TimePoint> arrived_;  // not yet reported
    std::int64_t next_reported_ = 1;
    std::int64_t highest_ = 0;
    TimePoint next_feedback_{};
    std::vector<Feedback> under_way_;

    std::map<std::int64_t, std::size_t> sizes_;  // of numbered packets not yet acknowledged
    std::int64_t last_number_ = 0;
    bool padding_ = false;
    TimePoint next_rtt_{};
    TimePoint next_estimator_{};
    TimePoint next_tick_{};
    TimePoint next_sample_{};
    Sample current_;
    std::uint64_t dropped_before_ = 0;
    std::uint64_t carried_before_ = 0;
    std::vector<Sample> samples_;
};

}  // namespace jmeet::test
