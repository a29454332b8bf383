// What bridge-channel messages of a conference's endpoints mean: wishes, types, subscriptions,
// and messages for others. Owned by the Conference; media worker.
#pragma once

#include <string_view>

#include "base/log.hpp"
#include "bridge/channel/messages.hpp"
#include "bridge/conference_speech.hpp"
#include "bridge/conference_video.hpp"
#include "bridge/members.hpp"

namespace jmeet::bridge {

class MessageRouter {
 public:
    MessageRouter(Members& members, ConferenceVideo& video, ConferenceSpeech& speech,
                  const log::Logger& log)
        : members_(members),
          video_(video),
          speech_(speech),
          log_(log.named("EndpointMessageTransport")) {}

    void on_text(Endpoint& from, ChannelSession::Carrier carrier, std::string_view text,
                 TimePoint now);
    // A message was not heard, because its endpoint says too much.
    void on_too_much(const Endpoint& from, TimePoint now);

 private:
    using Carrier = ChannelSession::Carrier;

    void on(Endpoint& from, Carrier carrier, const channel::ClientHello&);
    void on(Endpoint& from, Carrier, const channel::ReceiverVideoConstraints& message);
    void on(Endpoint& from, Carrier, const channel::LastNChanged& message);
    void on(Endpoint& from, Carrier, const channel::SourceVideoType& message);
    void on(Endpoint& from, Carrier, const channel::EndpointVideoType& message);
    void on(Endpoint& from, Carrier, const channel::ReceiverAudioSubscription& message);
    void on(Endpoint& from, Carrier, const channel::EndpointMessage& message);
    void on(Endpoint& from, Carrier, const channel::EndpointStats& message);
    // Only between bridges, or from the bridge: nothing that a client may say.
    void on(Endpoint&, Carrier, const channel::ServerHello&) {}
    void on(Endpoint&, Carrier, const channel::ConnectivityStatus&) {}
    void on(Endpoint&, Carrier, const channel::AddReceiver&) {}

    void set_type(Endpoint& from, const SourceName& source, VideoType type);

    Members& members_;
    ConferenceVideo& video_;
    ConferenceSpeech& speech_;
    log::Logger log_;
    log::Limiter refused_;
    log::Limiter too_much_;
};

}  // namespace jmeet::bridge
