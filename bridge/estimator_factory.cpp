#include "bridge/estimator_factory.hpp"

#include "bridge/bwe/feedback_estimator.hpp"
#include "bridge/bwe/probing_estimator.hpp"

namespace jmeet::bridge {

std::unique_ptr<BandwidthEstimator> make_estimator(EstimatorKind kind) {
    switch (kind) {
        case EstimatorKind::probing: return std::make_unique<ProbingEstimator>();
        case EstimatorKind::feedback: return std::make_unique<FeedbackEstimator>();
        case EstimatorKind::none: break;
    }
    return nullptr;
}

}  // namespace jmeet::bridge
