#include "bridge/bwe/arrival_estimator.hpp"

namespace jmeet::bridge {

namespace {

constexpr seconds kForget{2};
constexpr milliseconds kUpdate{25};

TimePoint sent_at(std::int64_t fixed_point) {
    return TimePoint{} + microseconds((fixed_point * 1'000'000) >> 18);
}

}  // namespace

void ArrivalEstimator::on_packet(std::uint32_t send_time, std::size_t size, TimePoint arrival) {
    // Delays of before a pause are too old to compare with.
    if (last_packet_ && arrival - *last_packet_ > kForget) trend_.reset();
    last_packet_ = arrival;
    PacketResult packet;
    packet.sent = sent_at(send_times_.unwrap(send_time & 0xff'ffff));
    packet.size = static_cast<std::uint32_t>(size);
    packet.arrival = std::chrono::duration_cast<microseconds>(arrival.time_since_epoch());
    received_.on_received(packet);
    trend_.on_received(packet, arrival);
    const LinkUse use = trend_.hypothesis();
    if (use != LinkUse::over && arrival < next_update_) return;
    next_update_ = arrival + kUpdate;
    auto received = received_.bps();
    // How fast a full link is now; bps() still remembers better times.
    if (use == LinkUse::over && received_.recent_bps()) received = received_.recent_bps();
    if (!received) return;
    known_ = true;
    rate_.update(use, received, arrival);
}

std::optional<std::int64_t> ArrivalEstimator::estimate(TimePoint now) const {
    if (!known_ || now - *last_packet_ > kForget) return std::nullopt;
    return rate_.rate();
}

}  // namespace jmeet::bridge
