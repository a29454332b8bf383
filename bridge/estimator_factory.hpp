// The bandwidth estimator that new endpoints get.
#pragma once

#include <memory>

#include "bridge/bwe/estimator.hpp"

namespace jmeet::bridge {

// Null: bandwidth counts as unlimited.
std::unique_ptr<BandwidthEstimator> make_estimator();

}  // namespace jmeet::bridge
