// Two DTLS sessions and a hostile wire between them: each byte of the input says what becomes of
// the next datagram (lost, doubled, held back, bent, replaced by the fuzzer's own bytes).
//
// However that goes: no keys without a finished handshake, an end for every session, and the keys
// of both sides agree when both are connected.
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <vector>

#include "bridge/dtls/session.hpp"

using namespace jmeet;
using namespace jmeet::bridge;

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

const DtlsContext& context(int which) {
    static const DtlsContext made[] = {
        DtlsContext::make(*Certificate::make(std::chrono::system_clock::now())).value(),
        DtlsContext::make(*Certificate::make(std::chrono::system_clock::now())).value()};
    return made[which];
}

using Datagram = std::vector<std::uint8_t>;

struct Peer final : DtlsHandler {
    explicit Peer(int which) : session(context(which), *this) {}
    void on_dtls_outgoing(BytesView d) override { out.emplace_back(d.begin(), d.end()); }
    void on_dtls_connected() override { ++connected; }
    void on_dtls_data(BytesView) override { require(connected == 1); }
    void on_dtls_failed(std::string_view reason) override {
        require(!reason.empty());
        ++failed;
    }

    std::deque<Datagram> out;
    int connected = 0;
    int failed = 0;
    DtlsSession session;
};

void check(const Peer& peer) {
    require(peer.connected + peer.failed <= 1);
    const bool done = peer.session.state() == DtlsState::connected;
    require(done == (peer.connected == 1));
    require(peer.session.srtp_keys().has_value() == done);
    require(peer.session.counters().restarts <= DtlsSession::kMaxRestarts + 1u);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // LIMIT: steps of one run; a handshake has about ten datagrams.
    constexpr std::size_t kMaxSteps = 200;
    Peer client(0);
    Peer server(1);
    client.session.set_remote_fingerprints({server.session.local_fingerprint()});
    server.session.set_remote_fingerprints({client.session.local_fingerprint()});
    TimePoint now{seconds(1000)};
    client.session.set_role(DtlsRole::client, now);
    ByteReader in(BytesView(data, size));
    for (std::size_t step = 0; step < kMaxSteps && in.remaining() != 0; ++step) {
        const std::uint8_t order = in.u8();
        Peer& from = order & 0x80 ? server : client;
        Peer& to = order & 0x80 ? client : server;
        now += milliseconds(order & 0x40 ? 400 : 1);
        if ((order & 7) == 7) {
            const std::size_t length = std::min<std::size_t>(in.u8() * 8u, in.remaining());
            to.session.on_datagram(in.bytes(length), now);
        } else if (!from.out.empty()) {
            Datagram datagram = from.out.front();
            from.out.pop_front();
            if ((order & 7) == 1) continue;                               // lost
            if ((order & 7) == 2) from.out.push_back(datagram);           // doubled
            if ((order & 7) == 3) std::swap(datagram, from.out.empty() ? datagram : from.out.back());
            if ((order & 7) == 4 && !datagram.empty()) {                  // bent
                datagram[in.u8() * datagram.size() / 256] ^= static_cast<std::uint8_t>(order | 1);
            }
            to.session.on_datagram(datagram, now);
        } else {
            for (Peer* peer : {&client, &server}) {
                const auto due = peer->session.next_deadline();
                if (due && *due <= now) peer->session.on_timer(now);
            }
        }
        check(client);
        check(server);
    }
    if (client.connected == 1 && server.connected == 1) {
        require(client.session.srtp_keys()->local == server.session.srtp_keys()->remote);
    }
    // Whatever is half done ends when its time is up.
    now += DtlsSession::kHandshakeTimeout + seconds(1);
    for (Peer* peer : {&client, &server}) {
        if (peer->session.next_deadline()) peer->session.on_timer(now);
        require(!peer->session.next_deadline());
        check(*peer);
    }
    return 0;
}
