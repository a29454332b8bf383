#include "bridge/endpoint_transport.hpp"

#include <algorithm>
#include <cstring>

namespace jmeet::bridge {
namespace {

IceTransportConfig ice_config(const BridgeConfig& config) {
    IceTransportConfig ice;
    ice.agent.addresses.loopback = config.loopback_candidates ? Allow::yes : Allow::no;
    ice.restart_timeout = config.ice_restart_timeout;
    ice.restart_transition = config.ice_restart_transition;
    return ice;
}

DropReason drop_reason(SrtpStatus status) {
    switch (status) {
        case SrtpStatus::auth_fail: return DropReason::srtp_auth;
        case SrtpStatus::replay: return DropReason::srtp_replay;
        default: return DropReason::srtp_malformed;
    }
}

}  // namespace

EndpointTransport::EndpointTransport(const EndpointSetup& setup, LoopServices& services,
                                     TransportOwner& owner, const log::Logger& log)
    : token_(setup.token),
      services_(services),
      owner_(owner),
      log_(log),
      dtls_context_(setup.dtls),
      ice_(ice_config(services.config), setup.role, setup.local,
           static_cast<std::uint32_t>(setup.token)),
      dtls_(*dtls_context_, *this),
      early_(services.drops) {
    services_.demux.add_ufrag(setup.local.ufrag, token_);
    if (setup.sctp) {
        DataChannelHandler& handler = *this;
        channel_ = std::make_unique<DataChannelTransport>(services_.sctp, SctpRole::server, handler);
    }
}

EndpointTransport::~EndpointTransport() {
    dtls_.close();
    services_.demux.remove(token_);
}

void EndpointTransport::apply(const TransportUpdate& update, TimePoint now) {
    now_ = now;
    apply_ice(update, now);
    if (!update.ice_generation) {
        if (update.role) role_ = update.role;
        dtls_.set_remote_fingerprints(update.fingerprints);
        if (role_ && (writable_ || *role_ == DtlsRole::server)) dtls_.set_role(*role_, now);
    }
    tick(now);
}

// What carries a generation is for that restart alone: DTLS goes on as it is.
void EndpointTransport::apply_ice(const TransportUpdate& update, TimePoint now) {
    // Once ICE is established a transport update without generation changes nothing, as upstream.
    const bool established =
        ice_.state() != IceState::waiting && ice_.state() != IceState::checking;
    if (!update.ice_generation && established) return;
    if (update.remote) ice_.set_remote_credentials(*update.remote, update.ice_generation, now);
    for (const auto& candidate : update.candidates) {
        ice_.add_remote_candidate(candidate, update.ice_generation, now);
    }
}

IceRestartAnswer EndpointTransport::restart_ice(IceCredentials fresh, TimePoint now) {
    now_ = now;
    services_.ice_output.clear();
    IceRestartAnswer answer;
    answer.outcome = ice_.request_restart(std::move(fresh), now, services_.ice_output);
    handle_ice_output(now);
    const auto described = ice_.describe();
    answer.local = described.local;
    MediaCounters& counters = services_.counters;
    if (answer.outcome != RestartOutcome::started) {
        ++(answer.outcome == RestartOutcome::unavailable ? counters.ice_restarts_rejected
                                                         : counters.ice_restarts_not_established);
        return answer;
    }
    ++counters.ice_restarts_started;
    answer.generation = described.generation;
    services_.demux.add_ufrag(answer.local.ufrag, token_);
    log_.named("IceTransport").info("ICE restart, generation {}: the old way stays in use until "
                                    "the new one is found", *answer.generation);
    return answer;
}

void EndpointTransport::on_stun(BytesView datagram, const Address& from, TimePoint now) {
    now_ = now;
    if (!(ice_.validated(from) ? within_rate(now) : strangers_within_rate(now))) return;
    services_.ice_output.clear();
    const auto verdict = ice_.on_stun(datagram, from, now, services_.ice_output);
    if (verdict != StunVerdict::handled) services_.drops.add(to_drop_reason(verdict));
    // An answer to a consent check, or the peer's own check: somebody is there.
    if (verdict == StunVerdict::handled && was_connected_) last_activity_ = now;
    handle_ice_output(now);
}

void EndpointTransport::on_dtls(BytesView datagram, const Address& from, TimePoint now) {
    now_ = now;
    if (!ice_.validated(from)) {
        services_.drops.add(DropReason::dtls_unvalidated);
        return;
    }
    if (!within_rate(now)) return;
    dtls_from_ = from;
    dtls_.on_datagram(datagram, now);
}

bool EndpointTransport::count(SrtpStatus status, const Address& from, TimePoint now) {
    if (status != SrtpStatus::ok) {
        services_.drops.add(drop_reason(status));
        return false;
    }
    last_activity_ = now;
    ice_.on_media(from, now);
    return true;
}

// Before anything is decrypted: what is too much costs no more than this look.
bool EndpointTransport::within_rate(TimePoint now) {
    if (datagrams_.take(now)) return true;
    services_.drops.add(DropReason::endpoint_over_rate);
    return false;
}

bool EndpointTransport::strangers_within_rate(TimePoint now) {
    if (strangers_.take(now)) return true;
    services_.drops.add(DropReason::strangers_over_rate);
    return false;
}

void EndpointTransport::keep_early(BytesView packet, const Address& from, DatagramKind kind,
                                   TimePoint now) {
    const bool keys_coming = dtls_.state() == DtlsState::handshaking ||
                             dtls_.state() == DtlsState::awaiting_fingerprint;
    if (keys_coming) {
        early_.keep(packet, from, kind, now);
    } else {
        services_.drops.add(DropReason::srtp_not_ready);
    }
}

bool EndpointTransport::unprotect_rtp(PacketPtr& packet, const Address& from, TimePoint now) {
    if (!within_rate(now)) return false;
    if (!srtp_) {
        keep_early(packet.view(), from, DatagramKind::rtp, now);
        return false;
    }
    std::size_t length = packet.size();
    const auto status = srtp_->unprotect_rtp(packet.data(), length);
    packet.set_size(length);
    return count(status, from, now);
}

bool EndpointTransport::unprotect_rtcp(PacketPtr& packet, const Address& from, TimePoint now) {
    if (!within_rate(now)) return false;
    if (!srtp_) {
        keep_early(packet.view(), from, DatagramKind::rtcp, now);
        return false;
    }
    std::size_t length = packet.size();
    const auto status = srtp_->unprotect_rtcp(packet.data(), length);
    packet.set_size(length);
    return count(status, from, now);
}

bool EndpointTransport::send_rtp(Bytes slot, std::size_t length) {
    if (!ready()) {
        services_.drops.add(DropReason::no_send_address);
        return false;
    }
    const auto status = srtp_->protect_rtp(slot.data(), length, slot.size());
    if (status != SrtpStatus::ok) {
        services_.drops.add(drop_reason(status));
        return false;
    }
    services_.port.commit(*to_, length);
    ++services_.counters.rtp_sent;
    return true;
}

bool EndpointTransport::send_rtcp(BytesView packet) {
    if (!ready()) return false;
    const Bytes slot = services_.port.slot();
    if (packet.size() + SrtpTransport::kMaxRtcpTrailer > slot.size()) return false;
    std::memcpy(slot.data(), packet.data(), packet.size());
    std::size_t length = packet.size();
    if (srtp_->protect_rtcp(slot.data(), length, slot.size()) != SrtpStatus::ok) return false;
    services_.port.commit(*to_, length);
    return true;
}

bool EndpointTransport::send_text(std::string_view text) {
    return channel_ && channel_->send(text) == ChannelSend::ok;
}

void EndpointTransport::tick(TimePoint now) {
    now_ = now;
    if (ice_.next_deadline() <= now) {
        services_.ice_output.clear();
        ice_.tick(now, services_.ice_output);
        handle_ice_output(now);
    }
    const auto dtls_deadline = dtls_.next_deadline();
    if (dtls_deadline && *dtls_deadline <= now) dtls_.on_timer(now);
}

TimePoint EndpointTransport::next_deadline() const {
    const auto dtls = dtls_.next_deadline().value_or(TimePoint::max());
    return std::min(ice_.next_deadline(), dtls);
}

void EndpointTransport::handle_ice_output(TimePoint now) {
    IceOutput& output = services_.ice_output;
    for (const auto& datagram : output.datagrams()) {
        services_.port.send(datagram.to, datagram.bytes());
    }
    // DTLS may send from an event, but nothing there touches this output again.
    for (const auto& event : output.events()) on_ice_event(event, now);
    output.clear();
    services_.counters.ice_restarts_succeeded += ice_.restarts_completed() - restarts_seen_;
    restarts_seen_ = ice_.restarts_completed();
}

void EndpointTransport::on_ice_event(const IceEvent& event, TimePoint now) {
    switch (event.kind) {
        case IceEventKind::address_bound: services_.demux.bind(event.address, token_); break;
        case IceEventKind::address_released: services_.demux.unbind(event.address, token_); break;
        case IceEventKind::writable:
            writable_ = true;
            to_ = ice_.send_address();
            if (role_) dtls_.set_role(*role_, now);
            break;
        case IceEventKind::connected:
            move_to(event.address);
            last_activity_ = now;
            if (!was_connected_) {
                was_connected_ = true;
                ++services_.counters.ice_succeeded;
                log_.named("IceTransport").info("ICE connected: {}", event.address.to_string());
            }
            break;
        case IceEventKind::selected_changed:
            move_to(event.address);
            log_.named("IceTransport").info("Media goes to {} from now on",
                                            event.address.to_string());
            break;
        case IceEventKind::consent_lost:
            to_.reset();
            log_.named("IceTransport").info("ICE consent lost");
            break;
        case IceEventKind::failed:
            to_.reset();
            failed_at_ = now;
            if (!counted_failure_) ++services_.counters.ice_failed;
            counted_failure_ = true;
            log_.named("IceTransport").warning("ICE failed");
            break;
    }
}

// It has answered a check of ours with the peer's password, so it is the peer's now, whoever had
// it before: a translator gives a forgotten port to the next one who asks.
void EndpointTransport::move_to(const Address& address) {
    to_ = ice_.send_address();
    services_.demux.take(address, token_);
}

void EndpointTransport::on_dtls_outgoing(BytesView datagram) {
    const auto to = to_ ? to_ : dtls_from_;
    if (to) services_.port.send(*to, datagram);
}

void EndpointTransport::on_dtls_connected() {
    const auto keys = dtls_.srtp_keys();
    if (!keys) return;
    auto srtp = SrtpTransport::make(*keys);
    if (!srtp) {
        log_.named("DtlsTransport").severe("SRTP cannot start: {}", srtp.error().what);
        return;
    }
    srtp_ = std::move(*srtp);
    ++services_.counters.dtls_succeeded;
    log_.named("DtlsTransport").info("DTLS handshake complete");
    if (channel_) channel_->start();
    owner_.on_transport_connected();
}

void EndpointTransport::on_dtls_data(BytesView data) {
    if (channel_) channel_->on_packet(data);
}

void EndpointTransport::on_dtls_failed(std::string_view reason) {
    early_.clear();
    ++services_.counters.dtls_failed;
    log_.named("DtlsTransport").warning("DTLS failed: {}", reason);
}

void EndpointTransport::on_sctp_outgoing(BytesView packet) { dtls_.send(packet); }

void EndpointTransport::on_channel_open(std::string_view, std::string_view) {
    ++services_.counters.data_channels_opened;
    owner_.on_data_channel_open();
}

void EndpointTransport::on_channel_text(std::string_view text) {
    owner_.on_data_channel_text(text);
}

void EndpointTransport::on_channel_closed() { owner_.on_data_channel_closed(); }

}  // namespace jmeet::bridge
