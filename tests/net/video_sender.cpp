#include "tests/net/video_sender.hpp"

#include <algorithm>
#include <cmath>

namespace jmeet::test {

using namespace jmeet::bridge;

namespace {

constexpr std::uint64_t kRates[] = {49'500,  99'000,  150'000,   165'000, 330'000,
                                    500'000, 660'000, 1'320'000, 2'000'000};
constexpr double kKeyframe = 4;
constexpr double kPacing = 2.5;
constexpr double kPacket = 1'200;

SourceSnapshot camera(int number) {
    SourceSnapshot s;
    const std::string endpoint(1, static_cast<char>('a' + number));
    s.name = SourceName(endpoint + "-v0");
    s.owner = EndpointId(endpoint);
    s.primary = Ssrc(static_cast<std::uint32_t>(number + 1));
    s.layers = assumed_layers(3);
    for (std::size_t i = 0; i < s.layers.size(); ++i) s.layers[i].bitrate = kRates[i];
    return s;
}

SourceSnapshot share(std::int64_t bps) {
    SourceSnapshot s;
    s.name = SourceName("share-v1");
    s.owner = EndpointId("share");
    s.primary = Ssrc(1'000);
    s.video_type = VideoType::desktop;
    s.layers = {{0, 720, 30, static_cast<std::uint64_t>(bps)}};
    return s;
}

}  // namespace

VideoSender::VideoSender(const OfferedVideo& offered, std::uint64_t seed)
    : random_(seed + 6), trigger_(config_, RtxSupport::yes, TimePoint{}) {
    ReceiverSettingsUpdate update;
    update.default_constraints = VideoConstraints{720, -1};
    if (offered.share_stage == Stage::on) update.on_stage = {share(0).name};
    settings_.apply(update);
    if (offered.share_bps != 0) add(share(offered.share_bps));
    for (int i = 0; i < offered.cameras; ++i) {
        add(camera(i));
        cameras_.back().next_frame = TimePoint{} + milliseconds(133 * i / offered.cameras);
    }
}

void VideoSender::add(SourceSnapshot source) {
    sources_.push_back(std::move(source));
    cameras_.emplace_back();
}

void VideoSender::on_estimate(std::int64_t bps, TimePoint now) {
    const bool moved = trigger_.on_estimate(bps);
    if (moved || trigger_.due(now)) allocate(trigger_.available(settings_, now), now);
}

void VideoSender::allocate(std::int64_t bps, TimePoint now) {
    std::vector<const SourceSnapshot*> all;
    for (const auto& s : sources_) all.push_back(&s);
    allocation_ = bridge::allocate(all, settings_, {}, bps, config_);
    trigger_.on_run(now);
    ++allocations_;
    for (std::size_t i = 0; i < cameras_.size(); ++i) {
        const SourceAllocation* decided = allocation_.find(sources_[i].name);
        const LayerIndex target = decided ? decided->target : kSuspended;
        Camera& c = cameras_[i];
        if (target != kSuspended && encoding_of(target) != encoding_of(c.layer)) {
            c.keyframe_due = true;
        }
        c.layer = target;
        c.bps = decided ? static_cast<double>(decided->target_bitrate) : 0;
        for (const Layer& l : sources_[i].layers) {
            if (l.index == target) c.frame_rate = l.frame_rate;
        }
        if (target == kSuspended) c.backlog = 0;
    }
}

void VideoSender::make_frame(Camera& c) {
    double size = c.bps / 8 / c.frame_rate * (0.8 + 0.4 * random_.next());
    if (c.keyframe_due) size *= kKeyframe;
    c.keyframe_due = false;
    c.packet = size / std::ceil(size / kPacket);
    c.backlog += size;
}

void VideoSender::run(TimePoint now, const std::function<void(std::size_t)>& send) {
    const double elapsed = std::chrono::duration<double>(now - last_).count();
    last_ = now;
    for (Camera& c : cameras_) {
        if (c.next_frame <= now) {
            if (c.layer != kSuspended) make_frame(c);
            c.next_frame += std::chrono::duration_cast<Duration>(
                std::chrono::duration<double>(1 / c.frame_rate));
        }
        c.credit = std::min(c.credit + kPacing * c.bps * elapsed / 8, 2 * kPacket);
        while (c.backlog >= 1 && c.credit > 0) {
            const double size = std::min(c.packet, c.backlog);
            c.backlog -= size;
            c.credit -= size;
            send(static_cast<std::size_t>(std::ceil(size)));
        }
    }
}

}  // namespace jmeet::test
