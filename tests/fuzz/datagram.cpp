// A participant as the network sees it: datagrams of all kinds, from its own address and from a
// stranger's, through the demux to ICE, DTLS and SRTP.
//
// Each datagram is a byte that says from where, a length, and its bytes. However they are: nobody
// gets an address without proof, and nothing is decrypted that was not encrypted by the peer.
#include <array>
#include <cstdint>
#include <cstdlib>

#include "bridge/dtls/session.hpp"
#include "bridge/dtls/srtp.hpp"
#include "bridge/ice/transport.hpp"
#include "bridge/net/demux.hpp"

using namespace jmeet;
using namespace jmeet::bridge;

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

constexpr EndpointToken kToken{7};
const IceCredentials kLocal{"local0", "0123456789012345678901"};
const Address kOwn = *Address::parse("198.51.100.20", 40'000);
const Address kStranger = *Address::parse("203.0.113.5", 40'000);

const DtlsContext& context() {
    static const DtlsContext made =
        DtlsContext::make(*Certificate::make(std::chrono::system_clock::now())).value();
    return made;
}

struct Deaf final : DtlsHandler {
    void on_dtls_outgoing(BytesView datagram) override {
        require(datagram.size() <= DtlsSession::kMaxDatagram);
    }
    void on_dtls_connected() override { std::abort(); }
    void on_dtls_data(BytesView) override { std::abort(); }
    void on_dtls_failed(std::string_view) override {}
};

SrtpKeys some_keys() {
    SrtpKeys keys{};
    keys.profile = SrtpProfile::aead_aes_128_gcm;
    return keys;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Demux demux;
    demux.add_ufrag(kLocal.ufrag, kToken);
    demux.bind(kOwn, kToken);
    IceTransport ice({}, IceRole::controlling, kLocal, static_cast<std::uint32_t>(kToken));
    Deaf deaf;
    DtlsSession dtls(context(), deaf);
    auto srtp = SrtpTransport::make(some_keys());
    require(srtp.has_value());
    IceOutput out;
    TimePoint now{seconds(1000)};
    ByteReader in(BytesView(data, size));
    // LIMIT: datagrams of one run.
    for (int i = 0; i < 64 && in.remaining() != 0; ++i) {
        const Address& from = in.u8() & 1 ? kStranger : kOwn;
        const std::size_t length = std::min<std::size_t>(in.u16() & 0x7ff, in.remaining());
        const BytesView datagram = in.bytes(length);
        now += milliseconds(10);
        const Route route = demux.route(datagram, from);
        if (!route.token) continue;
        require(*route.token == kToken);
        require(route.kind == DatagramKind::stun || from == kOwn);
        std::array<std::uint8_t, 2048> block{};
        std::copy(datagram.begin(), datagram.end(), block.begin());
        std::size_t got = datagram.size();
        switch (route.kind) {
            case DatagramKind::stun:
                out.clear();
                ice.on_stun(datagram, from, now, out);
                // It never knows the password.
                require(!ice.validated(from) && out.datagrams().empty());
                break;
            case DatagramKind::dtls: dtls.on_datagram(datagram, now); break;
            case DatagramKind::rtp:
                require(srtp->unprotect_rtp(block.data(), got) != SrtpStatus::ok);
                break;
            case DatagramKind::rtcp:
                require(srtp->unprotect_rtcp(block.data(), got) != SrtpStatus::ok);
                break;
            case DatagramKind::unknown: std::abort();
        }
    }
    require(demux.address_count() == 1);
    return 0;
}
