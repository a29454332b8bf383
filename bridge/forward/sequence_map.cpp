#include "bridge/forward/sequence_map.hpp"

#include <algorithm>

namespace jmeet::bridge {

namespace {

// LIMIT: after so many "too old" packets in a row the sender's numbers have jumped.
constexpr std::uint16_t kTooOldIsJump = 50;
constexpr std::uint8_t kNoFrame = 0xff;  // the spatial layer of entries that are no frame's

}  // namespace

const SequenceMap::Entry* SequenceMap::known_before(std::uint16_t seq, std::uint16_t& where) const {
    for (where = static_cast<std::uint16_t>(seq - 1); !seq_newer(first_, where); --where) {
        if (seq_diff(newest_, where) >= window()) return nullptr;
        if (at(where).state != State::unknown) return &at(where);
    }
    return nullptr;
}

const SequenceMap::Entry* SequenceMap::known_after(std::uint16_t seq, std::uint16_t& where) const {
    for (where = static_cast<std::uint16_t>(seq + 1); !seq_newer(where, newest_); ++where) {
        if (at(where).state != State::unknown) return &at(where);
    }
    return nullptr;
}

// So that the newest packet and as many before it have a place each.
void SequenceMap::make_room(int packets) {
    int size = window();
    while (size < packets && size < kWindow) size *= 2;
    if (size == window()) return;
    std::vector<Entry> larger(static_cast<std::size_t>(size));
    for (int back = 0; back < window(); ++back) {
        const auto seq = static_cast<std::uint16_t>(newest_ - back);
        larger[seq % larger.size()] = at(seq);
        if (seq == first_) break;
    }
    ring_ = std::move(larger);
}

bool SequenceMap::forgets_too_early(const Packet& packet) const {
    const Entry& oldest = at(packet.seq);
    return oldest.state != State::unknown && oldest.spatial != kNoFrame &&
           packet.key.timestamp - oldest.timestamp < kKeepTicks;
}

SequenceMap::Lookup SequenceMap::look_up(std::uint16_t seq, const FrameKey& key) {
    if (!started_) return {};
    const int distance = seq_diff(seq, newest_);
    if (distance >= kWindow) return {Place::jump, std::nullopt};
    if (distance > 0) {
        too_old_in_a_row_ = 0;
        const Entry& e = at(newest_);
        if (e.key() != key) return {Place::ahead, std::nullopt};
        return {Place::ahead, e.state == State::accepted};
    }
    if (distance <= -window() || seq_newer(first_, seq)) {
        if (++too_old_in_a_row_ >= kTooOldIsJump) return {Place::jump, std::nullopt};
        return {Place::too_old, std::nullopt};
    }
    too_old_in_a_row_ = 0;
    if (at(seq).state != State::unknown) return {Place::duplicate, std::nullopt};
    std::uint16_t where = 0;
    for (const Entry* e : {known_before(seq, where), known_after(seq, where)}) {
        if (e && e->key() == key) return {Place::late, e->state == State::accepted};
    }
    return {Place::late, std::nullopt};
}

void SequenceMap::start(std::uint16_t seq, std::uint16_t out, std::uint16_t newest) {
    started_ = true;
    too_old_in_a_row_ = 0;
    // The first packet itself is accepted by the caller like any other; here is what precedes it.
    newest_ = first_ = static_cast<std::uint16_t>(seq - 1);
    edge_ = static_cast<std::uint16_t>(out - 1);
    make_room(seq_diff(newest, newest_) + 1);
    Entry before;
    before.out = edge_;
    before.state = State::accepted;
    before.end = 1;
    before.spatial = kNoFrame;
    at(newest_) = before;
    if (newest == seq) return;
    // A key frame that was overtaken by frames that need it not: they have been refused.
    at(seq) = Entry{};
    for (std::uint16_t s = static_cast<std::uint16_t>(seq + 1);; ++s) {
        Entry refused;
        refused.state = State::refused;
        refused.end = 1;
        refused.spatial = kNoFrame;
        // The place of `seq` is counted already: it is about to be accepted as `out`.
        refused.out = out;
        at(s) = refused;
        if (s == newest) break;
    }
    newest_ = newest;
    edge_ = out;
}

bool SequenceMap::frame_open() const {
    const Entry& e = at(newest_);
    return started_ && e.state == State::accepted && !e.end;
}

void SequenceMap::put(const Packet& packet, State state, std::uint16_t out) {
    Entry& e = at(packet.seq);
    e.timestamp = packet.key.timestamp;
    e.spatial = packet.key.spatial;
    e.out = out;
    e.state = state;
    e.end = packet.ends_frame ? 1 : 0;
}

// Moves newest_ to a packet ahead: decides how many of the packets lost in between count.
void SequenceMap::advance(const Packet& packet, State state) {
    const Entry last = at(newest_);
    const int lost = seq_diff(packet.seq, newest_) - 1;
    make_room(lost + 2);
    if (window() < kWindow && forgets_too_early(packet)) make_room(2 * window());
    int refused = 0;
    const bool last_refused = last.state == State::refused;
    const bool same_frame = last.key() == packet.key;
    if (last_refused && state == State::refused && (same_frame || packet.follows)) {
        refused = lost;
    } else if (!same_frame) {
        if (last_refused && !last.end && refused < lost) ++refused;
        if (state == State::refused && !packet.starts_frame && refused < lost) ++refused;
    }
    // Lost packets of a refused frame come first: the places after them are kept.
    for (int i = 1; i <= lost; ++i) {
        at(static_cast<std::uint16_t>(newest_ + i)) = Entry{};
    }
    edge_ = static_cast<std::uint16_t>(edge_ + lost - refused);
    newest_ = packet.seq;
    if (seq_diff(newest_, first_) >= window()) {
        first_ = static_cast<std::uint16_t>(newest_ - window() + 1);
    }
    if (state == State::accepted) ++edge_;
    put(packet, state, edge_);
}

std::optional<std::uint16_t> SequenceMap::accept(const Packet& packet) {
    if (seq_newer(packet.seq, newest_)) {
        advance(packet, State::accepted);
        return edge_;
    }
    auto out = late_number(packet);
    // One of the packets lost before it may have been counted as refused.
    if (out && !free_for_late(packet.seq, *out)) --*out;
    if (!out || !free_for_late(packet.seq, *out)) {
        refuse(packet);
        return std::nullopt;
    }
    put(packet, State::accepted, *out);
    return out;
}

void SequenceMap::refuse(const Packet& packet) {
    if (seq_newer(packet.seq, newest_)) {
        advance(packet, State::refused);
        return;
    }
    // Late: the place that was kept for it stays unused.
    std::uint16_t at_before = 0;
    std::uint16_t at_after = 0;
    const Entry* before = known_before(packet.seq, at_before);
    const Entry* after = known_after(packet.seq, at_after);
    std::uint16_t out = edge_;
    if (before) out = static_cast<std::uint16_t>(before->out + seq_diff(packet.seq, at_before));
    if (after) {
        const int own = after->state == State::accepted ? 1 : 0;
        const auto limit = static_cast<std::uint16_t>(after->out - own);
        if (seq_newer(out, limit)) out = limit;
    }
    put(packet, State::refused, out);
}

std::optional<std::uint16_t> SequenceMap::late_number(const Packet& packet) const {
    std::uint16_t before = 0;
    std::uint16_t after = 0;
    const Entry* b = known_before(packet.seq, before);
    const Entry* a = known_after(packet.seq, after);
    // Between two packets of one frame, all packets are of that frame.
    if (a && a->state == State::accepted && a->key() == packet.key) {
        return static_cast<std::uint16_t>(a->out - seq_diff(after, packet.seq));
    }
    if (!b) return std::nullopt;
    return static_cast<std::uint16_t>(b->out + seq_diff(packet.seq, before));
}

// The number must lie after those used before the place and before those used after it.
bool SequenceMap::free_for_late(std::uint16_t seq, std::uint16_t out) const {
    if (seq_newer(out, edge_)) return false;
    std::uint16_t where = 0;
    const Entry* before = known_before(seq, where);
    if (!before || !seq_newer(out, before->out)) return false;
    for (std::uint16_t s = static_cast<std::uint16_t>(seq + 1); !seq_newer(s, newest_); ++s) {
        const Entry& e = at(s);
        if (e.state == State::accepted) return seq_newer(e.out, out);
    }
    return true;
}

}  // namespace jmeet::bridge
