// Two DtlsSessions and a wire between them that loses, repeats and reorders, in simulated time.
// OpenSSL's own timers follow: gettimeofday is ours in this program (simulated_time_test.cpp).
#pragma once

#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "bridge/dtls/session.hpp"

namespace jmeet::bridge::test {

using Datagram = std::vector<std::uint8_t>;

TimePoint simulated_now();
void pass_time(Duration time);

inline const Certificate& certificate(int which) {
    static const Certificate made[] = {Certificate::make(std::chrono::system_clock::now()).value(),
                                       Certificate::make(std::chrono::system_clock::now()).value()};
    return made[which];
}
inline const DtlsContext& context(int which) {
    static const DtlsContext made[] = {DtlsContext::make(certificate(0)).value(),
                                       DtlsContext::make(certificate(1)).value()};
    return made[which];
}

struct Peer final : DtlsHandler {
    explicit Peer(const DtlsContext& dtls) : session(dtls, *this) {}

    void on_dtls_outgoing(BytesView datagram) override {
        largest = std::max(largest, datagram.size());
        out.emplace_back(datagram.begin(), datagram.end());
    }
    void on_dtls_connected() override { ++connected; }
    void on_dtls_data(BytesView data) override { received.emplace_back(data.begin(), data.end()); }
    void on_dtls_failed(std::string_view reason) override {
        ++failed;
        why = reason;
    }

    std::deque<Datagram> out;
    std::vector<std::string> received;
    int connected = 0;
    int failed = 0;
    std::string why;
    std::size_t largest = 0;
    DtlsSession session;
};

inline BytesView bytes_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

struct Pair {
    Peer client{context(0)};
    Peer server{context(1)};
    // Called for every datagram under way; may change it; answers how many copies arrive.
    std::function<int(Datagram&)> fate = [](Datagram&) { return 1; };
    bool newest_first = false;

    void trust_each_other() {
        client.session.set_remote_fingerprints({server.session.local_fingerprint()});
        server.session.set_remote_fingerprints({client.session.local_fingerprint()});
    }
    void start() { client.session.set_role(DtlsRole::client, simulated_now()); }

    // Carries datagrams until neither side has any; false if there were none.
    bool exchange() {
        bool any = false;
        while (!client.out.empty() || !server.out.empty()) {
            any = true;
            carry(client, server);
            carry(server, client);
        }
        return any;
    }

    // Exchanges and lets timers fire until done() or nothing can happen any more.
    void run(const std::function<bool()>& done) {
        for (int step = 0; step < 2000 && !done(); ++step) {
            if (exchange()) continue;
            const auto a = client.session.next_deadline();
            const auto b = server.session.next_deadline();
            if (!a && !b) return;
            const TimePoint next = !a ? *b : !b ? *a : std::min(*a, *b);
            if (next > simulated_now()) pass_time(next - simulated_now());
            client.session.on_timer(simulated_now());
            server.session.on_timer(simulated_now());
        }
    }
    bool both_connected() const { return client.connected == 1 && server.connected == 1; }

 private:
    void carry(Peer& from, Peer& to) {
        std::deque<Datagram> under_way = std::exchange(from.out, {});
        while (!under_way.empty()) {
            Datagram datagram = newest_first ? under_way.back() : under_way.front();
            newest_first ? under_way.pop_back() : under_way.pop_front();
            for (int copies = fate(datagram); copies > 0; --copies) {
                to.session.on_datagram(datagram, simulated_now());
            }
        }
    }
};

}  // namespace jmeet::bridge::test
