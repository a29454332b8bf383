// What a focus may ask of a bridge, and the in-process implementation: the embedded SFU.
//
// Owned by main. Control thread only: every method is called on the io_context given to the
// constructor, and every coroutine resumes there. Media lives on a media worker's thread; the two
// sides exchange small structs. LIMIT: limits.hpp. COLIBRI2 over XMPP, over HTTP and the local
// focus all come through modify().
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/asio.hpp"
#include "base/result.hpp"
#include "bridge/conference_view.hpp"
#include "bridge/config.hpp"
#include "bridge/limits.hpp"
#include "bridge/load_manager.hpp"
#include "bridge/stats.hpp"
#include "xmpp/bridge_heartbeat.hpp"
#include "xmpp/colibri2.hpp"

namespace jmeet::bridge {

inline constexpr std::size_t kMaxConferences = limits::kConferences;
inline constexpr std::size_t kMaxEndpoints = limits::kEndpointsPerConference;

using ModifyResult = Result<xmpp::colibri2::ConferenceModified, xmpp::colibri2::Refusal>;

enum class ShutdownState : std::uint8_t { running, graceful_shutdown, shutting_down };
enum class ShutdownKind : std::uint8_t { graceful, force };

// One open bridge channel over WebSocket, as its HTTP session sees it.
class ChannelSink {
 public:
    virtual ~ChannelSink() = default;
    virtual void send(std::string text) = 0;
    virtual void close(std::uint16_t code, std::string_view reason) = 0;
};

class Bridge {
 public:
    // Opens the media port; throws std::runtime_error with one sentence where that fails.
    Bridge(asio::io_context& control, BridgeConfig config);
    ~Bridge();
    Bridge(const Bridge&) = delete;
    Bridge& operator=(const Bridge&) = delete;

    // Requests of one conference are handled in the order of the calls. The conference is looked
    // up or created before the first suspension, so pipelined requests see each other.
    awaitable<ModifyResult> modify(xmpp::colibri2::ConferenceModify request);
    bool has_conference(const std::string& meeting_id) const;

    // As of the last second.
    const BridgeStats& stats() const;
    // The last health check's result; the error is the sentence for the health IQ's <text>.
    Result<void> health() const;
    const BridgeConfig& config() const;
    std::uint16_t media_port() const;
    // How a focus can tell that media is alive here.
    const xmpp::BridgeHeartbeat& heartbeat() const;

    void start_shutdown(ShutdownKind kind);
    ShutdownState shutdown_state() const;
    void set_drain(bool drain);
    bool drain() const;
    // Called when shutdown state, drain or health changed: presence is sent at once.
    void on_state_change(std::function<void()> listener);
    // Called once, when an orderly shutdown has run its course and the process may end.
    void on_finished(std::function<void()> listener);

    // A bridge channel over WebSocket: /colibri-ws/<server>/<conference>/<endpoint>?pwd=<password>.
    // 101, or the HTTP status to refuse with: 404 for a path that is none, 403 for the rest.
    int check_channel(std::string_view path, std::string_view password) const;
    using ChannelId = std::uint64_t;
    // After the upgrade; 0 when the endpoint has gone meanwhile. The sink outlives the call of
    // channel_closed().
    ChannelId open_channel(std::string_view path, std::string_view password, ChannelSink& sink);
    void channel_text(ChannelId channel, std::string text);
    void channel_closed(ChannelId channel);

    // For /debug.
    const LoadManager& load() const;
    std::vector<ConferenceListing> conferences() const;
    // Empty: there is no such conference, or its media worker does not answer.
    awaitable<std::optional<ConferenceView>> view(std::string meeting_id);

 private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace jmeet::bridge
