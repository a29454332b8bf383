// Sequence numbers of one encoding -> numbers of the outgoing stream, without gaps for what was
// refused and with a place kept for what was lost.
//
// Packets of one frame are neighbours, so a frame is found again by looking at the nearest known
// neighbours. Of lost packets between two frames it is inferred how many belonged to refused
// ones. One per projection. LIMIT: kWindow packets are remembered (8 KB): at 2.5 Mbps three
// seconds, longer than any retransmission takes. The ring grows up to that while packets of the
// last three seconds would be forgotten, so a slow stream has a small one.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "bridge/rtp/seq_num.hpp"

namespace jmeet::bridge {

struct FrameKey {
    std::uint32_t timestamp = 0;
    std::uint8_t spatial = 0;
    bool operator==(const FrameKey&) const = default;
};

class SequenceMap {
 public:
    static constexpr int kWindow = 1'024;

    // What is known of a packet's place.
    enum class Place : std::uint8_t {
        ahead,      // newer than all before
        late,       // a place that is still free
        duplicate,  // was seen
        too_old,    // before the start, or out of the window
        jump,       // the sender's numbers jumped: nothing here applies
    };
    struct Lookup {
        Place place = Place::jump;
        // What was decided for another packet of the same frame.
        std::optional<bool> frame_accepted;
    };
    Lookup look_up(std::uint16_t seq, const FrameKey& key);

    // Begins anew: `seq` goes out as `out`, everything after it up to `newest` has been refused.
    void start(std::uint16_t seq, std::uint16_t out, std::uint16_t newest);

    struct Packet {
        std::uint16_t seq = 0;
        FrameKey key;
        bool starts_frame = false;
        bool ends_frame = false;
        bool follows = false;  // its frame is known to be the next after the newest one's
    };
    // The outgoing number; empty when a late packet's place is gone.
    std::optional<std::uint16_t> accept(const Packet& packet);
    void refuse(const Packet& packet);

    // The newest outgoing number that is used or kept for a lost packet.
    std::uint16_t edge() const { return edge_; }
    // The newest frame was accepted, and its end has not been seen.
    bool frame_open() const;
    std::uint16_t newest() const { return newest_; }
    bool started() const { return started_; }

 private:
    enum class State : std::uint8_t { unknown, refused, accepted };
    struct Entry {
        std::uint32_t timestamp = 0;
        std::uint16_t out = 0;
        std::uint8_t spatial = 0;
        State state : 2 = State::unknown;
        std::uint8_t end : 1 = 0;
        FrameKey key() const { return {timestamp, spatial}; }
    };
    static_assert(sizeof(Entry) == 8);

    static constexpr int kFirstWindow = 64;
    static constexpr std::uint32_t kKeepTicks = 3 * 90'000;

    Entry& at(std::uint16_t seq) { return ring_[seq & (ring_.size() - 1)]; }
    const Entry& at(std::uint16_t seq) const { return ring_[seq & (ring_.size() - 1)]; }
    int window() const { return static_cast<int>(ring_.size()); }
    void make_room(int packets);
    bool forgets_too_early(const Packet& packet) const;
    const Entry* known_before(std::uint16_t seq, std::uint16_t& where) const;
    const Entry* known_after(std::uint16_t seq, std::uint16_t& where) const;
    void advance(const Packet& packet, State state);
    void put(const Packet& packet, State state, std::uint16_t out);
    std::optional<std::uint16_t> late_number(const Packet& packet) const;
    bool free_for_late(std::uint16_t seq, std::uint16_t out) const;

    std::vector<Entry> ring_ = std::vector<Entry>(kFirstWindow);  // a power of two
    std::uint16_t first_ = 0;
    std::uint16_t newest_ = 0;
    std::uint16_t edge_ = 0;
    std::uint16_t too_old_in_a_row_ = 0;
    bool started_ = false;
};

}  // namespace jmeet::bridge
