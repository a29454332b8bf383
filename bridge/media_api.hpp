// What the control side and a media worker say to each other: small structs, by value.
//
// MediaControl is called on the control thread and posts to the worker; MediaEvents is called on
// the control thread with what the worker posted back. Order is kept in both directions.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bridge/conference_view.hpp"
#include "bridge/dtls/session.hpp"
#include "bridge/formats.hpp"
#include "bridge/ice/transport.hpp"
#include "bridge/net/directory.hpp"
#include "bridge/rtp/media.hpp"
#include "bridge/stats.hpp"

namespace jmeet::bridge {

// Numbers that name a conference and a channel between the two sides; never reused.
enum class ConferenceKey : std::uint64_t {};
using ChannelId = std::uint64_t;

struct ConferenceSetup {
    ConferenceKey key{};
    std::string log_context;
    Ssrc audio;  // the bridge's own: jvb-a0, jvb-v0
    Ssrc video;
};

struct EndpointSetup {
    ConferenceKey conference{};
    EndpointToken token{};
    EndpointId id;
    std::string stats_id;
    IceRole role = IceRole::controlling;
    IceCredentials local;
    std::shared_ptr<const DtlsContext> dtls;  // sessions of several workers show one certificate
    bool ssrc_rewriting = false;
    bool mid_demux = false;
    bool visitor = false;
    bool sctp = false;
};

struct TransportUpdate {
    // Of the restart that this belongs to; none: it is for the agent in use.
    std::optional<unsigned> ice_generation;
    std::optional<IceCredentials> remote;
    std::vector<RemoteCandidate> candidates;
    std::vector<Fingerprint> fingerprints;
    std::optional<DtlsRole> role;
};

struct MuteUpdate {
    bool audio = false;
    bool video = false;
};

// Absent fields: no change.
struct EndpointUpdate {
    EndpointToken token{};
    std::shared_ptr<const MediaFormats> formats;  // immutable; null: no change
    std::optional<int> initial_last_n;
    std::optional<TransportUpdate> transport;
    std::optional<std::vector<MediaSource>> sources;  // complete replacement
    std::optional<MuteUpdate> mute;
};

// What became of an ICE restart that was asked for, and whose credentials are to be answered: the
// pending agent's with its generation, or those of the agent that stays.
struct IceRestartAnswer {
    RestartOutcome outcome = RestartOutcome::unavailable;
    IceCredentials local;
    std::optional<unsigned> generation;
};

enum class EndpointEnd : std::uint8_t { signalled, silent, never_active, ice_failed };

class MediaControl {
 public:
    virtual void create_conference(ConferenceSetup setup) = 0;
    virtual void expire_conference(ConferenceKey key) = 0;
    virtual void create_endpoint(EndpointSetup setup) = 0;
    virtual void update_endpoint(EndpointUpdate update) = 0;
    virtual void expire_endpoint(EndpointToken token) = 0;
    // `fresh` is for a new agent, where one is made. `answer` runs on the control thread; never
    // for an endpoint that has gone.
    virtual void restart_ice(EndpointToken token, IceCredentials fresh,
                             std::function<void(IceRestartAnswer)> answer) = 0;
    virtual void open_channel(EndpointToken token, ChannelId channel) = 0;
    virtual void channel_text(EndpointToken token, ChannelId channel, std::string text) = 0;
    virtual void channel_closed(EndpointToken token, ChannelId channel) = 0;
    // For every receiver, from its next allocation on; -1 = unlimited.
    virtual void limit_last_n(int last_n) = 0;
    // `answer` runs on the control thread; with nothing where the conference has gone.
    virtual void view_conference(ConferenceKey key,
                                 std::function<void(std::optional<ConferenceView>)> answer) = 0;

 protected:
    ~MediaControl() = default;
};

// What a worker counts and measures; sent once a second.
struct MediaReport {
    TimePoint made_at{};
    MediaCounters counters;
    std::uint32_t endpoints_sending_audio = 0;
    std::uint32_t endpoints_sending_video = 0;
    std::uint32_t receive_only_endpoints = 0;
    std::uint32_t inactive_endpoints = 0;
    std::uint32_t inactive_conferences = 0;  // nobody sends audio or video
    std::uint32_t p2p_conferences = 0;       // of those, with two endpoints
    double rtt_sum_ms = 0;
    std::uint32_t rtt_count = 0;
    double jitter_sum_ms = 0;
    std::uint32_t jitter_count = 0;
    std::uint32_t oversending_endpoints = 0;       // get more than their estimate
    std::uint32_t suspended_source_endpoints = 0;  // lack a source for want of bandwidth
    std::uint32_t high_loss_endpoints = 0;         // lose a tenth, in active conferences
    std::uint64_t unmatched_feedback = 0;          // of endpoints that are here
    // The greatest number of sources that a receiver is sent; empty: there is no receiver.
    std::optional<std::uint32_t> most_forwarded;
};

class MediaEvents {
 public:
    virtual void on_endpoint_lost(EndpointToken token, EndpointEnd reason) = 0;
    virtual void on_channel_send(ChannelId channel, std::string text) = 0;
    virtual void on_channel_close(ChannelId channel, std::uint16_t code, std::string reason) = 0;
    virtual void on_report(WorkerIndex worker, const MediaReport& report) = 0;

 protected:
    ~MediaEvents() = default;
};

}  // namespace jmeet::bridge
