#include "bridge/rtp/codecs/av1.hpp"

#include <algorithm>
#include <bit>

namespace jmeet::bridge {

namespace {

// Most significant bit first; past the end it turns bad and reads zeros.
class BitReader {
 public:
    explicit BitReader(BytesView bytes) : bytes_(bytes) {}

    bool ok() const { return ok_; }
    std::uint32_t bits(unsigned count) {
        if (bytes_.size() * 8 - at_ < count) {
            ok_ = false;
            at_ = bytes_.size() * 8;
            return 0;
        }
        std::uint32_t value = 0;
        for (; count > 0; --count, ++at_) {
            value = (value << 1) | ((bytes_[at_ / 8] >> (7 - at_ % 8)) & 1u);
        }
        return value;
    }
    bool flag() { return bits(1) != 0; }
    // A value below n in the fewest bits ("ns(n)").
    std::uint32_t below(std::uint32_t n) {
        const auto width = static_cast<unsigned>(std::bit_width(n));
        const std::uint32_t short_codes = (1u << width) - n;
        const std::uint32_t value = bits(width - 1);
        if (value < short_codes) return value;
        return (value << 1) - short_codes + bits(1);
    }

 private:
    BytesView bytes_;
    std::size_t at_ = 0;
    bool ok_ = true;
};

bool read_layers(BitReader& in, DdStructure& s) {
    enum : std::uint32_t { kSame, kNextTemporal, kNextSpatial, kDone };
    std::uint8_t spatial = 0;
    std::uint8_t temporal = 0;
    s.temporal_layers = 1;
    s.template_count = 0;
    for (;;) {
        if (s.template_count == kMaxDdTemplates || !in.ok()) return false;
        DdTemplate& t = s.templates[s.template_count++];
        t.spatial = spatial;
        t.temporal = temporal;
        const std::uint32_t step = in.bits(2);
        if (step == kDone) break;
        if (step == kNextTemporal) ++temporal;
        if (step == kNextSpatial) {
            temporal = 0;
            ++spatial;
        }
        if (temporal > 7 || spatial >= kMaxDdSpatialLayers) return false;
        s.temporal_layers = std::max(s.temporal_layers, static_cast<std::uint8_t>(temporal + 1));
    }
    s.spatial_layers = static_cast<std::uint8_t>(spatial + 1);
    return in.ok();
}

void read_dtis(BitReader& in, unsigned count, std::array<Dti, kMaxDdDecodeTargets>& dtis) {
    for (unsigned i = 0; i < count; ++i) dtis[i] = static_cast<Dti>(in.bits(2));
}

bool read_template_diffs(BitReader& in, DdTemplate& t) {
    t.reference_count = 0;
    while (in.flag()) {
        if (t.reference_count == kMaxDdReferences) return false;
        t.frame_diffs[t.reference_count++] = static_cast<std::uint16_t>(in.bits(4) + 1);
    }
    return in.ok();
}

void read_chains(BitReader& in, DdStructure& s) {
    s.chains = static_cast<std::uint8_t>(in.below(s.decode_targets + 1u));
    if (s.chains == 0) return;
    for (unsigned i = 0; i < s.decode_targets; ++i) {
        s.protected_by[i] = static_cast<std::uint8_t>(in.below(s.chains));
    }
    for (unsigned i = 0; i < s.template_count; ++i) {
        for (unsigned c = 0; c < s.chains; ++c) {
            s.templates[i].chain_diffs[c] = static_cast<std::uint8_t>(in.bits(4));
        }
    }
}

void find_target_layers(DdStructure& s) {
    for (unsigned dt = 0; dt < s.decode_targets; ++dt) {
        s.target_spatial[dt] = 0;
        s.target_temporal[dt] = 0;
        for (unsigned i = 0; i < s.template_count; ++i) {
            const DdTemplate& t = s.templates[i];
            if (t.dtis[dt] == Dti::not_present) continue;
            s.target_spatial[dt] = std::max(s.target_spatial[dt], t.spatial);
            s.target_temporal[dt] = std::max(s.target_temporal[dt], t.temporal);
        }
    }
}

bool read_structure(BitReader& in, DdStructure& s) {
    s.id_offset = static_cast<std::uint8_t>(in.bits(6));
    s.decode_targets = static_cast<std::uint8_t>(in.bits(5) + 1);
    if (!read_layers(in, s)) return false;
    for (unsigned i = 0; i < s.template_count; ++i) {
        read_dtis(in, s.decode_targets, s.templates[i].dtis);
    }
    for (unsigned i = 0; i < s.template_count; ++i) {
        if (!read_template_diffs(in, s.templates[i])) return false;
    }
    read_chains(in, s);
    find_target_layers(s);
    s.has_resolutions = in.flag();
    for (unsigned i = 0; s.has_resolutions && i < s.spatial_layers; ++i) {
        // 65536 does not fit; nobody sends it.
        s.width[i] = static_cast<std::uint16_t>(std::min(in.bits(16) + 1, 0xffffu));
        s.height[i] = static_cast<std::uint16_t>(std::min(in.bits(16) + 1, 0xffffu));
    }
    return in.ok();
}

bool read_frame_diffs(BitReader& in, DependencyDescriptor& d) {
    d.reference_count = 0;
    while (const std::uint32_t nibbles = in.bits(2)) {
        if (d.reference_count == kMaxDdReferences) return false;
        d.frame_diffs[d.reference_count++] = static_cast<std::uint16_t>(in.bits(4 * nibbles) + 1);
    }
    return in.ok();
}

struct ExtendedFlags {
    bool structure = false;
    bool active_targets = false;
    bool dtis = false;
    bool diffs = false;
    bool chains = false;
};

// What the frame takes from its template, and what it says differently.
bool read_frame(BitReader& in, const DdStructure& s, const ExtendedFlags& flags,
                DependencyDescriptor& d) {
    const unsigned index = (d.template_id + 64u - s.id_offset) % 64;
    if (index >= s.template_count) return false;
    const DdTemplate& t = s.templates[index];
    d.spatial = t.spatial;
    d.temporal = t.temporal;
    d.decode_targets = s.decode_targets;
    d.dtis = t.dtis;
    d.reference_count = t.reference_count;
    d.frame_diffs = t.frame_diffs;
    if (flags.dtis) read_dtis(in, s.decode_targets, d.dtis);
    if (flags.diffs && !read_frame_diffs(in, d)) return false;
    if (flags.chains) {
        for (unsigned c = 0; c < s.chains; ++c) in.bits(8);
    }
    return in.ok();
}

bool has_template(const DdStructure& s, unsigned template_id) {
    return (template_id + 64u - s.id_offset) % 64 < s.template_count;
}

// What follows the structure.
bool read_rest(BitReader& in, const DdStructure& s, const ExtendedFlags& flags,
               DependencyDescriptor& d) {
    if (flags.active_targets) d.active_decode_targets = in.bits(s.decode_targets);
    return read_frame(in, s, flags, d);
}

DependencyDescriptor read_start(BitReader& in) {
    DependencyDescriptor d;
    d.start_of_frame = in.flag();
    d.end_of_frame = in.flag();
    d.template_id = static_cast<std::uint8_t>(in.bits(6));
    d.frame_number = static_cast<std::uint16_t>(in.bits(16));
    return d;
}

}  // namespace

std::optional<DependencyDescriptor> parse_dd_start(BytesView data) {
    BitReader in(data);
    const DependencyDescriptor d = read_start(in);
    if (!in.ok()) return {};
    return d;
}

std::optional<DependencyDescriptor> DdParser::parse(BytesView data) {
    BitReader in(data);
    DependencyDescriptor d = read_start(in);
    ExtendedFlags flags;
    if (data.size() > 3) {
        flags.structure = in.flag();
        flags.active_targets = in.flag();
        flags.dtis = in.flag();
        flags.diffs = in.flag();
        flags.chains = in.flag();
    }
    if (!in.ok()) return {};
    if (!flags.structure) {
        d.late = structures_.size() > 1 && !has_template(structures_[0], d.template_id);
        if (structures_.empty() || !read_rest(in, structure_of(d), flags, d)) return {};
        return d;
    }
    d.has_structure = true;
    DdStructure incoming;  // a malformed one does not replace a good one
    if (!read_structure(in, incoming)) return {};
    const unsigned targets = incoming.decode_targets;
    d.active_decode_targets = targets == kMaxDdDecodeTargets ? ~0u : (1u << targets) - 1;
    if (!read_rest(in, incoming, flags, d)) return {};
    if (structures_.size() < kKept) structures_.emplace_back();
    std::rotate(structures_.begin(), structures_.end() - 1, structures_.end());
    structures_.front() = incoming;
    return d;
}

bool av1_starts_keyframe(BytesView payload) {
    // Z says that the first element continues one of the packet before; N, that a sequence starts.
    return !payload.empty() && (payload[0] & 0x08) && !(payload[0] & 0x80);
}

}  // namespace jmeet::bridge
