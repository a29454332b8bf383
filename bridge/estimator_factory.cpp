#include "bridge/estimator_factory.hpp"

#include "bridge/bwe/feedback_estimator.hpp"

namespace jmeet::bridge {

std::unique_ptr<BandwidthEstimator> make_estimator() { return std::make_unique<FeedbackEstimator>(); }

}  // namespace jmeet::bridge
