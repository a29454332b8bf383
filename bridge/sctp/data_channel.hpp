// The bridge channel's data-channel carrier: one SCTP association with one data channel (RFC 8831,
// RFC 8832) over the application data of a DTLS session. The wall around usrsctp: no other code
// sees that library.
//
// SctpContext: one per media worker, owned by it, outlives its transports; the worker calls
// on_timer every SctpContext::kTick. DataChannelTransport: owned by the endpoint or relay, every
// call on the worker of its context. The handler is called only while one of these calls runs:
// it may call the transport, but must not destroy it from a callback.
//
// How usrsctp is kept harmless is told in association.hpp.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "bridge/limits.hpp"

namespace jmeet::bridge {

class DataChannelTransport;
class SctpAssociation;

class SctpContext {
 public:
    // LIMIT: how late a timer of usrsctp may be, the shortest being 200 ms; shorter steps cost
    // more than all else where many channels are idle.
    static constexpr milliseconds kTick{100};

    SctpContext();
    ~SctpContext();
    SctpContext(const SctpContext&) = delete;
    SctpContext& operator=(const SctpContext&) = delete;

    // Drives the timers of all associations of the process (whoever comes first does it), then
    // delivers what they caused to this context's transports.
    void on_timer(TimePoint now);
    // Nobody here: no timer need be given.
    bool idle() const { return transports_.empty(); }

 private:
    friend class DataChannelTransport;
    std::vector<DataChannelTransport*> transports_;  // not owned; they come and go by themselves
    std::uint64_t events_seen_ = 0;
};

enum class SctpRole : std::uint8_t {
    server,  // waits for the peer's INIT and for its channel: always so for endpoints
    client,  // sends INIT and opens the channel: one side of a relay
};

enum class ChannelSend : std::uint8_t { ok, not_open, too_large, queue_full };

class DataChannelHandler {
 public:
    // One SCTP packet for DtlsSession::send.
    virtual void on_sctp_outgoing(BytesView packet) = 0;
    virtual void on_channel_open(std::string_view label, std::string_view protocol) = 0;
    virtual void on_channel_text(std::string_view text) = 0;
    // The channel was closed by the peer, or the association is gone (is_alive() tells). After a
    // closed channel the peer may open another; after a lost association nothing comes any more.
    virtual void on_channel_closed() = 0;

 protected:
    ~DataChannelHandler() = default;
};

class DataChannelTransport {
 public:
    static constexpr std::uint16_t kPort = 5000;
    // LIMIT: an SCTP packet plus DTLS and IPv6/UDP headers stays below 1,280 bytes.
    static constexpr std::size_t kSctpMtu = 1160;
    static constexpr std::size_t kMaxMessage = limits::kDataChannelMessage;  // either way
    static constexpr std::size_t kMaxQueuedMessages = limits::kQueuedMessages;
    static constexpr std::size_t kMaxQueuedBytes = limits::kQueuedBytes;
    static constexpr std::uint16_t kMaxStreams = limits::kDataChannelStreams;
    // The protocol of a channel that carries Jitsi's bridge messages.
    static constexpr std::string_view kProtocol = "http://jitsi.org/protocols/colibri";
    // COMPAT: the label of channels between bridges; clients use "JVB data channel".
    static constexpr std::string_view kRelayLabel = "default";

    DataChannelTransport(SctpContext& context, SctpRole role, DataChannelHandler& handler);
    ~DataChannelTransport();  // aborts the association without a word to the handler
    DataChannelTransport(const DataChannelTransport&) = delete;
    DataChannelTransport& operator=(const DataChannelTransport&) = delete;

    // When DTLS is up. The client's INIT goes out from here. False if usrsctp refuses.
    bool start();
    // Decrypted DTLS application data. Before start() it is dropped: INIT comes again.
    void on_packet(BytesView packet);

    // One ordered, reliable UTF-8 message.
    ChannelSend send(std::string_view text);

    bool is_open() const { return channel_ == Channel::open; }
    bool is_alive() const { return alive_; }
    // Aborts the association: the peer hears it at once.
    void close();

    struct Counters {
        std::uint64_t received = 0;
        std::uint64_t sent = 0;
        std::uint32_t rejected_channels = 0;  // a second OPEN
        std::uint32_t ignored_messages = 0;   // binary, empty, malformed, unknown, other stream
    };
    const Counters& counters() const { return counters_; }
    // Messages that were larger than kMaxMessage, or came faster than this worker took them.
    std::uint64_t dropped_messages() const;

 private:
    friend class SctpContext;
    enum class Channel : std::uint8_t { none, opening, open };
    struct Outgoing {
        std::uint16_t stream;
        std::uint32_t ppid;
        std::string payload;
    };

    void deliver();
    void on_message(std::uint16_t stream, std::uint32_t ppid, std::string_view payload);
    void on_dcep(std::uint16_t stream, std::string_view payload);
    void on_open_request(std::uint16_t stream, std::string_view payload);
    void on_association_up();
    void channel_gone();
    void become_open(std::string_view label, std::string_view protocol);
    ChannelSend enqueue(Outgoing message);
    void flush();

    SctpContext& context_;
    DataChannelHandler& handler_;
    SctpRole role_;
    std::unique_ptr<SctpAssociation> association_;
    Channel channel_ = Channel::none;
    std::uint16_t stream_ = 0;
    bool alive_ = false;
    bool delivering_ = false;
    std::deque<Outgoing> queue_;  // what usrsctp had no room for
    std::size_t queued_bytes_ = 0;
    Counters counters_;
};

}  // namespace jmeet::bridge
