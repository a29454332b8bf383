// AV1 payload and dependency descriptor (the RTP payload format of the Alliance for Open Media,
// section 4.4 for the aggregation header and appendix A for the descriptor).
//
// A descriptor without a structure means something only together with the last structure of its
// stream: parse() is given that one. Structures are large (about 6 KB): keep one per stream and
// do not copy it per packet.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.hpp"

namespace jmeet::bridge {

// LIMIT: the bounds of the format: 6-bit template ids, 5-bit decode targets, 2-bit spatial ids,
// 3-bit temporal ids; eight references per frame is the number of AV1's reference slots.
inline constexpr std::size_t kMaxDdTemplates = 64;
inline constexpr std::size_t kMaxDdDecodeTargets = 32;
inline constexpr std::size_t kMaxDdSpatialLayers = 4;
inline constexpr std::size_t kMaxDdReferences = 8;

// What a frame is to a decode target.
enum class Dti : std::uint8_t { not_present, discardable, switch_point, required };

struct DdTemplate {
    std::uint8_t spatial = 0;
    std::uint8_t temporal = 0;
    std::uint8_t reference_count = 0;
    std::array<std::uint16_t, kMaxDdReferences> frame_diffs{};
    std::array<Dti, kMaxDdDecodeTargets> dtis{};
    std::array<std::uint8_t, kMaxDdDecodeTargets> chain_diffs{};
};

struct DdStructure {
    std::uint8_t id_offset = 0;  // template id of templates[0]
    std::uint8_t template_count = 0;
    std::uint8_t decode_targets = 0;
    std::uint8_t chains = 0;
    std::uint8_t spatial_layers = 1;
    std::uint8_t temporal_layers = 1;
    std::array<DdTemplate, kMaxDdTemplates> templates{};
    std::array<std::uint8_t, kMaxDdDecodeTargets> protected_by{};  // chain of each decode target
    // The highest layer that each decode target contains.
    std::array<std::uint8_t, kMaxDdDecodeTargets> target_spatial{};
    std::array<std::uint8_t, kMaxDdDecodeTargets> target_temporal{};
    bool has_resolutions = false;
    std::array<std::uint16_t, kMaxDdSpatialLayers> width{};
    std::array<std::uint16_t, kMaxDdSpatialLayers> height{};
};

struct DependencyDescriptor {
    bool start_of_frame = false;
    bool end_of_frame = false;
    std::uint8_t template_id = 0;
    std::uint16_t frame_number = 0;
    bool has_structure = false;  // a key frame
    bool late = false;           // read with the structure before the newest
    std::optional<std::uint32_t> active_decode_targets;

    // From the structure (and the frame's own overrides).
    std::uint8_t spatial = 0;
    std::uint8_t temporal = 0;
    std::uint8_t reference_count = 0;
    std::array<std::uint16_t, kMaxDdReferences> frame_diffs{};
    std::uint8_t decode_targets = 0;
    std::array<Dti, kMaxDdDecodeTargets> dtis{};

    bool starts_keyframe() const { return start_of_frame && has_structure; }
};

// The three mandatory bytes: all that can be read without a structure.
std::optional<DependencyDescriptor> parse_dd_start(BytesView data);

// Reads descriptors of one stream in the order of their arrival and keeps the last structure.
// Owned by the stream that receives it.
class DdParser {
 public:
    // Empty: malformed, or the structure it needs was not received yet (a key frame is needed).
    // A packet that comes after the key frame that follows it is read with the structure before.
    std::optional<DependencyDescriptor> parse(BytesView data);
    bool has_structure() const { return !structures_.empty(); }
    // The newest.
    const DdStructure& structure() const { return structures_[0]; }
    // The one that this descriptor was read with.
    const DdStructure& structure_of(const DependencyDescriptor& d) const {
        return structures_[d.late ? 1 : 0];
    }
    void reset() { structures_.clear(); }

 private:
    // LIMIT: 6 KB each; the newest, and the one before it for packets that come late.
    static constexpr std::size_t kKept = 2;

    std::vector<DdStructure> structures_;  // newest first; most streams never have one
};

// From the payload alone: the first packet of a coded video sequence (N bit).
bool av1_starts_keyframe(BytesView payload);

}  // namespace jmeet::bridge
