// What an ICE agent wants done: datagrams to send and things that happened. Bounded, reusable,
// owned by the caller (one per media worker), emptied by clear().
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "base/bytes.hpp"
#include "bridge/ice/address.hpp"

namespace jmeet::bridge {

// What became of a received STUN message. Everything but `handled` changed nothing; `refused` was
// answered with an error response.
enum class StunVerdict : std::uint8_t {
    handled,
    malformed,       // not STUN, bad FINGERPRINT, or not a binding message
    unknown_user,    // the USERNAME names another agent
    bad_integrity,   // MESSAGE-INTEGRITY missing or wrong
    unmatched,       // a response to nothing that was asked
    refused_address, // the address policy says no
    refused,         // 400, 420 or 487 was sent
};

enum class IceEventKind : std::uint8_t {
    address_bound,     // an authenticated check came from here: Demux::bind
    address_released,  // forget this address: Demux::unbind
    writable,          // the first pair is valid: DTLS may start
    connected,         // a pair is selected (first, or after consent_lost): Demux::take
    selected_changed,  // media goes to another address from now on: Demux::take
    consent_lost,      // 30 s without an answer: nothing may be sent
    failed,            // every pair failed
};

struct IceEvent {
    IceEventKind kind;
    Address address;
};

class IceOutput {
 public:
    // LIMIT: the longest message is a check with a 256-character remote ufrag: 372 bytes.
    static constexpr std::size_t kMaxDatagram = 400;
    // LIMIT: one call answers at most one message and starts or repeats a few checks; what does
    // not fit waits for the next tick.
    static constexpr std::size_t kMaxDatagrams = 8;
    // LIMIT: the addresses of one agent, all released at once, and some more.
    static constexpr std::size_t kMaxEvents = 32;

    struct Datagram {
        Address to;
        std::uint16_t length = 0;
        std::array<std::uint8_t, kMaxDatagram> block;

        BytesView bytes() const { return BytesView(block).first(length); }
    };

    std::span<const Datagram> datagrams() const { return std::span(datagrams_).first(sent_); }
    std::span<const IceEvent> events() const { return std::span(events_).first(happened_); }
    void clear() { sent_ = happened_ = 0; }

    bool has_room() const { return sent_ < kMaxDatagrams && happened_ + 4 <= kMaxEvents; }
    // Null when full.
    Datagram* next() { return sent_ < kMaxDatagrams ? &datagrams_[sent_] : nullptr; }
    void commit() { ++sent_; }
    // The owner of several agents decides what the outside hears: `keep(IceEvent&)` for each event
    // since `from`; it may change the event.
    template <class Keep>
    void review_events(std::size_t from, Keep&& keep) {
        std::size_t kept = from;
        for (std::size_t i = from; i < happened_; ++i) {
            IceEvent event = events_[i];
            if (keep(event)) events_[kept++] = event;
        }
        happened_ = kept;
    }
    void event(IceEventKind kind, const Address& address) {
        if (happened_ < kMaxEvents) events_[happened_++] = {kind, address};
    }

 private:
    std::array<Datagram, kMaxDatagrams> datagrams_;
    std::array<IceEvent, kMaxEvents> events_{};
    std::size_t sent_ = 0;
    std::size_t happened_ = 0;
};

}  // namespace jmeet::bridge
