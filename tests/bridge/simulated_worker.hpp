// A media worker whose time is the caller's: one conference on a real port, with real ICE, DTLS
// and SRTP over loopback, but every moment that it is told is simulated. Header only.
//
// It does what MediaLoop does, on the calling thread: hours pass as fast as packets are handled.
#pragma once

#include <memory>
#include <stdexcept>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/asio.hpp"
#include "bridge/arrived_video.hpp"
#include "bridge/colibri_media.hpp"
#include "bridge/colibri_transport.hpp"
#include "bridge/conference.hpp"
#include "bridge/deadline_queue.hpp"
#include "bridge/ice/credentials.hpp"
#include "bridge/loop_services.hpp"
#include "tests/bridge/test_client.hpp"

namespace jmeet::bridge::test {

inline std::shared_ptr<const DtlsContext> make_dtls_context() {
    auto certificate = Certificate::make(std::chrono::system_clock::now());
    if (!certificate) throw std::runtime_error(certificate.error().what);
    auto context = DtlsContext::make(*certificate);
    if (!context) throw std::runtime_error(context.error().what);
    return std::make_shared<const DtlsContext>(std::move(*context));
}

class SimulatedWorker final : private DatagramReceiver, private ControlPost {
 public:
    inline static const Ssrc kOwnAudio{1};
    inline static const Ssrc kOwnVideo{2};

    SimulatedWorker(BridgeConfig config, TimePoint now)
        : config_(std::move(config)), now_(now) {
        UdpPortOptions options;
        options.port = 0;
        options.ipv6 = Allow::no;
        auto port = UdpPort::open(context_, pool_, drops_, options);
        if (!port) throw std::runtime_error(port.error().what);
        port_ = std::move(*port);
        pool_.warm_up(kBlocks);
        services_.emplace(LoopServices{config_, *port_, pool_, demux_, sctp_, ice_output_, drops_,
                                       counters_, *this, agenda_, arrived_});
        port_->start(*this);
        begin_conference();
    }
    ~SimulatedWorker() {
        conference_.reset();
        port_->close();
    }

    void begin_conference() {
        conference_.emplace(
            ConferenceSetup{ConferenceKey{++conferences_}, "confId=simulated", kOwnAudio,
                            kOwnVideo},
            *services_);
    }
    void end_conference() {
        for (const auto& e : conference_->members().all()) deadlines_.remove(e->token());
        endpoints_.clear();
        conference_.reset();
        port_->flush();
    }

    // What signalling does for a client that joins; its channel is a WebSocket.
    EndpointToken join(TestClient& client) {
        const auto asked = client.create_request();
        EndpointSetup setup;
        setup.token = EndpointToken{++tokens_};
        setup.id = EndpointId(asked.id);
        setup.local = make_local_credentials(tokens_);
        setup.dtls = dtls_;
        for (const auto& c : asked.capabilities) setup.ssrc_rewriting |= c == "ssrc-rewriting";
        Endpoint& endpoint = conference_->create_endpoint(setup, now_);
        endpoints_[setup.token] = &endpoint;

        auto formats = std::make_shared<MediaFormats>();
        for (const auto& media : asked.media) add_media(*formats, media);
        const auto accepted = client.accept_request();
        auto sources = make_sources(*accepted.sources, setup.id);
        if (!sources) throw std::runtime_error(sources.error().what);
        EndpointUpdate update;
        update.token = setup.token;
        update.formats = std::move(formats);
        update.transport = to_update(*accepted.transport->ice);
        update.sources = std::move(*sources);
        client.on_answer(answer(setup), now_);
        this->update(std::move(update));
        endpoint.on_web_socket_open(static_cast<ChannelId>(setup.token));
        return setup.token;
    }
    void update(EndpointUpdate update) {
        Endpoint& endpoint = *endpoints_.at(update.token);
        conference_->update_endpoint(endpoint, std::move(update), now_);
        deadlines_.arm(endpoint.token(), endpoint.next_deadline());
    }
    void say(EndpointToken token, std::string_view text) {
        conference_->web_socket_text(*endpoints_.at(token), text);
    }
    void leave(EndpointToken token) {
        deadlines_.remove(token);
        conference_->remove_endpoint(*endpoints_.at(token));
        endpoints_.erase(token);
    }

    // Takes what has come, and lets pass what the clock says.
    void step(TimePoint now) {
        now_ = now;
        read();
        while (const auto token = deadlines_.take_due(now)) {
            Endpoint& endpoint = *endpoints_.at(*token);
            endpoint.tick(now);
            deadlines_.arm(*token, std::max(endpoint.next_deadline(), now + milliseconds(1)));
        }
        if (now >= next_speech_) {
            next_speech_ = now + kDecisionInterval;
            std::erase_if(agenda_.speaking, [now](Conference* c) { return !c->tick_speech(now); });
        }
        work_off();
        port_->flush();
    }

    std::vector<EndpointToken> take_lost() { return std::exchange(lost_, {}); }
    const Conference& conference() const { return *conference_; }
    const Demux& demux() const { return demux_; }
    const PacketPool& pool() const { return pool_; }
    const MediaCounters& counters() const { return counters_; }
    const UdpPortCounters& port_counters() const { return port_->counters(); }
    std::uint64_t texts() const { return texts_; }

 private:
    static constexpr std::size_t kBlocks = 2 * UdpPort::kBatch;

    void endpoint_lost(EndpointToken token, EndpointEnd) override { lost_.push_back(token); }
    void channel_send(ChannelId, std::string) override { ++texts_; }
    void channel_close(ChannelId, std::uint16_t, std::string) override {}

    void read() {
        context_.restart();
        while (context_.poll() != 0) {
        }
    }
    void on_datagrams(std::span<Datagram> batch, TimePoint) override {
        for (auto& datagram : batch) {
            datagram.packet.set_arrival(now_);  // the port has put down its own clock's
            dispatch(datagram);
        }
        arrived_.forward();
        work_off();
    }
    void dispatch(Datagram& datagram) {
        const Route route = demux_.route(datagram.packet.view(), datagram.from);
        const auto it = route.token ? endpoints_.find(*route.token) : endpoints_.end();
        if (it == endpoints_.end()) return;
        Endpoint& endpoint = *it->second;
        if (route.kind == DatagramKind::stun) {
            endpoint.transport().on_stun(datagram.packet.view(), datagram.from, now_);
        } else if (route.kind == DatagramKind::dtls) {
            endpoint.transport().on_dtls(datagram.packet.view(), datagram.from, now_);
        } else if (route.kind == DatagramKind::rtp) {
            endpoint.on_rtp(std::move(datagram.packet), datagram.from, now_);
        } else if (route.kind == DatagramKind::rtcp) {
            endpoint.on_rtcp(std::move(datagram.packet), datagram.from, now_);
        }
        deadlines_.arm(endpoint.token(), endpoint.next_deadline());
    }
    void work_off() {
        std::erase_if(agenda_.dirty, [this](Conference* c) { return c->run_allocations(now_); });
    }
    xmpp::colibri2::Endpoint answer(const EndpointSetup& setup) const {
        xmpp::IceUdpTransport ice;
        ice.ufrag = setup.local.ufrag;
        ice.pwd = setup.local.pwd;
        const Fingerprint& own = dtls_->fingerprint();
        ice.fingerprints.push_back({own.hash, "actpass", own.value});
        xmpp::Candidate candidate;
        candidate.ip = "127.0.0.1";
        candidate.port = port_->port();
        candidate.priority = 1;
        ice.candidates.push_back(candidate);
        xmpp::colibri2::Endpoint e;
        e.id = setup.id.value();
        e.transport.emplace();
        e.transport->ice = std::move(ice);
        return e;
    }

    const BridgeConfig config_;
    asio::io_context context_{1};
    PacketPool pool_{kBlocks, kBlocks};
    DropCounters drops_;
    MediaCounters counters_;
    Demux demux_;
    SctpContext sctp_;
    IceOutput ice_output_;
    LoopAgenda agenda_;
    ArrivedVideo arrived_;
    std::shared_ptr<const DtlsContext> dtls_ = make_dtls_context();
    std::unique_ptr<UdpPort> port_;
    std::optional<LoopServices> services_;
    std::optional<Conference> conference_;
    std::unordered_map<EndpointToken, Endpoint*> endpoints_;
    DeadlineQueue deadlines_;
    std::vector<EndpointToken> lost_;
    TimePoint now_;
    TimePoint next_speech_{};
    std::uint32_t tokens_ = 0;
    std::uint64_t conferences_ = 0;
    std::uint64_t texts_ = 0;
};

}  // namespace jmeet::bridge::test
