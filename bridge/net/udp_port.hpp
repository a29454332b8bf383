// UdpPort: the one media port of a worker, a socket for IPv4 and one for IPv6 (RFC 3493 V6ONLY).
// These are the only sockets of the packet path.
//
// Owned by the media worker, all calls on its thread. In: one wake-up reads batches with recvmmsg
// into blocks of the worker's pool and hands each batch to the receiver. Out: the caller fills
// slots and commits them; flush() sends them grouped by destination, runs of equal size as one
// segmented send (UDP_SEGMENT), all of it in one sendmmsg per family. Whatever a receiver commits
// in on_datagrams() is flushed when its batch is done; who sends at another time calls flush().
//
// The order of datagrams to one destination is kept. A full kernel buffer is a counted drop, never
// a wait. Nothing here allocates, locks or throws after open().
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/asio.hpp"
#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "bridge/ice/address.hpp"
#include "bridge/net/drop_reason.hpp"
#include "bridge/net/send_batch.hpp"
#include "bridge/net/transit_times.hpp"
#include "bridge/rtp/packet_pool.hpp"

namespace jmeet::bridge {

// One received datagram; the receiver may take the packet.
struct Datagram {
    PacketPtr packet;
    Address from;
};

class DatagramReceiver {
 public:
    virtual void on_datagrams(std::span<Datagram> batch, TimePoint now) = 0;

 protected:
    ~DatagramReceiver() = default;
};

// SO_REUSEPORT: several workers, one port. The first one still refuses a port that another program
// has, even where that one shares it.
enum class SharePort : std::uint8_t { no, first, more };

struct UdpPortOptions {
    std::uint16_t port = 10'000;  // 0: any free one (tests)
    std::string address_v4 = "0.0.0.0";
    std::string address_v6 = "::";
    Allow ipv6 = Allow::yes;  // silently without it on a machine that has none
    SharePort share = SharePort::no;
    Allow segmentation = Allow::yes;  // UDP_SEGMENT; switched off by itself where refused
    // Jitsi's bridge asks for 10 MiB; the kernel gives at most net.core.rmem_max.
    int receive_buffer = 10 * 1024 * 1024;
    int send_buffer = 4 * 1024 * 1024;
};

struct UdpPortCounters {
    std::uint64_t received = 0;
    std::uint64_t received_bytes = 0;
    std::uint64_t wakeups = 0;
    std::uint64_t batches = 0;
    std::uint64_t sent = 0;
    std::uint64_t sent_bytes = 0;
    std::uint64_t send_calls = 0;
    std::uint64_t segmented_runs = 0;  // sends that carried more than one datagram
    TransitTimes transit;              // of what was sent because of what was read
};

class UdpPort {
 public:
    // LIMIT: datagrams of one recvmmsg; larger batches do not get cheaper.
    static constexpr std::size_t kBatch = 64;
    // LIMIT: batches of one wake-up; then other work of the worker has its turn.
    static constexpr unsigned kBatchesPerWakeup = 4;

    // The error names JVB_PORT and what to do. Pool and counters outlive the port.
    static Result<std::unique_ptr<UdpPort>> open(asio::io_context& context, PacketPool& pool,
                                                 DropCounters& drops,
                                                 const UdpPortOptions& options);
    ~UdpPort();
    UdpPort(const UdpPort&) = delete;
    UdpPort& operator=(const UdpPort&) = delete;

    // Starts to read. The receiver outlives the port.
    void start(DatagramReceiver& receiver);
    void close();

    // Datagrams that came by another way: as if they had been read here just now.
    void deliver(std::span<Datagram> batch, TimePoint now);

    // A block of kSendSlot bytes to write the next datagram into; never empty (a full arena is
    // flushed first). Valid until commit(), send() or flush().
    Bytes slot();
    void commit(const Address& to, std::size_t length);
    // For what is already written elsewhere. Longer than kSendSlot: a counted drop.
    void send(const Address& to, BytesView datagram);
    void flush();

    std::uint16_t port() const { return port_; }
    bool has_ipv6() const { return v6_.descriptor.has_value(); }
    // For options of the socket; -1 without one of that family.
    int socket(Family family) const { return family == Family::ipv4 ? v4_.fd : v6_.fd; }
    bool segments() const { return segments_; }
    int receive_buffer() const { return receive_buffer_; }  // what the kernel granted
    const UdpPortCounters& counters() const { return counters_; }

 private:
    struct Socket {
        std::optional<asio::posix::stream_descriptor> descriptor;  // owns the file descriptor
        int fd = -1;
    };
    struct ReceiveBlock;
    struct SendBlock;

    UdpPort(PacketPool& pool, DropCounters& drops);

    // udp_port.cpp: opening and reading
    Result<void> open_sockets(asio::io_context& context, const UdpPortOptions& options);
    void wait(Socket& socket);
    void on_readable(Socket& socket);
    bool read_batch(int fd);
    std::size_t fill_blocks();
    void take_batch(std::size_t count);

    // udp_send.cpp
    void flush_family(Family family, int fd);
    std::size_t prepare(Family family);
    void begin_message(const Address& to, std::size_t message);
    void add_datagram(std::uint16_t slot, std::size_t message);
    void cut_into(std::uint16_t segment, std::size_t message);
    void send_prepared(int fd, std::size_t count);
    std::size_t on_refused(int fd, std::size_t at, std::size_t count, int error);
    void send_one_by_one(int fd, std::size_t message);
    void count_sent(std::size_t message);

    PacketPool& pool_;
    DropCounters& drops_;
    DatagramReceiver* receiver_ = nullptr;
    Socket v4_;
    Socket v6_;
    std::uint16_t port_ = 0;
    int receive_buffer_ = 0;
    bool segments_ = true;           // until the kernel or the device refuses
    unsigned refused_segments_ = 0;  // without a success in between
    std::unique_ptr<SendBatch> batch_;
    std::unique_ptr<ReceiveBlock> receive_;
    std::unique_ptr<SendBlock> send_;
    UdpPortCounters counters_;
    // Shared with the wait in progress only, which may already be on its way when the port goes.
    std::shared_ptr<char> alive_ = std::make_shared<char>();
};

}  // namespace jmeet::bridge
