// Bandwidth allocation for one receiver: who gets which layer, and why.
//
// A function of values: a snapshot of the sources, the receiver's settings and the available
// bandwidth in, one decision per source out. Runs on the conference's media worker, on events
// and at least every 5 s, never per packet. LIMIT: work is sources x layers per round, and a
// round ends as soon as no source improves.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "bridge/allocation/receiver_settings.hpp"

namespace jmeet::bridge {

// A remote video source as the allocator sees it. Layers in order of index.
struct SourceSnapshot {
    SourceName name;
    EndpointId owner;
    Ssrc primary;
    VideoType video_type = VideoType::camera;
    std::vector<Layer> layers;
};

constexpr std::int64_t kUnlimitedBandwidth = std::numeric_limits<std::int64_t>::max();
// An estimate was reported and is unknown: nothing is forwarded.
constexpr std::int64_t kUnknownBandwidth = -1;

// Each -1 = unlimited.
struct LastNLimits {
    int bridge = -1;
    int conference_size = -1;
    int ssrcs = 50;
};

// Which of the limits was the smallest and so decided how many sources are sent.
enum class LastNRule : std::uint8_t { none, receiver, bridge, conference_size, ssrcs };

// Why a source got what it got; one value per decision, for explain.hpp.
enum class AllocationReason : std::uint8_t {
    ideal,              // the best considered layer
    bandwidth_limited,  // a lower layer: the next one does not fit
    oversent,           // sent although it exceeds the budget (screen share on stage)
    suspended,          // nothing: not even the first layer fits
    bandwidth_unknown,  // nothing: the estimate is reported as unknown
    not_wanted,         // the receiver's constraint is 0
    beyond_last_n,      // wanted, but last-N is used up
    source_disabled,    // the sender says it sends no video
    no_layers,          // nothing is known that could be sent
};
struct SourceAllocation {
    SourceName name;
    EndpointId owner;
    Ssrc primary;
    VideoType video_type = VideoType::camera;
    VideoConstraints asked;           // by the receiver, for this source or by default
    bool asked_by_name = false;       // for this very source
    Stage stage = Stage::off;
    VideoConstraints effective;       // after last-N
    LayerIndex target = kSuspended;   // forward this, or kSuspended
    LayerIndex ideal = kSuspended;
    std::uint64_t target_bitrate = 0;
    std::uint64_t ideal_bitrate = 0;
    int target_height = -1;
    int ideal_height = -1;
    // What the next layer above the target needs in all; 0 = there is none.
    std::uint64_t next_bitrate = 0;
    AllocationReason reason = AllocationReason::no_layers;

    bool forwarded() const { return target != kSuspended; }
};

struct Allocation {
    std::vector<SourceAllocation> sources;  // in priority order
    bool oversending = false;
    bool has_suspended = false;  // some source was left out for bandwidth alone
    std::int64_t target_bitrate = 0;
    std::int64_t ideal_bitrate = 0;
    std::int64_t available_bps = 0;
    int last_n = -1;
    LastNRule last_n_rule = LastNRule::none;

    const SourceAllocation* find(const SourceName& name) const;
};

// Equal for the packet path: same sources, types, targets and oversending.
bool same_targets(const Allocation& a, const Allocation& b);
bool same_effective_constraints(const Allocation& a, const Allocation& b);
std::vector<SourceName> forwarded_sources(const Allocation& allocation);

// `sources`: without the receiver's own, in last-N order of their endpoints.
Allocation allocate(std::span<const SourceSnapshot* const> sources,
                    const ReceiverSettings& settings, const LastNLimits& limits,
                    std::int64_t available_bps, const AllocationConfig& config);

// Steps of allocate(), public for tests and for slot assignment.
std::vector<const SourceSnapshot*> prioritize(std::span<const SourceSnapshot* const> sources,
                                              const ReceiverSettings& settings);
// The smallest of the values that are not -1; -1 if all are.
int effective_last_n(std::initializer_list<int> values);
int conference_size_limit(const std::map<int, int>& limits, int size);
// One constraint per source of `prioritized`.
std::vector<VideoConstraints> effective_constraints(
    std::span<const SourceSnapshot* const> prioritized, const ReceiverSettings& settings,
    int last_n);

}  // namespace jmeet::bridge
