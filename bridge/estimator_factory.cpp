#include "bridge/estimator_factory.hpp"

#include "bridge/bwe/probing_estimator.hpp"

namespace jmeet::bridge {

std::unique_ptr<BandwidthEstimator> make_estimator() { return std::make_unique<ProbingEstimator>(); }

}  // namespace jmeet::bridge
