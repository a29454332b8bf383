// One media worker: a thread with its loop, port and packet pool. The control side's handle.
//
// Owned by MediaWorkers. MediaControl's methods are called on the control thread and post to the
// worker; what the loop has to say comes back as calls of MediaEvents on the control thread.
#pragma once

#include <atomic>
#include <functional>
#include <memory>

#include "base/asio.hpp"
#include "base/worker.hpp"
#include "bridge/config.hpp"
#include "bridge/media_api.hpp"

namespace jmeet::bridge {

class MediaLoop;
struct WorkerPlace;

class MediaWorker final : public MediaControl {
 public:
    // Opens the port; throws std::runtime_error with one sentence. `events` outlives this.
    MediaWorker(asio::io_context& control, const BridgeConfig& config, const WorkerPlace& place,
                MediaEvents& events);
    ~MediaWorker();

    void create_conference(ConferenceSetup setup) override;
    void expire_conference(ConferenceKey key) override;
    void create_endpoint(EndpointSetup setup) override;
    void update_endpoint(EndpointUpdate update) override;
    void expire_endpoint(EndpointToken token) override;
    void restart_ice(EndpointToken token, IceCredentials fresh,
                     std::function<void(IceRestartAnswer)> answer) override;
    void open_channel(EndpointToken token, ChannelId channel) override;
    void channel_text(EndpointToken token, ChannelId channel, std::string text) override;
    void channel_closed(EndpointToken token, ChannelId channel) override;
    void limit_last_n(int last_n) override;
    void view_conference(ConferenceKey key,
                         std::function<void(std::optional<ConferenceView>)> answer) override;

    std::uint16_t port() const { return port_; }
    // Open as long as this is; for options only.
    int socket(Family family) const;
    // Does on the worker what a joining endpoint needs (agent, DTLS session, and away with them)
    // and answers on the control thread; a worker that hangs does not answer.
    void probe(std::shared_ptr<const DtlsContext> dtls, std::function<void()> answer);

 private:
    class Poster;

    asio::io_context& control_;
    MediaEvents& events_;
    // shared: what was posted to the control thread and not run yet asks whether this is alive.
    std::shared_ptr<std::atomic<bool>> alive_;
    std::unique_ptr<Poster> poster_;
    std::unique_ptr<Worker> worker_;
    std::unique_ptr<MediaLoop> loop_;
    std::uint16_t port_ = 0;
};

}  // namespace jmeet::bridge
