#include "bridge/media_worker.hpp"

#include <stdexcept>

#include "bridge/media_loop.hpp"

namespace jmeet::bridge {

// Called on the worker; runs on the control thread, unless the worker's owner has gone by then.
class MediaWorker::Poster final : public ControlPost, public ReportSink {
 public:
    Poster(asio::io_context& control, WorkerIndex worker, MediaEvents& events,
           std::shared_ptr<std::atomic<bool>> alive)
        : control_(control), worker_(worker), events_(events), alive_(std::move(alive)) {}

    void endpoint_lost(EndpointToken token, EndpointEnd reason) override {
        post([token, reason](MediaEvents& events) { events.on_endpoint_lost(token, reason); });
    }
    void channel_send(ChannelId channel, std::string text) override {
        post([channel, text = std::move(text)](MediaEvents& events) mutable {
            events.on_channel_send(channel, std::move(text));
        });
    }
    void channel_close(ChannelId channel, std::uint16_t code, std::string reason) override {
        post([channel, code, reason = std::move(reason)](MediaEvents& events) mutable {
            events.on_channel_close(channel, code, std::move(reason));
        });
    }
    void report(const MediaReport& numbers) override {
        post([worker = worker_, numbers](MediaEvents& events) {
            events.on_report(worker, numbers);
        });
    }
    void answer(std::function<void()> function) {
        post([function = std::move(function)](MediaEvents&) { function(); });
    }

 private:
    template <class F>
    void post(F&& f) {
        asio::post(control_, [alive = alive_, &events = events_, f = std::forward<F>(f)]() mutable {
            if (*alive) f(events);
        });
    }

    asio::io_context& control_;
    const WorkerIndex worker_;
    MediaEvents& events_;
    std::shared_ptr<std::atomic<bool>> alive_;
};

MediaWorker::MediaWorker(asio::io_context& control, const BridgeConfig& config,
                         const WorkerPlace& place, MediaEvents& events)
    : control_(control),
      events_(events),
      alive_(std::make_shared<std::atomic<bool>>(true)),
      poster_(std::make_unique<Poster>(control_, place.index, events_, alive_)),
      worker_(std::make_unique<Worker>("media-" + std::to_string(place.index))) {
    auto loop = MediaLoop::open(worker_->context(), config, place, *poster_, *poster_);
    if (!loop) throw std::runtime_error(loop.error().what);
    loop_ = std::move(*loop);
    port_ = loop_->port();
    post_to(*worker_, [loop = loop_.get()] { loop->start(); });
}

MediaWorker::~MediaWorker() {
    *alive_ = false;
    worker_->stop();
    loop_.reset();
}

int MediaWorker::socket(Family family) const { return loop_->socket(family); }

void MediaWorker::create_conference(ConferenceSetup setup) {
    post_to(*worker_, [loop = loop_.get(), setup = std::move(setup)]() mutable {
        loop->create_conference(std::move(setup));
    });
}

void MediaWorker::expire_conference(ConferenceKey key) {
    post_to(*worker_, [loop = loop_.get(), key] { loop->expire_conference(key); });
}

void MediaWorker::create_endpoint(EndpointSetup setup) {
    post_to(*worker_, [loop = loop_.get(), setup = std::move(setup)]() mutable {
        loop->create_endpoint(std::move(setup));
    });
}

void MediaWorker::update_endpoint(EndpointUpdate update) {
    post_to(*worker_, [loop = loop_.get(), update = std::move(update)]() mutable {
        loop->update_endpoint(std::move(update));
    });
}

void MediaWorker::expire_endpoint(EndpointToken token) {
    post_to(*worker_, [loop = loop_.get(), token] { loop->expire_endpoint(token); });
}

void MediaWorker::restart_ice(EndpointToken token, IceCredentials fresh,
                              std::function<void(IceRestartAnswer)> answer) {
    post_to(*worker_, [loop = loop_.get(), poster = poster_.get(), token,
                       fresh = std::move(fresh), answer = std::move(answer)]() mutable {
        auto result = loop->restart_ice(token, std::move(fresh));
        if (!result) return;
        poster->answer([result = std::move(*result), answer = std::move(answer)] {
            answer(result);
        });
    });
}

void MediaWorker::open_channel(EndpointToken token, ChannelId channel) {
    post_to(*worker_, [loop = loop_.get(), token, channel] { loop->open_channel(token, channel); });
}

void MediaWorker::channel_text(EndpointToken token, ChannelId channel, std::string text) {
    post_to(*worker_, [loop = loop_.get(), token, channel, text = std::move(text)] {
        loop->channel_text(token, channel, text);
    });
}

void MediaWorker::channel_closed(EndpointToken token, ChannelId channel) {
    post_to(*worker_,
            [loop = loop_.get(), token, channel] { loop->channel_closed(token, channel); });
}

void MediaWorker::limit_last_n(int last_n) {
    post_to(*worker_, [loop = loop_.get(), last_n] { loop->limit_last_n(last_n); });
}

void MediaWorker::view_conference(ConferenceKey key,
                                  std::function<void(std::optional<ConferenceView>)> answer) {
    post_to(*worker_, [loop = loop_.get(), poster = poster_.get(), key,
                       answer = std::move(answer)]() mutable {
        poster->answer([view = loop->view_conference(key), answer = std::move(answer)]() mutable {
            answer(std::move(view));
        });
    });
}

void MediaWorker::probe(std::shared_ptr<const DtlsContext> dtls, std::function<void()> answer) {
    post_to(*worker_, [loop = loop_.get(), poster = poster_.get(), dtls = std::move(dtls),
                       answer = std::move(answer)]() mutable {
        if (loop->probe(*dtls)) poster->answer(std::move(answer));
    });
}

}  // namespace jmeet::bridge
