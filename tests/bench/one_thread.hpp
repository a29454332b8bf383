// A bridge's media side and its clients on the calling thread, in fake time: nothing happens but
// what run() does, in the same order each time. Header only.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "bridge/colibri_handler.hpp"
#include "bridge/media_loop.hpp"
#include "bridge/net/mapping.hpp"
#include "tests/fake_time.hpp"
#include "tests/bench/people.hpp"

namespace jmeet::bench {

class OneThread final : private MediaControl, private ControlPost, private ReportSink {
 public:
    OneThread() : config_(bench_config()), loop_(open_loop()), handler_(environment()) {
        loop_->start();
    }

    TestClient& join(int number) {
        clients_.push_back(std::make_unique<TestClient>(client_options(number), sctp_, *dtls_));
        TestClient& client = *clients_.back();
        auto create = Call::request(client.create_request());
        create.create = clients_.size() == 1;
        if (create.create) create.name = "room@conference.example.com";
        const auto answer = handler_.modify(create, Clock::now());
        if (!answer) throw std::runtime_error("create refused: " + answer.error().text);
        client.on_answer(answer->endpoints.at(0), Clock::now());
        handler_.modify(Call::request(client.accept_request()), Clock::now());
        for (int i = 0; !client.connected() || !client.channel_open(); ++i) {
            if (i == 5'000) throw std::runtime_error(client.id() + " did not connect");
            move_time(milliseconds(1));
            step_clients();
            run();
        }
        return client;
    }

    void step_clients() {
        const auto now = Clock::now();
        for (const auto& client : clients_) client->step(now);
        if (now - last_sctp_ < SctpContext::kTick) return;
        last_sctp_ = now;
        sctp_.on_timer(now);
    }
    // What has come and what is due on the media worker.
    void run() {
        context_.restart();
        context_.poll();
    }

 private:
    std::unique_ptr<MediaLoop> open_loop() {
        ControlPost& control = *this;
        ReportSink& reports = *this;
        auto loop = MediaLoop::open(context_, config_, WorkerPlace{}, control, reports);
        if (!loop) throw std::runtime_error(loop.error().what);
        return std::move(*loop);
    }
    ColibriHandler::Environment environment() {
        auto certificate = Certificate::make(std::chrono::system_clock::now());
        dtls_ = std::make_shared<const DtlsContext>(std::move(*DtlsContext::make(*certificate)));
        CandidateOptions options;
        options.port = loop_->port();
        options.filter.loopback = Allow::yes;
        options.filter.allowed_addresses = config_.local_addresses;
        MediaControl& media = *this;
        return {config_, media, *gather_candidates(options), dtls_,
                [] { return ShutdownState::running; }};
    }

    void create_conference(ConferenceSetup setup) override {
        loop_->create_conference(std::move(setup));
    }
    void expire_conference(ConferenceKey key) override { loop_->expire_conference(key); }
    void create_endpoint(EndpointSetup setup) override { loop_->create_endpoint(std::move(setup)); }
    void update_endpoint(EndpointUpdate update) override {
        loop_->update_endpoint(std::move(update));
    }
    void expire_endpoint(EndpointToken token) override { loop_->expire_endpoint(token); }
    void restart_ice(EndpointToken, IceCredentials,
                     std::function<void(IceRestartAnswer)>) override {}
    void limit_last_n(int last_n) override { loop_->limit_last_n(last_n); }
    void view_conference(ConferenceKey,
                         std::function<void(std::optional<ConferenceView>)>) override {}
    void open_channel(EndpointToken, ChannelId) override {}
    void channel_text(EndpointToken, ChannelId, std::string) override {}
    void channel_closed(EndpointToken, ChannelId) override {}
    void endpoint_lost(EndpointToken, EndpointEnd) override {}
    void channel_send(ChannelId, std::string) override {}
    void channel_close(ChannelId, std::uint16_t, std::string) override {}
    void report(const MediaReport&) override {}

    BridgeConfig config_;
    asio::io_context context_{1};
    std::unique_ptr<MediaLoop> loop_;
    std::shared_ptr<const DtlsContext> dtls_;
    ColibriHandler handler_;
    SctpContext sctp_;
    std::vector<std::unique_ptr<TestClient>> clients_;
    TimePoint last_sctp_{};
};

}  // namespace jmeet::bench
