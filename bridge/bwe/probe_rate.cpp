#include "bridge/bwe/probe_rate.hpp"

#include <algorithm>

namespace jmeet::bridge {

namespace {

constexpr double kEnough = 0.8;
constexpr double kFullLink = 0.9;
constexpr double kLeaveToOthers = 0.95;
constexpr double kImpossible = 2.0;
constexpr double kMaxSeconds = 1.0;
constexpr milliseconds kSameGroup{1};

double to_seconds(auto duration) { return std::chrono::duration<double>(duration).count(); }

}  // namespace

void ProbeRate::expect(const ProbeCluster& cluster) {
    newest_ = kNoProbe;
    trains_[next_] = {};
    trains_[next_].cluster = cluster;
    next_ = (next_ + 1) % kTrains;
}

ProbeRate::Train* ProbeRate::find(ProbeId id) {
    for (Train& train : trains_) {
        if (id != kNoProbe && train.cluster.id == id) return &train;
    }
    return nullptr;
}

void ProbeRate::add(Train& train, const PacketResult& packet) {
    if (train.packets == 0) {
        train.first_sent = train.last_sent = packet.sent;
        train.first_arrival = train.last_arrival = *packet.arrival;
    }
    if (packet.probe != kNoProbe) {
        ++train.packets;
        train.probe_bytes += packet.size;
    }
    train.bytes += packet.size;
    if (packet.sent - train.last_sent > kSameGroup) {
        train.last_sent = packet.sent;
        train.last_sent_bytes = 0;
    }
    if (packet.sent - train.first_sent <= kSameGroup) {
        train.first_sent_bytes += packet.size;
        train.first_arrival = std::max(train.first_arrival, *packet.arrival);
    }
    if (train.last_sent - packet.sent <= kSameGroup) train.last_sent_bytes += packet.size;
    train.last_arrival = std::max(train.last_arrival, *packet.arrival);
}

std::optional<std::int64_t> ProbeRate::rate(const Train& train) {
    const double enough = kEnough * static_cast<double>(train.cluster.bytes());
    if (train.packets < kEnough * ProbeCluster::kMinPackets ||
        static_cast<double>(train.probe_bytes) < enough) {
        return std::nullopt;
    }
    const double send_time = to_seconds(train.last_sent - train.first_sent);
    const double receive_time = to_seconds(train.last_arrival - train.first_arrival);
    if (send_time <= 0 || send_time > kMaxSeconds) return std::nullopt;
    if (receive_time <= 0 || receive_time > kMaxSeconds) return std::nullopt;
    const double sent = 8 * static_cast<double>(train.bytes - train.last_sent_bytes) / send_time;
    const double received =
        8 * static_cast<double>(train.bytes - train.first_sent_bytes) / receive_time;
    if (received / sent > kImpossible) return std::nullopt;
    const double result = received < kFullLink * sent ? kLeaveToOthers * received
                                                      : std::min(sent, received);
    return static_cast<std::int64_t>(result);
}

std::optional<std::int64_t> ProbeRate::on_received(const PacketResult& packet) {
    if (!packet.arrival) return std::nullopt;
    if (packet.probe == kNoProbe) {
        if (newest_ != kNoProbe && between_.size() < kBetween) between_.push_back(packet);
        return std::nullopt;
    }
    Train* train = find(packet.probe);
    if (!train) return std::nullopt;
    for (std::size_t i = 0; i < between_.size() && packet.probe == newest_; ++i) {
        if (between_[i].sent >= train->first_sent) add(*train, between_[i]);
    }
    between_.clear();
    newest_ = packet.probe;
    add(*train, packet);
    return rate(*train);
}

}  // namespace jmeet::bridge
