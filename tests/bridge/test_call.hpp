// A bridge and some clients in one process over loopback, for tests and benches. Header only.
#pragma once

#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "base/asio.hpp"
#include "bridge/bridge.hpp"
#include "tests/bridge/test_client.hpp"

namespace jmeet::bridge::test {

class Call {
 public:
    explicit Call(BridgeConfig config = local_config())
        : bridge_(control_, std::move(config)), dtls_(make_dtls()) {}
    ~Call() {
        clients_.clear();
    }

    static BridgeConfig local_config() {
        BridgeConfig config;
        config.media_port = 0;
        config.loopback_candidates = true;
        config.local_addresses = {"127.0.0.1"};
        return config;
    }

    Bridge& bridge() { return bridge_; }
    asio::io_context& control() { return control_; }

    ModifyResult modify(xmpp::colibri2::ConferenceModify request) {
        std::optional<ModifyResult> result;
        asio::co_spawn(control_, bridge_.modify(std::move(request)),
                       [&](std::exception_ptr failure, ModifyResult answer) {
                           if (failure) std::rethrow_exception(failure);
                           result = std::move(answer);
                       });
        while (!result) {
            control_.restart();
            control_.run_one();
        }
        return *result;
    }

    static constexpr char kMeeting[] = "82e090b1-1cbb-4e01-9ea8-a3ead927757a";

    static xmpp::colibri2::ConferenceModify request(xmpp::colibri2::Endpoint endpoint,
                                                    const std::string& meeting = kMeeting) {
        xmpp::colibri2::ConferenceModify r;
        r.meeting_id = meeting;
        r.endpoints.push_back(std::move(endpoint));
        return r;
    }

    // Allocates and answers.
    TestClient& begin(ClientOptions options, const std::string& meeting = kMeeting) {
        clients_.push_back(std::make_unique<TestClient>(std::move(options), sctp_, dtls_));
        TestClient& client = *clients_.back();
        auto create = request(client.create_request(), meeting);
        create.create = meetings_.insert(meeting).second;
        if (create.create) create.name = "room@conference.example.com";
        const auto answer = modify(create);
        if (!answer) throw std::runtime_error("create refused: " + answer.error().text);
        client.on_answer(answer->endpoints[0], Clock::now());
        const auto accepted = modify(request(client.accept_request(), meeting));
        if (!accepted) throw std::runtime_error("accept refused: " + accepted.error().text);
        return client;
    }
    // And waits until media can flow.
    TestClient& join(ClientOptions options, const std::string& meeting = kMeeting) {
        TestClient& client = begin(std::move(options), meeting);
        const bool connected = until([&] {
            return client.connected() && (!client.has_channel() || client.channel_open());
        });
        if (!connected) throw std::runtime_error("client " + client.id() + " did not connect");
        return client;
    }

    void step() {
        const auto now = Clock::now();
        for (const auto& client : clients_) client->step(now);
        tick();
    }

    // All but the clients' own steps.
    void tick() {
        control_.restart();
        control_.poll();
        const auto now = Clock::now();
        if (now - last_sctp_ >= SctpContext::kTick) {
            last_sctp_ = now;
            sctp_.on_timer(now);
        }
    }

    // Steps until the condition holds; false when it did not within the time.
    template <class Condition>
    bool until(Condition&& condition, Duration limit = seconds(5)) {
        const auto end = Clock::now() + limit;
        for (;;) {
            step();
            if (condition()) return true;
            if (Clock::now() >= end) return false;
            std::this_thread::sleep_for(milliseconds(1));
        }
    }
    void run_for(Duration time) {
        until([] { return false; }, time);
    }
    // The same, doing something every 20 ms.
    template <class Condition, class Action>
    bool until_doing(Condition&& condition, Action&& action, Duration limit = seconds(5)) {
        auto next = Clock::now();
        return until(
            [&] {
                if (Clock::now() >= next) {
                    next += milliseconds(20);
                    action();
                }
                return condition();
            },
            limit);
    }

    const std::vector<std::unique_ptr<TestClient>>& clients() const { return clients_; }
    void drop(TestClient& client) {
        std::erase_if(clients_, [&](const auto& c) { return c.get() == &client; });
    }

 private:
    static DtlsContext make_dtls() {
        auto certificate = Certificate::make(std::chrono::system_clock::now());
        if (!certificate) throw std::runtime_error(certificate.error().what);
        auto context = DtlsContext::make(*certificate);
        if (!context) throw std::runtime_error(context.error().what);
        return std::move(*context);
    }

    asio::io_context control_{1};
    Bridge bridge_;
    DtlsContext dtls_;
    SctpContext sctp_;
    std::set<std::string> meetings_;
    std::vector<std::unique_ptr<TestClient>> clients_;
    TimePoint last_sctp_{};
};

}  // namespace jmeet::bridge::test
