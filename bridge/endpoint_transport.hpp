// How one endpoint is reached: ICE finds the address, DTLS proves who is there, SRTP carries
// media and SCTP the bridge channel. Knows nothing of streams, sources or messages.
//
// Owned by an Endpoint, on its conference's media worker. Bytes come in by kind (the demux has
// told them apart); decrypted packets are for the owner. No media passes in either direction
// before the peer's certificate has matched a signalled fingerprint (RFC 8827 section 6.5).
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/log.hpp"
#include "bridge/dtls/srtp.hpp"
#include "bridge/early_packets.hpp"
#include "bridge/ice/transport.hpp"
#include "bridge/limits.hpp"
#include "bridge/loop_services.hpp"
#include "bridge/token_bucket.hpp"

namespace jmeet::bridge {

class TransportOwner {
 public:
    // ICE and DTLS are up: media may flow.
    virtual void on_transport_connected() = 0;
    virtual void on_data_channel_open() = 0;
    virtual void on_data_channel_text(std::string_view text) = 0;
    virtual void on_data_channel_closed() = 0;

 protected:
    ~TransportOwner() = default;
};

class EndpointTransport final : private DtlsHandler, private DataChannelHandler {
 public:
    EndpointTransport(const EndpointSetup& setup, LoopServices& services, TransportOwner& owner,
                      const log::Logger& log);
    ~EndpointTransport();

    void apply(const TransportUpdate& update, TimePoint now);
    // A second ICE agent beside the one in use; media moves when it has found its way.
    IceRestartAnswer restart_ice(IceCredentials fresh, TimePoint now);
    void on_stun(BytesView datagram, const Address& from, TimePoint now);
    void on_dtls(BytesView datagram, const Address& from, TimePoint now);
    // Decrypt in place; false when it is to be dropped (and counted), or came before its keys.
    bool unprotect_rtp(PacketPtr& packet, const Address& from, TimePoint now);
    bool unprotect_rtcp(PacketPtr& packet, const Address& from, TimePoint now);

    // What came before its keys, in on_transport_connected().
    std::vector<EarlyPacket> take_early(TimePoint now) { return early_.take(now); }

    // Keys are there and an address is known.
    bool ready() const { return srtp_.has_value() && to_.has_value(); }
    // Written into port.slot(): protects in place and commits. False: dropped and counted.
    bool send_rtp(Bytes slot, std::size_t length);
    bool send_rtcp(BytesView packet);
    bool send_text(std::string_view text);
    bool data_channel_open() const { return channel_ && channel_->is_open(); }

    void tick(TimePoint now);
    TimePoint next_deadline() const;

    // Since when no pair works; empty while one does or may.
    std::optional<TimePoint> ice_failed_since() const {
        return ice_.state() == IceState::failed ? failed_at_ : std::nullopt;
    }
    bool dtls_connected() const { return dtls_.state() == DtlsState::connected; }
    // Of media or a consent answer; empty when nothing ever came.
    std::optional<TimePoint> last_activity() const { return last_activity_; }
    const log::Logger& log() const { return log_; }
    Duration ice_round_trip() const { return ice_.agent().round_trip(); }

 private:
    void on_dtls_outgoing(BytesView datagram) override;
    void on_dtls_connected() override;
    void on_dtls_data(BytesView data) override;
    void on_dtls_failed(std::string_view reason) override;
    void on_sctp_outgoing(BytesView packet) override;
    void on_channel_open(std::string_view label, std::string_view protocol) override;
    void on_channel_text(std::string_view text) override;
    void on_channel_closed() override;

    bool within_rate(TimePoint now);
    bool strangers_within_rate(TimePoint now);
    void apply_ice(const TransportUpdate& update, TimePoint now);
    void handle_ice_output(TimePoint now);
    void on_ice_event(const IceEvent& event, TimePoint now);
    void move_to(const Address& address);
    void keep_early(BytesView packet, const Address& from, DatagramKind kind, TimePoint now);
    bool count(SrtpStatus status, const Address& from, TimePoint now);

    EndpointToken token_;
    LoopServices& services_;
    TransportOwner& owner_;
    log::Logger log_;
    // Shared with the sessions of other endpoints: one certificate for all.
    std::shared_ptr<const DtlsContext> dtls_context_;
    IceTransport ice_;
    DtlsSession dtls_;
    std::optional<SrtpTransport> srtp_;
    EarlyPackets early_;
    std::unique_ptr<DataChannelTransport> channel_;
    std::optional<Address> to_;         // where media goes
    std::optional<Address> dtls_from_;  // whom a handshake answers before ICE has chosen
    std::optional<DtlsRole> role_;      // signalled, not used yet
    std::optional<TimePoint> last_activity_;
    std::optional<TimePoint> failed_at_;
    TimePoint now_{};  // of the call that is running, for OpenSSL's callbacks
    TokenBucket<limits::kDatagramsPerSecond, limits::kDatagramBurst> datagrams_;
    TokenBucket<limits::kStrangersChecksPerSecond, limits::kStrangersCheckBurst> strangers_;
    unsigned restarts_seen_ = 0;
    bool writable_ = false;
    bool was_connected_ = false;
    bool counted_failure_ = false;
};

}  // namespace jmeet::bridge
