// The audio that one receiver gets: everybody's signalled sources, as far as its subscription
// wants them, on their own SSRCs or on the receiver's slots.
//
// Owned by an Endpoint, on its media worker. forward() is called per packet and allocates only
// when a slot gets a new source; the map message is then sent before the packet.
#pragma once

#include <optional>
#include <unordered_map>

#include "bridge/channel_session.hpp"
#include "bridge/forward/audio_subscription.hpp"
#include "bridge/forward/ssrc_rewriter.hpp"
#include "bridge/sender.hpp"

namespace jmeet::bridge {

// An audio source as packets of it arrive.
struct AudioSourceRef {
    Ssrc ssrc;
    const SourceName& name;
    const EndpointId& owner;
    const ExtensionIds& extensions;  // of the sender
    const AudioSources::Source& signalled;
    bool red = false;  // the packet is RED
};

class AudioOutput {
 public:
    AudioOutput(Sender& sender, ChannelSession& channel, SsrcAllocator& ssrcs,
                const EndpointSetup& setup, const AllocationConfig& config);

    void set_subscription(Unnamed unnamed, const std::vector<SourceName>& include,
                          const std::vector<SourceName>& exclude) {
        subscription_.set(unnamed, include, exclude);
    }
    const std::unordered_set<SourceName>& included() const { return subscription_.included(); }
    void forward(const RtpPacket& packet, const AudioSourceRef& source, TimePoint now);
    void forward_report(const rtcp::SenderReport& report, TimePoint now);
    void remove(Ssrc ssrc);
    // For a channel that has just opened.
    void send_map();

 private:
    Sender& sender_;
    ChannelSession& channel_;
    void send(const RtpPacket& packet, const AudioSourceRef& source, const Rewrite& rewrite,
              std::string_view mid, TimePoint now);

    AudioSubscription subscription_;
    std::optional<SsrcRewriter> rewriter_;
};

}  // namespace jmeet::bridge
