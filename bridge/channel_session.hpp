// The bridge channel of one endpoint, whatever carries it: a WebSocket on the control side, the
// data channel of its own transport, or both.
//
// Owned by an Endpoint, on its media worker. Messages go out on the carrier that was heard last;
// opening a WebSocket counts as being heard. Without a carrier a message is dropped and counted:
// the whole state is told again when a channel opens.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "bridge/endpoint_transport.hpp"
#include "bridge/limits.hpp"
#include "bridge/loop_services.hpp"
#include "bridge/token_bucket.hpp"

namespace jmeet::bridge {

// What one endpoint may say on its channel.
class ChannelBudget {
 public:
    bool take(std::size_t bytes, TimePoint now) {
        return units_.take(now, 1 + static_cast<std::int64_t>(bytes /
                                                              limits::kChannelBytesPerUnit));
    }

 private:
    TokenBucket<limits::kChannelUnitsPerSecond, limits::kChannelUnitBurst> units_;
};

class ChannelSession {
 public:
    enum class Carrier : std::uint8_t { web_socket, data_channel };

    ChannelSession(EndpointTransport& transport, LoopServices& services)
        : transport_(transport), services_(services) {}
    // The endpoint is gone.
    ~ChannelSession();

    bool send(std::string text);
    // An answer goes where the question came from.
    bool reply(Carrier carrier, std::string text);

    // A second WebSocket replaces the first.
    void on_web_socket_open(ChannelId channel);
    void on_web_socket_closed(ChannelId channel);
    bool is_current(ChannelId channel) const { return web_socket_ == channel; }
    void on_data_channel_open() { last_heard_ = Carrier::data_channel; }
    // False: it says too much, and this is not heard.
    bool on_text(Carrier carrier, std::size_t bytes, TimePoint now);
    bool open() const { return web_socket_.has_value() || transport_.data_channel_open(); }

 private:
    bool send_on(Carrier carrier, std::string& text);

    EndpointTransport& transport_;
    LoopServices& services_;
    ChannelBudget budget_;
    std::optional<ChannelId> web_socket_;
    Carrier last_heard_ = Carrier::web_socket;
};

}  // namespace jmeet::bridge
