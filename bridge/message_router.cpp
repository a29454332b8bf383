#include "bridge/message_router.hpp"

namespace jmeet::bridge {

void MessageRouter::on_text(Endpoint& from, Carrier carrier, std::string_view text,
                            TimePoint now) {
    const auto message = channel::parse_message(text);
    if (!message) {
        std::uint64_t held_back = 0;
        if (refused_.may_speak(now, &held_back)) {
            log_.warning("Invalid message from {} ignored: {} ({} more since the last line)",
                         from.id().value(), message.error().what, held_back);
        }
        return;
    }
    std::visit([&](const auto& m) { on(from, carrier, m); }, *message);
}

void MessageRouter::on_too_much(const Endpoint& from, TimePoint now) {
    std::uint64_t held_back = 0;
    if (!too_much_.may_speak(now, &held_back)) return;
    log_.warning("Messages from {} ignored: more than {} a second ({} more since the last line)",
                 from.id().value(), limits::kChannelUnitsPerSecond, held_back);
}

void MessageRouter::on(Endpoint& from, Carrier carrier, const channel::ClientHello&) {
    from.channel().reply(carrier, channel::write_server_hello());
}

void MessageRouter::on(Endpoint& from, Carrier, const channel::ReceiverVideoConstraints& message) {
    from.video().settings().apply(message.update);
    video_.want(from);
}

void MessageRouter::on(Endpoint& from, Carrier, const channel::LastNChanged& message) {
    from.video().settings().set_last_n(message.last_n);
    video_.want(from);
}

void MessageRouter::on(Endpoint& from, Carrier, const channel::SourceVideoType& message) {
    set_type(from, message.source, message.type);
}

void MessageRouter::on(Endpoint& from, Carrier, const channel::EndpointVideoType& message) {
    set_type(from, SourceName(from.id().value() + "-v0"), message.type);
}

void MessageRouter::set_type(Endpoint& from, const SourceName& source, VideoType type) {
    if (!from.input().set_video_type(source, type)) return;
    speech_.sync();
    // For everybody, whether or not the order changed: a camera that comes back must be asked for
    // at once, since it sends nothing before.
    video_.want_all();
}

void MessageRouter::on(Endpoint& from, Carrier,
                       const channel::ReceiverAudioSubscription& message) {
    speech_.subscribe(from, message);
}

void MessageRouter::on(Endpoint& from, Carrier, const channel::EndpointMessage& message) {
    if (from.visitor()) return;
    const std::string text = channel::write_endpoint_message(message, from.id());
    if (message.broadcast()) {
        members_.broadcast(text, &from);
    } else if (Endpoint* to = members_.find(EndpointId(message.to))) {
        to->channel().send(text);
    }
}

void MessageRouter::on(Endpoint& from, Carrier, const channel::EndpointStats& message) {
    if (from.visitor()) return;
    members_.broadcast(channel::write_endpoint_stats(message, from.id()), &from);
}

}  // namespace jmeet::bridge
