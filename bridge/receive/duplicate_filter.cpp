#include "bridge/receive/duplicate_filter.hpp"

#include <algorithm>

namespace jmeet::bridge {

bool DuplicateFilter::is_new(std::uint16_t seq16) {
    // So far back that SRTP would have refused a late packet: the sender restarted.
    if (started_ && unwrapper_.peek(seq16) < highest_ - 4 * kWindow) {
        unwrapper_.reset();
        seen_.reset();
        started_ = false;
    }
    const std::int64_t seq = unwrapper_.unwrap(seq16);
    if (!started_) {
        started_ = true;
        highest_ = seq;
    }
    if (seq <= highest_ - kWindow) return false;
    const auto bit = [](std::int64_t n) { return static_cast<std::size_t>(n & (kWindow - 1)); };
    for (std::int64_t i = std::max(highest_ + 1, seq - kWindow + 1); i <= seq; ++i) {
        seen_.reset(bit(i));
    }
    highest_ = std::max(highest_, seq);
    if (seen_.test(bit(seq))) return false;
    seen_.set(bit(seq));
    return true;
}

}  // namespace jmeet::bridge
