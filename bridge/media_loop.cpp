#include "bridge/media_loop.hpp"

#include <algorithm>
#include <utility>

#include "bridge/ice/transport.hpp"

namespace jmeet::bridge {

MediaLoop::MediaLoop(asio::io_context& context, const BridgeConfig& config, ControlPost& control,
                     ReportSink& reports)
    : config_(config),
      control_(control),
      reports_(reports),
      heartbeat_(config.heartbeat),
      context_(context),
      timer_(context) {}

MediaLoop::~MediaLoop() {
    endpoints_.clear();
    conferences_.clear();
    if (port_) port_->close();
}

Result<std::unique_ptr<MediaLoop>> MediaLoop::open(asio::io_context& context,
                                                   const BridgeConfig& config,
                                                   const WorkerPlace& place, ControlPost& control,
                                                   ReportSink& reports) {
    std::unique_ptr<MediaLoop> loop(new MediaLoop(context, config, control, reports));
    UdpPortOptions options;
    options.port = place.port;
    if (place.exchange) options.share = place.index == 0 ? SharePort::first : SharePort::more;
    options.segmentation = config.segmentation ? Allow::yes : Allow::no;
    auto port = UdpPort::open(context, loop->pool_, loop->drops_, options);
    if (!port) return port.error();
    loop->port_ = std::move(*port);
    loop->services_ = std::make_unique<LoopServices>(
        LoopServices{loop->config_, *loop->port_, loop->pool_, loop->demux_, loop->sctp_,
                     loop->ice_output_, loop->drops_, loop->counters_, control, loop->agenda_,
                     loop->arrived_});
    if (place.exchange) {
        loop->neighbours_ = std::make_unique<Neighbours>(context, *place.exchange, place.index,
                                                         loop->demux_, loop->pool_);
    }
    return loop;
}

void MediaLoop::start() {
    pool_.warm_up(kBlocks);
    DatagramReceiver& receiver = *this;
    port_->start(receiver);
    if (neighbours_) neighbours_->start(*port_);
    arm_timer();
}

TimePoint MediaLoop::next_due() const {
    TimePoint due = std::min(deadlines_.next(), next_report_);
    if (!sctp_.idle()) due = std::min(due, next_sctp_);
    if (!agenda_.speaking.empty()) due = std::min(due, next_speech_);
    if (!agenda_.dirty.empty()) due = TimePoint::min();
    return due;
}

// Moved only to an earlier time: what has become due later is found when it runs.
void MediaLoop::arm_timer() {
    const TimePoint at = std::max(next_due(), Clock::now() + kTick);
    if (at >= timer_at_) return;
    timer_at_ = at;
    timer_.expires_at(at);
    timer_.async_wait([this](error_code error) {
        if (error) return;
        timer_at_ = TimePoint::max();
        tick(Clock::now());
        arm_timer();
    });
}

Endpoint* MediaLoop::find(EndpointToken token) {
    const auto it = endpoints_.find(token);
    return it == endpoints_.end() ? nullptr : it->second.endpoint;
}

void MediaLoop::on_datagrams(std::span<Datagram> batch, TimePoint now) {
    if (neighbours_) neighbours_->learn();
    for (auto& datagram : batch) dispatch(datagram, now);
    arrived_.forward();
    // Once per batch and endpoint: what came may have brought a deadline nearer.
    for (const EndpointToken token : touched_) {
        if (Endpoint* endpoint = find(token)) deadlines_.arm(token, endpoint->next_deadline());
    }
    touched_.clear();
    work_off_agenda(now);
    if (neighbours_) neighbours_->tell(drops_);
    if (next_due() < timer_at_) arm_timer();
}

void MediaLoop::flush() {
    if (neighbours_) neighbours_->tell(drops_);
    port_->flush();
}

void MediaLoop::not_ours(const Datagram& datagram, DropReason reason) {
    if (reason == DropReason::stun_unknown_user && answer_heartbeat(datagram)) return;
    if (neighbours_ && neighbours_->hand_over(datagram, counters_, drops_)) return;
    drops_.add(reason);
}

void MediaLoop::dispatch(Datagram& datagram, TimePoint now) {
    const Route route = demux_.route(datagram.packet.view(), datagram.from);
    if (!route.token) {
        not_ours(datagram, route.reason);
        return;
    }
    Endpoint* endpoint = find(*route.token);
    if (!endpoint) {
        drops_.add(DropReason::unknown_address);
        return;
    }
    if (touched_.empty() || touched_.back() != *route.token) touched_.push_back(*route.token);
    switch (route.kind) {
        case DatagramKind::stun:
            endpoint->transport().on_stun(datagram.packet.view(), datagram.from, now);
            break;
        case DatagramKind::dtls: on_dtls(*endpoint, datagram, now); break;
        case DatagramKind::rtp:
            endpoint->on_rtp(std::move(datagram.packet), datagram.from, now);
            break;
        case DatagramKind::rtcp:
            endpoint->on_rtcp(std::move(datagram.packet), datagram.from, now);
            break;
        case DatagramKind::unknown: drops_.add(route.reason); break;
    }
}

void MediaLoop::on_dtls(Endpoint& endpoint, const Datagram& datagram, TimePoint now) {
    const auto bytes = datagram.packet.view();
    if (endpoint.transport().dtls_connected()) {
        endpoint.transport().on_dtls(bytes, datagram.from, now);
        return;
    }
    if (!handshakes_.put(bytes, datagram.from, now)) {
        drops_.add(DropReason::dtls_busy);
        return;
    }
    if (std::exchange(taking_handshakes_, true)) return;
    asio::post(context_, [this] { take_handshake(); });
}

// One, then whatever the socket has meanwhile.
void MediaLoop::take_handshake() {
    Datagram datagram{pool_.take(), {}};
    if (datagram.packet && handshakes_.take(datagram.packet, datagram.from)) {
        const auto token = demux_.find(datagram.from);
        Endpoint* const endpoint = token ? find(*token) : nullptr;
        if (endpoint) {
            endpoint->transport().on_dtls(datagram.packet.view(), datagram.from, Clock::now());
            settle(*endpoint);
        } else {
            drops_.add(DropReason::unknown_address);
        }
    }
    taking_handshakes_ = handshakes_.has_more();
    if (taking_handshakes_) asio::post(context_, [this] { take_handshake(); });
}

bool MediaLoop::answer_heartbeat(const Datagram& datagram) {
    const auto length =
        heartbeat_.answer(datagram.packet.view(), datagram.from, port_->slot());
    if (length > 0) port_->commit(datagram.from, length);
    return length > 0;
}

void MediaLoop::settle(Endpoint& endpoint) {
    deadlines_.arm(endpoint.token(), endpoint.next_deadline());
    work_off_agenda(Clock::now());
    flush();
    if (next_due() < timer_at_) arm_timer();
}

void MediaLoop::work_off_agenda(TimePoint now) {
    // A run adds nothing to the list: allocations mark nothing.
    std::erase_if(agenda_.dirty, [now](Conference* c) { return c->run_allocations(now); });
}

void MediaLoop::tick(TimePoint now) {
    if (now >= next_sctp_ && !sctp_.idle()) {
        next_sctp_ = now + SctpContext::kTick;
        sctp_.on_timer(now);
    }
    while (const auto token = deadlines_.take_due(now)) {
        Endpoint* endpoint = find(*token);
        if (!endpoint) continue;
        endpoint->tick(now);
        deadlines_.arm(*token, std::max(endpoint->next_deadline(), now + milliseconds(1)));
    }
    if (now >= next_speech_) {
        next_speech_ = now + kDecisionInterval;
        std::erase_if(agenda_.speaking, [now](Conference* c) { return !c->tick_speech(now); });
    }
    work_off_agenda(now);
    if (now >= next_report_) {
        if (neighbours_) neighbours_->learn();  // news that no datagram made it read
        next_report_ = now + kReportInterval;
        send_report(now);
    }
    flush();
}

void MediaLoop::send_report(TimePoint now) {
    const auto& port = port_->counters();
    counters_.packets_received = port.received;
    counters_.bytes_received = port.received_bytes;
    counters_.packets_sent = port.sent;
    counters_.bytes_sent = port.sent_bytes;
    counters_.transit = port.transit;
    counters_.drops = drops_;
    MediaReport report;
    report.made_at = now;
    for (const auto& [key, conference] : conferences_) conference->add_to(report, now);
    report.counters = counters_;
    reports_.report(report);
}

void MediaLoop::create_conference(ConferenceSetup setup) {
    const ConferenceKey key = setup.key;
    conferences_[key] = std::make_unique<Conference>(std::move(setup), *services_);
}

void MediaLoop::expire_conference(ConferenceKey key) {
    const auto it = conferences_.find(key);
    if (it == conferences_.end()) return;
    for (const auto& endpoint : it->second->members().all()) {
        deadlines_.remove(endpoint->token());
        endpoints_.erase(endpoint->token());
    }
    conferences_.erase(it);
    flush();
}

std::optional<ConferenceView> MediaLoop::view_conference(ConferenceKey key) const {
    const auto it = conferences_.find(key);
    if (it == conferences_.end()) return std::nullopt;
    return it->second->view(Clock::now());
}

void MediaLoop::create_endpoint(EndpointSetup setup) {
    const auto it = conferences_.find(setup.conference);
    if (it == conferences_.end()) return;
    Endpoint& endpoint = it->second->create_endpoint(setup, Clock::now());
    endpoints_[setup.token] = {&endpoint, it->second.get()};
    settle(endpoint);
}

void MediaLoop::update_endpoint(EndpointUpdate update) {
    const auto it = endpoints_.find(update.token);
    if (it == endpoints_.end()) return;
    it->second.conference->update_endpoint(*it->second.endpoint, std::move(update), Clock::now());
    settle(*it->second.endpoint);
}

void MediaLoop::expire_endpoint(EndpointToken token) {
    const auto it = endpoints_.find(token);
    if (it == endpoints_.end()) return;
    const auto [endpoint, conference] = it->second;
    endpoints_.erase(it);
    deadlines_.remove(token);
    conference->remove_endpoint(*endpoint);
    work_off_agenda(Clock::now());
    flush();
}

std::optional<IceRestartAnswer> MediaLoop::restart_ice(EndpointToken token, IceCredentials fresh) {
    Endpoint* endpoint = find(token);
    if (!endpoint) return std::nullopt;
    auto answer = endpoint->transport().restart_ice(std::move(fresh), Clock::now());
    settle(*endpoint);
    return answer;
}

void MediaLoop::open_channel(EndpointToken token, ChannelId channel) {
    if (Endpoint* endpoint = find(token)) {
        endpoint->on_web_socket_open(channel);
        settle(*endpoint);
    } else {
        control_.channel_close(channel, 1001, "endpoint closed");
    }
}

void MediaLoop::channel_text(EndpointToken token, ChannelId channel, const std::string& text) {
    const auto it = endpoints_.find(token);
    // Late words of a channel that was replaced are not heard.
    if (it == endpoints_.end() || !it->second.endpoint->channel().is_current(channel)) return;
    it->second.conference->web_socket_text(*it->second.endpoint, text);
    settle(*it->second.endpoint);
}

void MediaLoop::channel_closed(EndpointToken token, ChannelId channel) {
    if (Endpoint* endpoint = find(token)) endpoint->channel().on_web_socket_closed(channel);
}

namespace {
struct DeafHandler final : DtlsHandler {
    void on_dtls_outgoing(BytesView) override {}
    void on_dtls_connected() override {}
    void on_dtls_data(BytesView) override {}
    void on_dtls_failed(std::string_view) override {}
};
}  // namespace

bool MediaLoop::probe(const DtlsContext& dtls) {
    DeafHandler handler;
    const DtlsSession session(dtls, handler);
    const IceTransport ice({}, IceRole::controlling, make_local_credentials(random_u64()), 0);
    return session.state() == DtlsState::fresh && ice.state() == IceState::waiting;
}

}  // namespace jmeet::bridge
