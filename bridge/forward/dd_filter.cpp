#include "bridge/forward/dd_filter.hpp"

#include <algorithm>

namespace jmeet::bridge {

namespace {

bool below(const DdStructure& s, int lower, int than) {
    const auto l = static_cast<std::size_t>(lower);
    const auto t = static_cast<std::size_t>(than);
    return s.target_spatial[l] <= s.target_spatial[t] &&
           s.target_temporal[l] <= s.target_temporal[t];
}

// `inner` needs no frame that `outer` lacks. Layer ids do not tell: the layers of S-modes have
// nothing in common, those of K-SVC only their key pictures.
bool contains(const DdStructure& s, int outer, int inner) {
    return std::all_of(s.templates.begin(), s.templates.begin() + s.template_count,
                       [&](const DdTemplate& t) {
                           return t.dtis[static_cast<std::size_t>(inner)] == Dti::not_present ||
                                  t.dtis[static_cast<std::size_t>(outer)] != Dti::not_present;
                       });
}

bool references_accepted(const DependencyDescriptor& frame, const FrameLog& log) {
    for (std::size_t i = 0; i < frame.reference_count; ++i) {
        const auto number = static_cast<std::uint16_t>(frame.frame_number - frame.frame_diffs[i]);
        const FrameLog::Frame* f = log.find(number);
        if (!f || !f->accepted) return false;
    }
    return true;
}

// Some frame that `from` contains lets a decoder enter `to` between key frames.
bool can_switch(const DdStructure& s, int from, int to) {
    for (std::size_t i = 0; i < s.template_count; ++i) {
        const DdTemplate& t = s.templates[i];
        if (t.reference_count == 0) continue;
        if (t.dtis[static_cast<std::size_t>(from)] != Dti::not_present &&
            t.dtis[static_cast<std::size_t>(to)] == Dti::switch_point) {
            return true;
        }
    }
    return false;
}

}  // namespace

// The greatest decode target within the wanted layers that the sender still sends.
int DdFilter::wanted(const DdStructure& structure, const Target& target) const {
    const bool everything = target.pending == EncodingSwitch::Pending::up;
    int best = -1;
    int lowest = -1;
    for (int i = 0; i < structure.decode_targets; ++i) {
        if (!(active_ >> i & 1u)) continue;
        const auto at = static_cast<std::size_t>(i);
        if (lowest < 0 || below(structure, i, lowest)) lowest = i;
        const bool fits = everything || (structure.target_spatial[at] <= target.spatial &&
                                         structure.target_temporal[at] <= target.temporal);
        if (!fits) continue;
        if (best < 0) {
            best = i;
            continue;
        }
        const auto b = static_cast<std::size_t>(best);
        const bool higher = structure.target_spatial[at] > structure.target_spatial[b] ||
                            (structure.target_spatial[at] == structure.target_spatial[b] &&
                             structure.target_temporal[at] > structure.target_temporal[b]);
        if (higher) best = i;
    }
    return best >= 0 ? best : lowest;
}

void DdFilter::enter(int target) {
    mask_due_ = current_ >= 0 || target > 0;
    current_ = target;
}

LayerDecision DdFilter::decide(const DependencyDescriptor& frame, const DdStructure& structure,
                               const Target& target, const FrameLog& log) {
    if (frame.late) {
        // Of the time before the last key frame: nothing follows from it.
        const bool known = current_ >= 0 && current_ < structure.decode_targets;
        return {known && frame.dtis[static_cast<std::size_t>(current_)] != Dti::not_present};
    }
    if (frame.has_structure) active_ = 0xffff'ffff;
    if (frame.active_decode_targets) {
        active_ = *frame.active_decode_targets;
        // The sender's mask names what does not go on from here: it is replaced.
        mask_due_ |= !frame.has_structure;
    }
    const int to = wanted(structure, target);
    if (to < 0) return {};
    if (frame.has_structure || current_ >= structure.decode_targets) current_ = -1;

    bool keyframe_needed = false;
    if (current_ < 0) {
        enter(to);
    } else if (current_ != to) {
        const Dti role = frame.dtis[static_cast<std::size_t>(to)];
        if (role == Dti::switch_point && references_accepted(frame, log)) {
            enter(to);
        } else if (!can_switch(structure, current_, to)) {
            keyframe_needed = true;
        }
    }
    const Dti role = frame.dtis[static_cast<std::size_t>(current_)];
    bool forward = role != Dti::not_present;
    if (target.pending == EncodingSwitch::Pending::down) forward &= role != Dti::discardable;
    // Nothing that follows can be read without the structure.
    forward |= frame.has_structure;
    return {forward, keyframe_needed};
}

bool DdFilter::ends_picture(const DependencyDescriptor& frame,
                            const DdStructure& structure) const {
    return current_ >= 0 && frame.end_of_frame &&
           frame.spatial == structure.target_spatial[static_cast<std::size_t>(current_)];
}

std::uint32_t DdFilter::take_mask(const DdStructure& structure) {
    mask_due_ = false;
    std::uint32_t mask = 0;
    for (int i = 0; i < structure.decode_targets; ++i) {
        if ((active_ >> i & 1u) && contains(structure, current_, i)) mask |= 1u << i;
    }
    return mask;
}

}  // namespace jmeet::bridge
