// SSRC rewriting: a receiver gets everybody's media on a bounded set of SSRCs, and learns over the
// bridge channel (VideoSourcesMap, AudioSourcesMap) who is on which.
//
// Owner: one SsrcRewriter per media type of a receiver that negotiated it; on its media worker.
// Slots are taken least-recently-used; a slot that changes its source keeps its SSRCs and its mid
// and continues sequence number and timestamp. Video slots are assigned by the allocation, audio
// slots by the first packet. apply() allocates nothing; assigning may.
// LIMIT: `limit` slots (videobridge.ssrc-limit, 50).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/clock.hpp"
#include "bridge/forward/rewrite.hpp"
#include "bridge/rtp/media.hpp"

namespace jmeet::bridge {

// Random SSRCs, each given out once per receiver; SSRCs that are taken already are told to it.
class SsrcAllocator {
 public:
    explicit SsrcAllocator(std::uint64_t seed) : state_(seed) {}
    Ssrc next();
    void take(Ssrc ssrc) { used_.insert(ssrc); }

 private:
    std::uint64_t state_;
    std::unordered_set<Ssrc> used_;
};

struct RewrittenSource {
    Ssrc primary;  // encoding 0's SSRC at the sender
    SourceName name;
    EndpointId owner;
    VideoType video_type = VideoType::camera;

    bool operator==(const RewrittenSource&) const = default;
};

// The template ids that a stream's newest structure takes, before the slot moves them.
struct TemplateIds {
    std::uint8_t offset = 0;
    std::uint8_t count = 0;
};

// One line of a source map.
struct SlotMapping {
    RewrittenSource source;
    Ssrc ssrc;
    Ssrc rtx;
    std::optional<std::string> mid;
};

enum class MidDemux : std::uint8_t { off, on };

class SsrcRewriter {
 public:
    SsrcRewriter(MediaType type, std::size_t limit, MidDemux mids, SsrcAllocator& ssrcs);

    // Video, after each allocation: sources with a non-zero effective constraint in priority
    // order, then as `spare` those with constraint 0, taken while slots are free. Returns new or
    // changed mappings: send them before media.
    std::vector<SlotMapping> assign(std::span<const RewrittenSource> wanted,
                                    std::span<const RewrittenSource> spare);
    // Audio, with each packet before apply(). A value when the mapping is new or changed.
    std::optional<SlotMapping> touch(const RewrittenSource& source);
    // The same without allocation: is `primary` mapped already? Moves it to the front.
    bool touch_mapped(Ssrc primary);

    enum class Start : std::uint8_t { keyframe, other };
    // Moves a packet of `primary` to its slot: SSRC, sequence number, timestamp, TL0PICIDX or
    // frame number and template ids (`templates` as they come here). False: no slot, a video
    // mapping that still waits for a key frame, or a packet older than the one that started the
    // mapping (its number, and with it the SRTP index, was used before). `primary` is the key,
    // whatever rewrite.ssrc is.
    bool apply(Ssrc primary, Start start, TimePoint arrival, Rewrite& rewrite,
               const TemplateIds& templates = {});

    // Sender reports: the slot's SSRC and time for a report of `primary`. Empty = drop it.
    struct Report {
        Ssrc ssrc;
        std::uint32_t timestamp = 0;
    };
    std::optional<Report> report(Ssrc primary, std::uint32_t timestamp) const;

    // Feedback of the receiver names one of our SSRCs: whose media is that?
    struct Origin {
        Ssrc primary;
        bool rtx = false;
    };
    std::optional<Origin> find_origin(Ssrc ours) const;
    // The SSRCs and the mid of a mapped source.
    std::optional<Ssrc> ssrc_of(Ssrc primary) const;
    std::optional<Ssrc> rtx_of(Ssrc primary) const;
    std::string_view mid_of(Ssrc primary) const;

    // The source is gone; nothing is signalled. Its slot is the first to be taken over.
    void remove(Ssrc primary);
    // All current mappings, for a channel that has just opened.
    std::vector<SlotMapping> mappings() const;
    std::size_t size() const { return by_primary_.size(); }

 private:
    struct Slot {
        std::optional<RewrittenSource> source;
        Ssrc ssrc;
        Ssrc rtx;
        std::string mid;
        std::uint64_t used = 0;  // when last touched; the smallest is taken over
        bool started = false;    // this mapping has carried a packet
        bool ever = false;       // some mapping has
        // Last sent.
        std::uint16_t seq = 0;
        std::uint16_t floor = 0;  // numbers up to here belong to former mappings
        std::uint32_t timestamp = 0;
        std::uint8_t tl0picidx = 0;
        std::uint16_t frame_number = 0;
        TemplateIds templates;  // of the newest structure
        TimePoint arrival;
        // Added to what comes.
        std::uint16_t seq_delta = 0;
        std::uint32_t timestamp_delta = 0;
        std::uint8_t tl0_delta = 0;
        std::uint16_t frame_delta = 0;
        std::uint8_t template_delta = 0;
    };

    Slot* find(Ssrc primary);
    const Slot* find(Ssrc primary) const;
    Slot& take_slot();
    SlotMapping map(const RewrittenSource& source);
    SlotMapping mapping_of(const Slot& slot) const;
    void start(Slot& slot, TimePoint arrival, const Rewrite& rewrite, const TemplateIds& ids);
    static bool remember(Slot& slot, TimePoint arrival, const Rewrite& rewrite);

    MediaType type_;
    std::size_t limit_;
    MidDemux mids_;
    SsrcAllocator& ssrcs_;
    std::uint64_t clock_ = 0;
    std::vector<Slot> slots_;  // named by their index
    mutable std::size_t found_ = 0;  // the slot that was looked for last
    std::unordered_map<Ssrc, std::size_t> by_primary_;
    std::unordered_map<Ssrc, std::size_t> by_ours_;
};

}  // namespace jmeet::bridge
