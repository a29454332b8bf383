#include "focus/bridges/bridge.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

namespace jmeet::focus {
namespace {

constexpr milliseconds kBucket{100};
// Failures of one cause come together: clients notice within seconds of each other.
constexpr seconds kIceWindow{10};
// LIMIT: endpoints whose failures are remembered; half of this is more than a bridge carries.
constexpr std::size_t kMaxIceFailures = 2'000;

std::int64_t bucket_of(TimePoint time) {
    return std::chrono::floor<milliseconds>(time.time_since_epoch()).count() / kBucket.count();
}

// A stat that is absent or unreadable leaves what was known before.
template <class T, class Into>
void read(const std::optional<T>& value, Into& into) {
    if (value) into = *value;
}

std::string or_null(const std::optional<std::string>& text) { return text.value_or("null"); }

}  // namespace

RecentCount::RecentCount(milliseconds window)
    : window_buckets_(std::max<std::int64_t>(1, (window + kBucket - milliseconds(1)) / kBucket)) {}

void RecentCount::add(TimePoint now) {
    const std::int64_t index = bucket_of(now);
    forget_old(index);
    if (buckets_.empty() || buckets_.back().index < index) buckets_.push_back({index, 0});
    ++buckets_.back().events;
    ++total_;
}

int RecentCount::count(TimePoint now) {
    forget_old(bucket_of(now));
    return total_;
}

void RecentCount::forget_old(std::int64_t index) {
    while (!buckets_.empty() && index - buckets_.front().index > window_buckets_) {
        total_ -= buckets_.front().events;
        buckets_.pop_front();
    }
}

Bridge::Bridge(xmpp::Jid jid, const BridgeConfig& config, std::unique_ptr<BridgeLink> link)
    : jid_(std::move(jid)),
      config_(config),
      link_(std::move(link)),
      average_participant_stress_(config.average_participant_stress),
      recent_(config.participant_rampup_interval),
      recent_restarts_(config.ice_failure_interval) {}

Bridge::StatsEffect Bridge::apply(const xmpp::BridgeStats& stats, TimePoint now) {
    const bool first = !std::exchange(has_stats_, true);
    last_presence_ = now;
    doubtful_ = false;
    read(stats.find_double("stress_level"), stress_);
    read(stats.find_double("average_participant_stress"), average_participant_stress_);
    read(stats.find_bool("drain"), draining_);
    read(stats.find_bool("healthy"), healthy_);
    read(stats.find("version"), version_);
    read(stats.find("release"), release_);
    read(stats.find("region"), region_);
    read(stats.find("relay_id"), relay_id_);
    // Both are latches: only leaving the brewery clears them.
    if (stats.find_bool("graceful_shutdown").value_or(false)) graceful_shutdown_ = true;
    if (!stats.find_bool("shutting_down").value_or(false) || shutting_down_) {
        return StatsEffect::none;
    }
    shutting_down_ = true;
    return first ? StatsEffect::none : StatsEffect::began_to_shut_down;
}

bool Bridge::operational(TimePoint now) const {
    if (media_ == Media::silent || detached_) return false;
    if (last_failure_ && now - *last_failure_ < config_.failure_reset_threshold) return false;
    return operational_;
}

void Bridge::set_failed(TimePoint now) {
    operational_ = false;
    last_failure_ = now;
}

std::optional<std::string> Bridge::full_version() const {
    if (version_ && release_) return *version_ + "-" + *release_;
    return version_;
}

double Bridge::corrected_stress(TimePoint now) {
    const double stress = stress_ + recent_.count(now) * average_participant_stress_;
    return failing_ice(now) ? std::max(stress, config_.stress_threshold + 0.01) : stress;
}

bool Bridge::overloaded(TimePoint now) {
    return corrected_stress(now) >= config_.stress_threshold;
}

void Bridge::restart_requested(TimePoint now) {
    ++restart_requests_;
    recent_restarts_.add(now);
    if (!config_.ice_failure_detection || endpoints_ < config_.ice_failure_min_endpoints) return;
    if (recent_restarts_.count(now) > endpoints_ * config_.ice_failure_threshold) {
        failing_ice_until_ = now + config_.ice_failure_timeout;
    }
}

bool Bridge::failing_ice(TimePoint now) const {
    return failing_ice_until_ && now < *failing_ice_until_;
}

bool Bridge::ice_failed(const std::string& endpoint, TimePoint now) {
    std::erase_if(ice_failures_, [now](const auto& f) { return now - f.second > kIceWindow; });
    if (ice_failures_.size() < kMaxIceFailures) ice_failures_[endpoint] = now;
    const auto failed = static_cast<int>(ice_failures_.size());
    if (failed < 2 || 2 * failed < endpoints_) return false;
    ice_failures_.clear();
    return true;
}

std::string Bridge::to_string(TimePoint now) {
    return fmt::format("Bridge[jid={}, relayId={}, region={}, stress={:.2f}, version={}]",
                       jid_.to_string(), or_null(relay_id_), or_null(region_),
                       corrected_stress(now), or_null(full_version()));
}

}  // namespace jmeet::focus
