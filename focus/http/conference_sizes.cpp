#include "focus/http/conference_sizes.hpp"

#include <algorithm>
#include <string>

namespace jmeet::focus {

void ConferenceSizes::add(std::int64_t participants) {
    const auto above = std::upper_bound(kLowest.begin(), kLowest.end(), participants);
    ++buckets_[static_cast<std::size_t>(above - kLowest.begin() - 1)];
    ++count_;
    total_ += participants;
    largest_ = std::max(largest_, participants);
    pairs_ += participants * participants;
}

void ConferenceSizes::write(json::Writer& out) const {
    const double average =
        count_ == 0 ? 0.0 : static_cast<double>(total_) / static_cast<double>(count_);
    out.begin_object();
    out.member("average", average).member("max", largest_).member("min", 0);
    out.member("total_value", total_).member("total_count", count_).member("discarded", 0);
    out.key("buckets").begin_object();
    for (std::size_t i = 0; i < buckets_.size(); ++i) {
        const bool last = i + 1 == buckets_.size();
        const std::string end = last ? "max" : std::to_string(kLowest[i + 1]);
        out.member(std::to_string(kLowest[i]) + "_to_" + end, buckets_[i]);
    }
    out.member("p99_upper_bound", -1).member("p999_upper_bound", -1).end_object();
    out.end_object();
}

}  // namespace jmeet::focus
