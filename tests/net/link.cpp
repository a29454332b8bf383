#include "tests/net/link.hpp"

#include <algorithm>

namespace jmeet::test {

namespace {

double to_seconds(Duration d) { return std::chrono::duration<double>(d).count(); }
Duration from_seconds(double s) {
    return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(s));
}

}  // namespace

Link::Link(const LinkConfig& config, std::uint64_t seed) : config_(config), random_(seed) {}

Duration Link::service(std::size_t bytes) const {
    return from_seconds(8 * static_cast<double>(bytes) / static_cast<double>(config_.bps));
}

Duration Link::queue_delay(TimePoint now) const {
    if (queue_.empty()) return {};
    return std::max<Duration>(head_done_ - now, {}) +
           service(queued_bytes_ - queue_.front().bytes);
}

bool Link::lost() {
    if (config_.loss > 0 && random_.next() < config_.loss) return true;
    if (config_.burst_loss <= 0) return false;
    const double leave_bad = 1 / config_.burst_packets;
    const double enter_bad = leave_bad * config_.burst_loss / (1 - config_.burst_loss);
    bad_ = random_.next() < (bad_ ? 1 - leave_bad : enter_bad);
    return bad_;
}

void Link::leave(const Waiting& packet, TimePoint at) {
    if (packet.cross) {
        cross_bytes_ += packet.bytes;
        return;
    }
    own_bytes_ += packet.bytes;
    if (lost()) {
        ++dropped_;
        return;
    }
    TimePoint arrival = at + config_.delay + from_seconds(to_seconds(config_.jitter) *
                                                          random_.next());
    arrival = std::max({arrival, last_arrival_, stalled_until_});
    if (config_.reordered > 0 && random_.next() < config_.reordered) {
        arrival += config_.reorder_delay;
    } else {
        last_arrival_ = arrival;
    }
    under_way_.push_back({packet.packet, arrival});
}

// The generic cell rate algorithm; without a bucket the plain time of service.
void Link::start_head(TimePoint at) {
    if (bucket_bps_ != config_.bps && conforming_ > at) {  // the same bytes at another rate
        const double owed = to_seconds(conforming_ - at) * static_cast<double>(bucket_bps_);
        conforming_ = at + from_seconds(owed / static_cast<double>(config_.bps));
    }
    bucket_bps_ = config_.bps;
    conforming_ = std::max(conforming_, at) + service(queue_.front().bytes);
    head_done_ = std::max(at, conforming_ - service(config_.bucket));
}

bool Link::enqueue(const Waiting& packet, TimePoint now) {
    if (queue_delay(now) > config_.max_queue) return false;
    queue_.push_back(packet);
    queued_bytes_ += packet.bytes;
    if (queue_.size() == 1) start_head(now);
    return true;
}

void Link::add_cross(TimePoint from, TimePoint to) {
    const Duration period = cross_.on + cross_.off;
    add_tcp(from);
    if (cross_.bps == 0) return;
    if (cross_.on > Duration(0) && from.time_since_epoch() % period >= cross_.on) return;
    cross_owed_ += static_cast<double>(cross_.bps) * to_seconds(to - from) / 8;
    while (cross_owed_ >= kCrossBytes) {
        cross_owed_ -= kCrossBytes;
        enqueue({0, kCrossBytes, true}, from);
    }
}

void Link::add_tcp(TimePoint now) {
    for (TcpFlow& flow : tcp_) {
        for (int due = flow.due(now); due > 0; --due) {
            // What became of it is known when its acknowledgement is back, or the next one's.
            const TimePoint heard = now + queue_delay(now) + 2 * config_.delay;
            const bool sent = enqueue({0, kCrossBytes, true}, now);
            flow.on_sent(sent ? TcpFlow::Fate::delivered : TcpFlow::Fate::lost, heard);
        }
    }
}

void Link::advance(TimePoint now) {
    while (now_ < now) {
        // In steps, so that the traffic of others mixes with ours.
        const TimePoint next = std::min(now, now_ + milliseconds(1));
        add_cross(now_, next);
        while (!queue_.empty() && head_done_ <= next) {
            const Waiting packet = queue_.front();
            queue_.pop_front();
            queued_bytes_ -= packet.bytes;
            leave(packet, head_done_);
            if (!queue_.empty()) start_head(head_done_);
        }
        now_ = next;
    }
}

void Link::send(std::uint64_t packet, std::size_t bytes, TimePoint now) {
    advance(now);
    if (!enqueue({packet, bytes, false}, now)) ++dropped_;
}

std::vector<Link::Arrival> Link::receive(TimePoint now) {
    advance(now);
    std::stable_sort(under_way_.begin(), under_way_.end(),
                     [](const Arrival& a, const Arrival& b) { return a.at < b.at; });
    std::vector<Arrival> arrived;
    while (arrived.size() < under_way_.size() && under_way_[arrived.size()].at <= now) {
        arrived.push_back(under_way_[arrived.size()]);
    }
    under_way_.erase(under_way_.begin(),
                     under_way_.begin() + static_cast<std::ptrdiff_t>(arrived.size()));
    return arrived;
}

}  // namespace jmeet::test
