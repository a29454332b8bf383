#include <algorithm>

#include "bridge/allocation/allocation.hpp"

namespace jmeet::bridge {

namespace {

// The same sources by name, whatever their order, and `equal` for each pair.
template <class Equal>
bool same_sources(const Allocation& a, const Allocation& b, Equal equal) {
    if (a.sources.size() != b.sources.size()) return false;
    // Orders rarely differ: look at the same place first.
    for (std::size_t i = 0; i < a.sources.size(); ++i) {
        const SourceAllocation& x = a.sources[i];
        const SourceAllocation* y =
            b.sources[i].name == x.name ? &b.sources[i] : b.find(x.name);
        if (!y || !equal(x, *y)) return false;
    }
    return true;
}

}  // namespace

bool same_targets(const Allocation& a, const Allocation& b) {
    if (a.oversending != b.oversending) return false;
    return same_sources(a, b, [](const SourceAllocation& x, const SourceAllocation& y) {
        return x.owner == y.owner && x.primary == y.primary && x.video_type == y.video_type &&
               x.target == y.target;
    });
}

bool same_effective_constraints(const Allocation& a, const Allocation& b) {
    return same_sources(a, b, [](const SourceAllocation& x, const SourceAllocation& y) {
        return x.primary == y.primary && x.effective == y.effective;
    });
}

std::vector<SourceName> forwarded_sources(const Allocation& allocation) {
    std::vector<SourceName> out;
    for (const SourceAllocation& s : allocation.sources) {
        if (s.forwarded()) out.push_back(s.name);
    }
    return out;
}

}  // namespace jmeet::bridge
