// The media workers of a bridge: as many threads as it is given cores. Each conference is put on
// one of them and stays there; the rest of the bridge sees one MediaControl and one report.
//
// Owned by Bridge, control thread only. With one worker nothing is shared and nothing is steered.
#pragma once

#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

#include "base/log.hpp"
#include "bridge/exchange.hpp"
#include "bridge/media_worker.hpp"
#include "bridge/placement.hpp"
#include "bridge/report_sum.hpp"

namespace jmeet::bridge {

// LIMIT: threads; a machine with more cores is network bound long before.
inline constexpr std::size_t kMaxMediaWorkers = 32;

class MediaWorkers final : public MediaControl, private MediaEvents {
 public:
    // Opens the port; throws std::runtime_error with one sentence. `events` outlives this; what it
    // hears as worker 0 are all workers together.
    MediaWorkers(asio::io_context& control, const BridgeConfig& config, MediaEvents& events);
    ~MediaWorkers();

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

    std::uint16_t port() const { return workers_.front()->port(); }
    // As MediaWorker::probe; answers when the last of them has answered.
    void probe(const std::shared_ptr<const DtlsContext>& dtls, std::function<void()> answer);
    // Once a second: tells the kernel which socket new addresses belong to.
    void steer();

 private:
    void on_endpoint_lost(EndpointToken token, EndpointEnd reason) override;
    void on_channel_send(ChannelId channel, std::string text) override;
    void on_channel_close(ChannelId channel, std::uint16_t code, std::string reason) override;
    void on_report(WorkerIndex worker, const MediaReport& report) override;

    MediaWorker* find(EndpointToken token);

    asio::io_context& control_;
    MediaEvents& events_;
    Placement placement_;
    ReportSum sum_;
    std::unordered_map<ConferenceKey, WorkerIndex> conferences_;
    std::unordered_map<EndpointToken, WorkerIndex> endpoints_;
    std::unique_ptr<Exchange> exchange_;  // null: one worker
    Directory addresses_;                 // of all workers, for the kernel
    bool steering_ = true;                // until the kernel refuses
    log::Logger log_;
    std::vector<std::unique_ptr<MediaWorker>> workers_;
};

}  // namespace jmeet::bridge
