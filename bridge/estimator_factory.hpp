// The bandwidth estimator that new endpoints get.
#pragma once

#include <cstdint>
#include <memory>

#include "bridge/bwe/estimator.hpp"

namespace jmeet::bridge {

enum class EstimatorKind : std::uint8_t {
    probing,   // delay, loss model, probes and padding
    feedback,  // delay and the simple loss rule; sends nothing of its own
    none,      // bandwidth counts as unlimited
};

// The one place to fall back.
constexpr EstimatorKind kEstimator = EstimatorKind::probing;

// Null for none.
std::unique_ptr<BandwidthEstimator> make_estimator(EstimatorKind kind = kEstimator);

}  // namespace jmeet::bridge
