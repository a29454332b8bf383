// The video that a bridge forwards to one receiver, as packets in simulated time: cameras with
// three resolutions and three frame rates each, shown as tiles, and a screen share that has only
// one layer; the real allocator decides.
//
// A new resolution begins with a key frame of four times the size; a sender's pacer lets frames
// go at two and a half times their rate.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "bridge/allocation/allocation.hpp"
#include "bridge/allocation/trigger.hpp"
#include "tests/net/random.hpp"

namespace jmeet::test {

struct OfferedVideo {
    int cameras = 10;  // 20 Mbps of wanted video
    std::int64_t share_bps = 0;  // 0: nobody shares
    bridge::Stage share_stage = bridge::Stage::off;
};

class VideoSender {
 public:
    VideoSender(const OfferedVideo& offered, std::uint64_t seed);

    // Allocates again when the estimate moved enough or the time has come.
    void on_estimate(std::int64_t bps, TimePoint now);
    // The packets that leave between the last call and now.
    void run(TimePoint now, const std::function<void(std::size_t bytes)>& send);

    std::int64_t target_bps() const { return allocation_.target_bitrate; }
    std::int64_t ideal_bps() const { return allocation_.ideal_bitrate; }
    int allocations() const { return allocations_; }

 private:
    void add(bridge::SourceSnapshot source);

    struct Camera {
        bridge::LayerIndex layer = bridge::kSuspended;
        double bps = 0;
        double frame_rate = 30;
        bool keyframe_due = false;
        TimePoint next_frame{};
        double backlog = 0;  // bytes
        double packet = 0;   // their size, in bytes
        double credit = 0;
    };
    void allocate(std::int64_t bps, TimePoint now);
    void make_frame(Camera& camera);

    Random random_;
    std::vector<bridge::SourceSnapshot> sources_;
    bridge::ReceiverSettings settings_;
    bridge::AllocationConfig config_;
    bridge::AllocationTrigger trigger_;
    bridge::Allocation allocation_;
    std::vector<Camera> cameras_;
    TimePoint last_{};
    int allocations_ = 0;
};

}  // namespace jmeet::test
