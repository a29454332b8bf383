// The loop of one media worker: datagrams in batches, deadlines, and what the control side asks.
//
// Owned by MediaWorker; every method but open(), port() and socket() on the worker's thread. It
// finds whose datagram it is and hands it to that endpoint, or to the worker that has it; what
// endpoints send during a batch goes out at its end. A timer looks only at endpoints and
// conferences whose time has come, and does not run where nothing is due. A step of a handshake
// costs a hundred times what a packet costs: handshakes wait in a ring of their own and are taken
// one at a time, between two reads of the socket.
#pragma once

#include <array>
#include <memory>
#include <unordered_map>

#include "bridge/arrived_video.hpp"
#include "bridge/conference.hpp"
#include "bridge/deadline_queue.hpp"
#include "bridge/ice/heartbeat.hpp"
#include "bridge/loop_services.hpp"
#include "bridge/neighbours.hpp"

namespace jmeet::bridge {

class ReportSink {
 public:
    virtual void report(const MediaReport& numbers) = 0;

 protected:
    ~ReportSink() = default;
};

// Which of the bridge's workers this is.
struct WorkerPlace {
    WorkerIndex index = 0;
    std::uint16_t port = 0;        // 0: any free one
    Exchange* exchange = nullptr;  // with the others; null: there are none
};

class MediaLoop final : private DatagramReceiver {
 public:
    // LIMIT: how late a deadline may be; all that are due by then share a look.
    static constexpr milliseconds kTick{10};
    static constexpr seconds kReportInterval{1};
    // LIMIT: blocks at a time: what one read brings, and as much again; histories copy what they
    // keep. All are made before the first packet comes.
    static constexpr std::size_t kBlocks = 2 * UdpPort::kBatch;

    static Result<std::unique_ptr<MediaLoop>> open(asio::io_context& context,
                                                   const BridgeConfig& config,
                                                   const WorkerPlace& place, ControlPost& control,
                                                   ReportSink& reports);
    ~MediaLoop();

    std::uint16_t port() const { return port_->port(); }
    int socket(Family family) const { return port_->socket(family); }
    void start();

    void create_conference(ConferenceSetup setup);
    void expire_conference(ConferenceKey key);
    void create_endpoint(EndpointSetup setup);
    void update_endpoint(EndpointUpdate update);
    void expire_endpoint(EndpointToken token);
    // Empty: it has gone.
    std::optional<IceRestartAnswer> restart_ice(EndpointToken token, IceCredentials fresh);
    void open_channel(EndpointToken token, ChannelId channel);
    void channel_text(EndpointToken token, ChannelId channel, const std::string& text);
    void channel_closed(EndpointToken token, ChannelId channel);
    std::optional<ConferenceView> view_conference(ConferenceKey key) const;
    void limit_last_n(int last_n) { config_.allocation.jvb_last_n = last_n; }
    bool probe(const DtlsContext& dtls);

 private:
    MediaLoop(asio::io_context& context, const BridgeConfig& config, ControlPost& control,
              ReportSink& reports);

    struct Placed {
        Endpoint* endpoint;
        Conference* conference;
    };

    void on_datagrams(std::span<Datagram> batch, TimePoint now) override;
    void dispatch(Datagram& datagram, TimePoint now);
    void on_dtls(Endpoint& endpoint, const Datagram& datagram, TimePoint now);
    void take_handshake();
    void not_ours(const Datagram& datagram, DropReason reason);
    void flush();
    bool answer_heartbeat(const Datagram& datagram);
    Endpoint* find(EndpointToken token);
    TimePoint next_due() const;
    void arm_timer();
    void tick(TimePoint now);
    void work_off_agenda(TimePoint now);
    void settle(Endpoint& endpoint);
    void send_report(TimePoint now);

    BridgeConfig config_;  // as given, but for the last-N that a loaded bridge lowers
    ControlPost& control_;
    ReportSink& reports_;
    PacketPool pool_{kBlocks, kBlocks};
    DropCounters drops_;
    MediaCounters counters_;
    Demux demux_;
    const HeartbeatResponder heartbeat_;
    SctpContext sctp_;
    IceOutput ice_output_;
    LoopAgenda agenda_;
    ArrivedVideo arrived_;
    std::unique_ptr<UdpPort> port_;
    std::unique_ptr<LoopServices> services_;
    std::unique_ptr<Neighbours> neighbours_;  // null: alone
    DatagramRing handshakes_;
    bool taking_handshakes_ = false;
    asio::io_context& context_;
    asio::steady_timer timer_;
    TimePoint timer_at_ = TimePoint::max();
    std::unordered_map<ConferenceKey, std::unique_ptr<Conference>> conferences_;
    std::unordered_map<EndpointToken, Placed> endpoints_;
    std::vector<EndpointToken> touched_;  // in this batch
    DeadlineQueue deadlines_;
    TimePoint next_report_{};
    TimePoint next_speech_{};
    TimePoint next_sctp_{};
};

}  // namespace jmeet::bridge
