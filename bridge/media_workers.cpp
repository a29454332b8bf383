#include "bridge/media_workers.hpp"

#include <algorithm>
#include <utility>

#include "bridge/media_loop.hpp"
#include "bridge/net/steering.hpp"

namespace jmeet::bridge {

MediaWorkers::MediaWorkers(asio::io_context& control, const BridgeConfig& config,
                           MediaEvents& events)
    : control_(control),
      events_(events),
      placement_(config.media_workers),
      sum_(config.media_workers),
      log_(log::Program::bridge, "MediaWorkers") {
    if (config.media_workers > 1) exchange_ = std::make_unique<Exchange>(config.media_workers);
    WorkerPlace place{0, config.media_port, exchange_.get()};
    MediaEvents& own = *this;
    for (; place.index < config.media_workers; ++place.index) {
        workers_.push_back(std::make_unique<MediaWorker>(control, config, place, own));
        place.port = port();
    }
}

MediaWorkers::~MediaWorkers() = default;

MediaWorker* MediaWorkers::find(EndpointToken token) {
    const auto it = endpoints_.find(token);
    return it == endpoints_.end() ? nullptr : workers_[it->second].get();
}

void MediaWorkers::create_conference(ConferenceSetup setup) {
    const WorkerIndex worker = placement_.place(Clock::now());
    conferences_[setup.key] = worker;
    workers_[worker]->create_conference(std::move(setup));
}

void MediaWorkers::expire_conference(ConferenceKey key) {
    const auto it = conferences_.find(key);
    if (it == conferences_.end()) return;
    workers_[it->second]->expire_conference(key);
    placement_.remove(it->second);
    conferences_.erase(it);
}

void MediaWorkers::create_endpoint(EndpointSetup setup) {
    const auto it = conferences_.find(setup.conference);
    if (it == conferences_.end()) return;
    endpoints_[setup.token] = it->second;
    workers_[it->second]->create_endpoint(std::move(setup));
}

void MediaWorkers::update_endpoint(EndpointUpdate update) {
    if (auto* worker = find(update.token)) worker->update_endpoint(std::move(update));
}

void MediaWorkers::expire_endpoint(EndpointToken token) {
    auto* worker = find(token);
    if (!worker) return;
    worker->expire_endpoint(token);
    endpoints_.erase(token);
}

void MediaWorkers::restart_ice(EndpointToken token, IceCredentials fresh,
                               std::function<void(IceRestartAnswer)> answer) {
    if (auto* worker = find(token)) worker->restart_ice(token, std::move(fresh), std::move(answer));
}

void MediaWorkers::open_channel(EndpointToken token, ChannelId channel) {
    if (auto* worker = find(token)) {
        worker->open_channel(token, channel);
    } else {
        events_.on_channel_close(channel, 1001, "endpoint closed");
    }
}

void MediaWorkers::channel_text(EndpointToken token, ChannelId channel, std::string text) {
    if (auto* worker = find(token)) worker->channel_text(token, channel, std::move(text));
}

void MediaWorkers::channel_closed(EndpointToken token, ChannelId channel) {
    if (auto* worker = find(token)) worker->channel_closed(token, channel);
}

void MediaWorkers::limit_last_n(int last_n) {
    for (const auto& worker : workers_) worker->limit_last_n(last_n);
}

void MediaWorkers::view_conference(ConferenceKey key,
                                   std::function<void(std::optional<ConferenceView>)> answer) {
    const auto it = conferences_.find(key);
    if (it != conferences_.end()) {
        workers_[it->second]->view_conference(key, std::move(answer));
    } else {
        asio::post(control_, [answer = std::move(answer)] { answer(std::nullopt); });
    }
}

void MediaWorkers::probe(const std::shared_ptr<const DtlsContext>& dtls,
                         std::function<void()> answer) {
    // Shared by the answers, the last of which uses it; all run on the control thread.
    const auto left = std::make_shared<std::size_t>(workers_.size());
    const auto one = [left, answer = std::move(answer)] {
        if (--*left == 0) answer();
    };
    for (const auto& worker : workers_) worker->probe(dtls, one);
}

void MediaWorkers::steer() {
    if (!exchange_ || !exchange_->has_news(exchange_->control())) return;
    bool changed = false;
    for (const auto& [from, news] : exchange_->take_news(exchange_->control())) {
        changed |= addresses_.apply(from, news) && std::holds_alternative<Address>(news.key);
    }
    if (!changed || !steering_) return;
    for (const Family family : {Family::ipv4, Family::ipv6}) {
        const int socket = workers_.front()->socket(family);
        if (socket < 0) continue;
        steering_ = bridge::steer(socket, family, addresses_.addresses());
        if (steering_) continue;
        log_.warning(
            "The kernel takes no program that chooses a media worker (SO_ATTACH_REUSEPORT_CBPF): "
            "datagrams are handed over between workers instead, at some cost. "
            "JVB_MEDIA_THREADS=1 avoids that.");
        return;
    }
}

void MediaWorkers::on_endpoint_lost(EndpointToken token, EndpointEnd reason) {
    events_.on_endpoint_lost(token, reason);
}

void MediaWorkers::on_channel_send(ChannelId channel, std::string text) {
    events_.on_channel_send(channel, std::move(text));
}

void MediaWorkers::on_channel_close(ChannelId channel, std::uint16_t code, std::string reason) {
    events_.on_channel_close(channel, code, std::move(reason));
}

void MediaWorkers::on_report(WorkerIndex worker, const MediaReport& report) {
    const auto sum = sum_.add(worker, report);
    placement_.set_rate(worker, sum_.packet_rate(worker));
    if (sum) events_.on_report(0, *sum);
}

}  // namespace jmeet::bridge
