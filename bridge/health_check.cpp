#include "bridge/health_check.hpp"

#include <algorithm>

namespace jmeet::bridge {
namespace {

std::string iso_duration(Duration time) {
    const auto ms = std::chrono::duration_cast<milliseconds>(time).count();
    if (ms == 0) return "PT0S";
    return ms % 1000 == 0 ? fmt::format("PT{}S", ms / 1000) : fmt::format("PT{:.3f}S", ms / 1000.0);
}

}  // namespace

void HealthCheck::set_candidates(std::vector<LocalCandidate> candidates) {
    candidates_ = std::move(candidates);
}

bool HealthCheck::due(TimePoint now) const {
    return !begun_ && (!last_begin_ || now - *last_begin_ >= config_.health_interval);
}

void HealthCheck::begin(TimePoint now) {
    begun_ = last_begin_ = now;
}

void HealthCheck::end(TimePoint now) {
    if (!begun_) return;
    const Duration took = now - *begun_;
    begun_.reset();
    last_end_ = now;
    failure_.reset();
    const bool is_public =
        std::any_of(candidates_.begin(), candidates_.end(), [](const LocalCandidate& c) {
            return !c.address.is_private() && !c.address.is_loopback() &&
                   !c.address.is_link_local();
        });
    if (candidates_.empty() || (config_.health_requires_valid_address && !is_public)) {
        failure_ = fail("No valid IP addresses available for harvesting.");
    } else if (took > kMaxDuration) {
        failure_ = fail("Performing a health check took too long: " + iso_duration(took));
    }
    if (failure_) {
        log_.severe("Health check failed in {}: {}", iso_duration(took), failure_->what);
    } else {
        log_.info("Performed a successful health check in {}. Sticky failure: false",
                  iso_duration(std::chrono::duration_cast<seconds>(took)));
    }
}

Result<void> HealthCheck::result(TimePoint now) const {
    if (failure_) return *failure_;
    const auto last = last_end_ ? last_end_ : last_begin_;
    if (last && now - *last > config_.health_max_age) {
        return fail("No health checks performed recently, the last result was " +
                    iso_duration(std::chrono::duration_cast<seconds>(now - *last)) + " ago.");
    }
    return {};
}

}  // namespace jmeet::bridge
