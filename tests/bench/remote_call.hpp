// Clients of a bridge in another process, and what they do. Header only; calling thread only.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/bench/bridge_process.hpp"
#include "tests/bench/people.hpp"

namespace jmeet::bench {

class RemoteCall {
 public:
    explicit RemoteCall(BridgeProcess& bridge) : bridge_(bridge) {
        auto certificate = Certificate::make(std::chrono::system_clock::now());
        dtls_.emplace(std::move(*DtlsContext::make(*certificate)));
    }

    TestClient& join(int number, const std::string& meeting) {
        return join(client_options(number), meeting);
    }
    // The others go on meanwhile.
    TestClient& join(ClientOptions options, const std::string& meeting) {
        clients_.push_back(std::make_unique<TestClient>(std::move(options), sctp_, *dtls_));
        TestClient& client = *clients_.back();
        client.note_arrivals();
        auto create = Call::request(client.create_request(), meeting);
        create.create = meetings_.insert(meeting).second;
        if (create.create) create.name = "room@conference.example.com";
        const auto answer = bridge_.modify(create);
        client.on_answer(answer.endpoints.at(0), Clock::now());
        bridge_.modify(Call::request(client.accept_request(), meeting));
        const auto end = Clock::now() + seconds(10);
        while (!client.channel_open()) {
            if (Clock::now() > end) throw std::runtime_error(client.id() + " did not connect");
            step();
        }
        people_.add(client);
        return client;
    }

    void run_for(Duration time) {
        for (const auto end = Clock::now() + time; Clock::now() < end;) step();
    }
    // One round of everybody, and a short rest.
    void step() {
        const auto now = Clock::now();
        for (const auto& client : clients_) client->step(now);
        people_.step(Clock::now());
        if (now - last_sctp_ >= SctpContext::kTick) {
            last_sctp_ = now;
            sctp_.on_timer(now);
        }
        std::this_thread::sleep_for(microseconds(500));
    }
    People& people() { return people_; }

 private:
    BridgeProcess& bridge_;
    std::optional<DtlsContext> dtls_;
    SctpContext sctp_;
    std::set<std::string> meetings_;
    std::vector<std::unique_ptr<TestClient>> clients_;
    People people_;
    TimePoint last_sctp_{};
};

}  // namespace jmeet::bench
