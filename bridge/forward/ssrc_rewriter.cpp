#include "bridge/forward/ssrc_rewriter.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "bridge/rtp/seq_num.hpp"

namespace jmeet::bridge {

namespace {

constexpr std::uint32_t kAudioStep = 960;   // 20 ms at 48 kHz
constexpr std::uint32_t kVideoStep = 3'000;  // one frame at 30 a second

// How far the clock of a slot moves when its source changes. Audio goes on as if nothing had
// happened; video keeps to the time that has passed.
std::uint32_t time_step(MediaType type, TimePoint last, TimePoint now) {
    if (type == MediaType::audio) return kAudioStep;
    const auto passed = std::chrono::duration_cast<milliseconds>(now - last).count();
    // LIMIT: an hour; a longer pause need not be mapped to time.
    return std::max(kVideoStep, static_cast<std::uint32_t>(
                                    std::clamp<std::int64_t>(passed, 0, 3'600'000) * 90));
}

}  // namespace

Ssrc SsrcAllocator::next() {
    for (;;) {
        // SplitMix64: every state gives another number.
        state_ += 0x9e3779b97f4a7c15u;
        std::uint64_t z = state_;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        const Ssrc ssrc(static_cast<std::uint32_t>((z ^ (z >> 31)) >> 32));
        if (ssrc.value() != 0 && used_.insert(ssrc).second) return ssrc;
    }
}

SsrcRewriter::SsrcRewriter(MediaType type, std::size_t limit, MidDemux mids, SsrcAllocator& ssrcs)
    : type_(type), limit_(std::max<std::size_t>(limit, 1)), mids_(mids), ssrcs_(ssrcs) {}

SsrcRewriter::Slot* SsrcRewriter::find(Ssrc primary) {
    return const_cast<Slot*>(std::as_const(*this).find(primary));
}

// A packet asks three times in a row for the same one.
const SsrcRewriter::Slot* SsrcRewriter::find(Ssrc primary) const {
    if (found_ < slots_.size()) {
        const Slot& slot = slots_[found_];
        if (slot.source && slot.source->primary == primary) return &slot;
    }
    const auto it = by_primary_.find(primary);
    if (it == by_primary_.end()) return nullptr;
    found_ = it->second;
    return &slots_[found_];
}

// A slot for a new source: a new one while there is room, else the least recently used.
SsrcRewriter::Slot& SsrcRewriter::take_slot() {
    if (slots_.size() < limit_) {
        const std::size_t at = slots_.size();
        Slot& slot = slots_.emplace_back();
        slot.ssrc = ssrcs_.next();
        slot.rtx = ssrcs_.next();
        if (mids_ == MidDemux::on) {
            slot.mid = (type_ == MediaType::audio ? "a" : "v") + std::to_string(at);
        }
        by_ours_[slot.ssrc] = at;
        by_ours_[slot.rtx] = at;
        return slot;
    }
    return *std::min_element(slots_.begin(), slots_.end(),
                             [](const Slot& a, const Slot& b) { return a.used < b.used; });
}

SlotMapping SsrcRewriter::mapping_of(const Slot& slot) const {
    SlotMapping out{*slot.source, slot.ssrc, slot.rtx, std::nullopt};
    if (!slot.mid.empty()) out.mid = slot.mid;
    return out;
}

SlotMapping SsrcRewriter::map(const RewrittenSource& source) {
    Slot& slot = take_slot();
    if (slot.source) by_primary_.erase(slot.source->primary);
    slot.source = source;
    slot.started = false;
    slot.used = ++clock_;
    by_primary_[source.primary] = static_cast<std::size_t>(&slot - slots_.data());
    return mapping_of(slot);
}

std::vector<SlotMapping> SsrcRewriter::assign(std::span<const RewrittenSource> wanted,
                                              std::span<const RewrittenSource> spare) {
    std::vector<SlotMapping> changed;
    // What is mapped already is touched first, so that no newcomer evicts it.
    for (const RewrittenSource& source : wanted) {
        Slot* slot = find(source.primary);
        if (!slot) continue;
        slot->used = ++clock_;
        // Another type alone is no news to the client: presence tells it.
        const bool renamed = slot->source->name != source.name ||
                             slot->source->owner != source.owner;
        slot->source = source;
        if (renamed) changed.push_back(mapping_of(*slot));
    }
    std::size_t room = limit_;
    for (const RewrittenSource& source : wanted) {
        if (room == 0) break;
        --room;
        if (!find(source.primary)) changed.push_back(map(source));
    }
    for (const RewrittenSource& source : spare) {
        if (by_primary_.size() >= limit_) break;
        if (!find(source.primary)) changed.push_back(map(source));
    }
    return changed;
}

std::optional<SlotMapping> SsrcRewriter::touch(const RewrittenSource& source) {
    if (touch_mapped(source.primary)) return std::nullopt;
    return map(source);
}

bool SsrcRewriter::touch_mapped(Ssrc primary) {
    Slot* slot = find(primary);
    if (slot) slot->used = ++clock_;
    return slot != nullptr;
}

void SsrcRewriter::start(Slot& slot, TimePoint arrival, const Rewrite& rewrite,
                         const TemplateIds& ids) {
    slot.started = true;
    if (!slot.ever) {
        slot.ever = true;
        slot.seq_delta = 0;
        slot.timestamp_delta = 0;
        slot.tl0_delta = 0;
        slot.frame_delta = 0;
        slot.template_delta = 0;
    } else {
        slot.seq_delta = static_cast<std::uint16_t>(slot.seq + 1 - rewrite.seq);
        slot.timestamp_delta =
            slot.timestamp + time_step(type_, slot.arrival, arrival) - rewrite.timestamp;
        slot.tl0_delta = static_cast<std::uint8_t>(slot.tl0picidx + 1 - rewrite.tl0picidx);
        slot.frame_delta = static_cast<std::uint16_t>(slot.frame_number + 1 - rewrite.number);
        // The new source's templates come behind those of the source before.
        slot.template_delta =
            static_cast<std::uint8_t>(slot.templates.offset + slot.templates.count - ids.offset);
    }
    // What the first packet becomes is the newest there is.
    slot.seq = static_cast<std::uint16_t>(rewrite.seq + slot.seq_delta - 1);
    slot.floor = slot.seq;
}

// False: the number is not this mapping's.
bool SsrcRewriter::remember(Slot& slot, TimePoint arrival, const Rewrite& rewrite) {
    if (!seq_newer(rewrite.seq, slot.floor)) return false;
    if (!seq_newer(rewrite.seq, slot.seq)) return true;
    slot.seq = rewrite.seq;
    // The floor follows at a distance, so that the order of numbers stays defined.
    constexpr int kKeep = 8'192;
    if (seq_diff(slot.seq, slot.floor) > 2 * kKeep) {
        slot.floor = static_cast<std::uint16_t>(slot.seq - kKeep);
    }
    slot.timestamp = rewrite.timestamp;
    slot.arrival = arrival;
    if (rewrite.fields == RewriteFields::dependency_descriptor) {
        slot.frame_number = rewrite.number;
    } else if (rewrite.fields != RewriteFields::none) {
        slot.tl0picidx = rewrite.tl0picidx;
    }
    return true;
}

bool SsrcRewriter::apply(Ssrc primary, Start how, TimePoint arrival, Rewrite& rewrite,
                         const TemplateIds& templates) {
    Slot* slot = find(primary);
    if (!slot) return false;
    slot->used = ++clock_;
    if (!slot->started) {
        if (type_ == MediaType::video && how != Start::keyframe) return false;
        start(*slot, arrival, rewrite, templates);
    }
    rewrite.ssrc = slot->ssrc;
    rewrite.seq = static_cast<std::uint16_t>(rewrite.seq + slot->seq_delta);
    rewrite.timestamp += slot->timestamp_delta;
    if (rewrite.fields == RewriteFields::dependency_descriptor) {
        rewrite.number = static_cast<std::uint16_t>(rewrite.number + slot->frame_delta);
        const auto moved = [slot](std::uint8_t id) {
            return static_cast<std::uint8_t>((id + slot->template_delta) & 63);
        };
        rewrite.tl0picidx = moved(rewrite.tl0picidx);
        slot->templates = {moved(templates.offset), templates.count};
    } else if (rewrite.fields != RewriteFields::none) {
        rewrite.tl0picidx = static_cast<std::uint8_t>(rewrite.tl0picidx + slot->tl0_delta);
    }
    return remember(*slot, arrival, rewrite);
}

std::optional<SsrcRewriter::Report> SsrcRewriter::report(Ssrc primary,
                                                         std::uint32_t timestamp) const {
    const Slot* slot = find(primary);
    if (!slot || !slot->started) return std::nullopt;
    return Report{slot->ssrc, timestamp + slot->timestamp_delta};
}

std::optional<SsrcRewriter::Origin> SsrcRewriter::find_origin(Ssrc ours) const {
    const auto it = by_ours_.find(ours);
    if (it == by_ours_.end()) return std::nullopt;
    const Slot& slot = slots_[it->second];
    if (!slot.source) return std::nullopt;
    return Origin{slot.source->primary, ours == slot.rtx};
}

std::optional<Ssrc> SsrcRewriter::ssrc_of(Ssrc primary) const {
    const Slot* slot = find(primary);
    return slot ? std::optional(slot->ssrc) : std::nullopt;
}

std::optional<Ssrc> SsrcRewriter::rtx_of(Ssrc primary) const {
    const Slot* slot = find(primary);
    return slot ? std::optional(slot->rtx) : std::nullopt;
}

std::string_view SsrcRewriter::mid_of(Ssrc primary) const {
    const Slot* slot = find(primary);
    return slot ? std::string_view(slot->mid) : std::string_view();
}

void SsrcRewriter::remove(Ssrc primary) {
    Slot* slot = find(primary);
    if (!slot) return;
    by_primary_.erase(primary);
    slot->source.reset();
    slot->started = false;
    slot->used = 0;
}

std::vector<SlotMapping> SsrcRewriter::mappings() const {
    std::vector<SlotMapping> out;
    for (const Slot& slot : slots_) {
        if (slot.source) out.push_back(mapping_of(slot));
    }
    return out;
}

}  // namespace jmeet::bridge
