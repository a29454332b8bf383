// The wall around usrsctp: one SCTP association (RFC 9260) over somebody else's datagrams
// (RFC 8261).
//
// usrsctp is one per process; it knows neither our threads nor our lifetimes. Therefore:
// - every call into it happens under one lock (bridge channels carry a few messages a second);
// - its own threads are not started, time is given to it by drive_timers();
// - it gets numbers, never pointers. They are never used twice, and are looked up in a table when
//   they come back, so that what it still believes about a dead association hits nothing;
// - what it says becomes an event in a bounded queue of the association. The owner takes the events
//   on its own thread, after the call: nobody is called back while usrsctp is in motion.
//
// Owned by a DataChannelTransport, called on its media worker.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/clock.hpp"

struct socket;  // usrsctp's own, not the kernel's

namespace jmeet::bridge {

using UsrsctpSocket = struct ::socket;

struct SctpEvent {
    enum class Kind : std::uint8_t {
        packet,        // bytes: to be sent
        message,       // bytes, stream, ppid: one whole message
        up,            // the association is established, or the peer has restarted it
        lost,          // it is gone
        stream_reset,  // stream: the peer will send no more on it
    };
    Kind kind;
    std::uint16_t stream = 0;
    std::uint32_t ppid = 0;
    std::string bytes{};
};

enum class SctpSend : std::uint8_t { ok, would_block, refused };

class SctpAssociation {
 public:
    struct Settings {
        std::uint16_t port;
        std::uint16_t streams;
        std::size_t mtu;
        std::size_t max_message;
    };
    // LIMIT: events between usrsctp and the owner within one call or one tick. One packet that
    // fills a gap can set free all that usrsctp holds back, 512 chunks by its own limit.
    static constexpr std::size_t kMaxEvents = 1024;
    // Retransmission timers. Back-off ends at 3 s and attempts are unlimited, as in JVB: while ICE
    // lives, so does the channel.
    static constexpr milliseconds kRtoInitial{500};
    static constexpr milliseconds kRtoMin{400};
    static constexpr milliseconds kRtoMax{3000};

    explicit SctpAssociation(const Settings& settings);
    ~SctpAssociation();
    SctpAssociation(const SctpAssociation&) = delete;
    SctpAssociation& operator=(const SctpAssociation&) = delete;

    bool listen();
    bool connect();
    void input(BytesView packet);
    SctpSend send(std::uint16_t stream, std::uint32_t ppid, std::string_view payload);
    // Says that we will send no more on it (RFC 6525).
    void reset_stream(std::uint16_t stream);
    // ABORT goes out (as an event); nothing else happens afterwards.
    void abort();

    bool has_events() const { return has_events_.load(std::memory_order_acquire); }
    std::vector<SctpEvent> take_events();
    std::uint64_t dropped_messages() const { return dropped_.load(std::memory_order_relaxed); }

    // Gives usrsctp the time since the last call, if it is at least one tick. Any thread.
    static void drive_timers(TimePoint now);
    // How many events there have been, of all associations: when it stands still nobody has any.
    static std::uint64_t events_ever();

 private:
    friend struct UsrsctpCallbacks;

    UsrsctpSocket* make_socket();
    bool configure(UsrsctpSocket* made) const;
    void accept_peer();
    void close_sockets();
    // The rest is called by usrsctp, under the lock.
    void push(SctpEvent event);
    void on_data(std::string_view part, std::uint16_t stream, std::uint32_t ppid, bool last);
    void on_notification(BytesView notification);

    const Settings settings_;
    const std::uint64_t id_;
    UsrsctpSocket* listening_ = nullptr;
    UsrsctpSocket* connected_ = nullptr;

    std::vector<SctpEvent> events_;  // under the lock
    std::string partial_;            // a long message that usrsctp hands over in parts
    bool partial_too_large_ = false;
    std::atomic<bool> has_events_{false};
    std::atomic<std::uint64_t> dropped_{0};
};

}  // namespace jmeet::bridge
