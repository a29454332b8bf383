// One conference on its media worker: who is here, whose audio goes to whom, and the parts that
// decide the rest. Owned by the MediaLoop; lives on that worker from birth to death.
#pragma once

#include <memory>
#include <unordered_set>

#include "bridge/conference_speech.hpp"
#include "bridge/conference_video.hpp"
#include "bridge/conference_view.hpp"
#include "bridge/forward/audio_subscription.hpp"
#include "bridge/members.hpp"
#include "bridge/message_router.hpp"

namespace jmeet::bridge {

class Conference final : private Room {
 public:
    Conference(ConferenceSetup setup, LoopServices& services);
    ~Conference();
    Conference(const Conference&) = delete;
    Conference& operator=(const Conference&) = delete;

    Endpoint& create_endpoint(const EndpointSetup& setup, TimePoint now);
    void update_endpoint(Endpoint& endpoint, EndpointUpdate update, TimePoint now);
    void remove_endpoint(Endpoint& endpoint);
    void web_socket_text(Endpoint& endpoint, std::string_view text) {
        on_channel_text(endpoint, ChannelSession::Carrier::web_socket, text);
    }

    // From the loop's agenda. False when something is left for later: stays on it.
    bool run_allocations(TimePoint now);
    // False when nobody has been heard for a while: off the agenda.
    bool tick_speech(TimePoint now);

    const Members& members() const { return members_; }
    void add_to(MediaReport& report, TimePoint now) const;
    // For an operator's question; see conference_view.cpp.
    ConferenceView view(TimePoint now) const;

 private:
    bool on_level(const EndpointInput& from, const SourceName& name, std::uint8_t loudness,
                  TimePoint now) override;
    void on_audio(EndpointInput& from, const RtpPacket& packet, const SourceName& name,
                  TimePoint now) override;
    void on_layering_changed() override;
    void on_channel_open(Endpoint& endpoint, ChannelSession::Carrier carrier) override;
    void on_channel_text(Endpoint& endpoint, ChannelSession::Carrier carrier,
                         std::string_view text) override;
    void on_report(Endpoint& from, const rtcp::SenderReport& report, TimePoint now) override;
    void on_keyframe_asked(Endpoint& by, Ssrc ours, TimePoint now) override;
    void on_allocation_due(Endpoint& endpoint) override;
    void on_housekeeping(Endpoint& endpoint, TimePoint now) override;

    void set_sources(Endpoint& endpoint, std::vector<MediaSource> sources);
    void take_from_receivers(VideoSource& source, Endpoint& owner);
    void tell_status(const Endpoint& endpoint, ConnectivityStatus::Change change);
    void mark_dirty();
    void want_all_video();

    const ConferenceSetup setup_;
    LoopServices& services_;
    log::Logger log_;
    Members members_;
    AudioSources audio_sources_;
    ConferenceSpeech speech_;
    ConferenceVideo video_;
    MessageRouter messages_;
    ConnectivityStatus connectivity_;
    std::unordered_set<EndpointToken> ended_;  // told to the control side already
    bool dirty_ = false;
    bool speaking_ = false;
};

}  // namespace jmeet::bridge
