// One participant on the media worker: it owns the parts (how it is reached, what it sends, what
// it gets, its channel) and connects them; it holds no media logic of its own.
//
// Owned by a Conference. `room` is that conference: what concerns the others goes there.
#pragma once

#include <memory>
#include <optional>

#include "bridge/allocation/sender_constraints.hpp"
#include "bridge/audio_output.hpp"
#include "bridge/bwe/estimator.hpp"
#include "bridge/bwe/repair_budget.hpp"
#include "bridge/channel_session.hpp"
#include "bridge/endpoint_input.hpp"
#include "bridge/endpoint_life.hpp"
#include "bridge/rtcp_input.hpp"
#include "bridge/video_output.hpp"

namespace jmeet::bridge {

class Endpoint;

// The conference, as an endpoint sees it.
class Room : public InputSink {
 public:
    virtual void on_channel_open(Endpoint& endpoint, ChannelSession::Carrier carrier) = 0;
    virtual void on_channel_text(Endpoint& endpoint, ChannelSession::Carrier carrier,
                                 std::string_view text) = 0;
    virtual void on_report(Endpoint& from, const rtcp::SenderReport& report, TimePoint now) = 0;
    virtual void on_keyframe_asked(Endpoint& by, Ssrc ours, TimePoint now) = 0;
    // Its bandwidth or its transport changed: its allocation is due.
    virtual void on_allocation_due(Endpoint& endpoint) = 0;
    // Every half second: is it active, has it ended?
    virtual void on_housekeeping(Endpoint& endpoint, TimePoint now) = 0;

 protected:
    ~Room() = default;
};

class Endpoint final : private TransportOwner, private RtcpSink {
 public:
    static constexpr milliseconds kEstimatorTick{25};
    static constexpr milliseconds kRatesInterval{200};
    static constexpr seconds kStatsInterval{10};
    static constexpr milliseconds kHousekeeping{500};

    Endpoint(const EndpointSetup& setup, LoopServices& services, Room& room, Ssrc own_video,
             const log::Logger& log, TimePoint now);

    const EndpointId& id() const { return id_; }
    EndpointToken token() const { return token_; }
    bool visitor() const { return visitor_; }
    TimePoint created() const { return created_; }

    EndpointTransport& transport() { return transport_; }
    ChannelSession& channel() { return channel_; }
    EndpointInput& input() { return input_; }
    AudioOutput& audio() { return audio_; }
    const AudioOutput& audio() const { return audio_; }
    VideoOutput& video() { return video_; }
    Sender& sender() { return sender_; }
    SenderConstraints& sender_constraints() { return constraints_; }
    double outgoing_loss() const { return rtcp_.loss(); }
    std::optional<std::int64_t> estimate() const {
        return estimator_ ? estimator_->estimate() : std::nullopt;
    }

    void set_formats(std::shared_ptr<const MediaFormats> formats);
    void on_rtp(PacketPtr packet, const Address& from, TimePoint now);
    void on_rtcp(PacketPtr packet, const Address& from, TimePoint now);
    void on_web_socket_open(ChannelId channel);

    void tick(TimePoint now);
    TimePoint next_deadline() const;

    EndpointActivity activity() const {
        return {created_, transport_.last_activity(), transport_.ice_failed_since()};
    }

 private:
    void on_transport_connected() override;
    void on_data_channel_open() override;
    void on_data_channel_text(std::string_view text) override;
    void on_data_channel_closed() override {}
    void on_sender_report(const rtcp::SenderReport& report, TimePoint now) override;
    void on_keyframe_asked(Ssrc ours, TimePoint now) override;
    void on_lost(Ssrc ours, std::uint16_t seq, TimePoint now) override;
    void hear_early(TimePoint now);
    bool starved() const;
    void tick_bandwidth(TimePoint now);
    void look_for_channel();
    void send_padding(TimePoint now);

    const EndpointId id_;
    const EndpointToken token_;
    const bool visitor_;
    const TimePoint created_;
    const Ssrc own_video_;
    LoopServices& services_;
    Room& room_;
    EndpointTransport transport_;
    ChannelSession channel_;
    SsrcAllocator ssrcs_;
    Sender sender_;
    std::unique_ptr<BandwidthEstimator> estimator_;
    EndpointInput input_;
    AudioOutput audio_;
    VideoOutput video_;
    RtcpInput rtcp_;
    SenderConstraints constraints_;
    TimePoint next_bandwidth_ = TimePoint::max();
    VideoOutput::Rates rates_;
    RepairBudget repair_budget_;
    TimePoint next_rates_{};
    TimePoint next_stats_ = TimePoint::max();
    TimePoint next_housekeeping_;
    TimePoint channel_due_ = TimePoint::max();
};

}  // namespace jmeet::bridge
