#include "bridge/channel_session.hpp"

#include <utility>

namespace jmeet::bridge {

ChannelSession::~ChannelSession() {
    if (web_socket_) services_.control.channel_close(*web_socket_, 1001, "endpoint closed");
}

bool ChannelSession::send_on(Carrier carrier, std::string& text) {
    if (carrier == Carrier::data_channel) return transport_.send_text(text);
    if (!web_socket_) return false;
    services_.control.channel_send(*web_socket_, std::move(text));
    ++services_.counters.web_socket_messages_sent;
    return true;
}

bool ChannelSession::send(std::string text) {
    const Carrier other = last_heard_ == Carrier::web_socket ? Carrier::data_channel
                                                             : Carrier::web_socket;
    if (send_on(last_heard_, text) || send_on(other, text)) {
        ++services_.counters.channel_messages_sent;
        return true;
    }
    ++services_.counters.channel_messages_dropped;
    return false;
}

bool ChannelSession::reply(Carrier carrier, std::string text) {
    if (!send_on(carrier, text)) return false;
    ++services_.counters.channel_messages_sent;
    return true;
}

bool ChannelSession::on_text(Carrier carrier, std::size_t bytes, TimePoint now) {
    last_heard_ = carrier;
    ++services_.counters.channel_messages_received;
    if (carrier == Carrier::web_socket) ++services_.counters.web_socket_messages_received;
    if (budget_.take(bytes, now)) return true;
    ++services_.counters.channel_messages_over_limit;
    return false;
}

void ChannelSession::on_web_socket_open(ChannelId channel) {
    if (web_socket_) services_.control.channel_close(*web_socket_, 1000, "replaced");
    web_socket_ = channel;
    last_heard_ = Carrier::web_socket;
}

void ChannelSession::on_web_socket_closed(ChannelId channel) {
    if (web_socket_ == channel) web_socket_.reset();
}

}  // namespace jmeet::bridge
