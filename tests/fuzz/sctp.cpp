// SCTP from a participant, behind its DTLS: packets of the fuzzer's chunks with the right ports,
// tag and checksum, so that they are read, to an association in each of its states.
//
// The first byte picks the state; then each packet is a length and that many bytes of chunks.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <string>
#include <vector>

#include "bridge/sctp/association.hpp"
#include "bridge/sctp/data_channel.hpp"

using namespace jmeet;
using namespace jmeet::bridge;

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

struct End final : DataChannelHandler {
    explicit End(SctpContext& context) : transport(context, SctpRole::server, *this) {}
    void on_sctp_outgoing(BytesView packet) override {
        require(packet.size() <= DataChannelTransport::kSctpMtu);
        if (out.size() < 256) out.emplace_back(packet.begin(), packet.end());
    }
    void on_channel_open(std::string_view, std::string_view) override { ++opened; }
    void on_channel_text(std::string_view text) override {
        require(opened > 0 && text.size() <= DataChannelTransport::kMaxMessage);
    }
    void on_channel_closed() override {}

    std::deque<std::vector<std::uint8_t>> out;
    int opened = 0;
    DataChannelTransport transport;
};

// The browser's side: a real association, to get into the states; what it sends is noted.
struct Browser {
    SctpAssociation association{{DataChannelTransport::kPort, 64, DataChannelTransport::kSctpMtu,
                                 DataChannelTransport::kMaxMessage}};
    std::uint32_t tag = 0;  // of the bridge's side, as in every packet to it

    void talk(End& bridge) {
        for (int turn = 0; turn < 8; ++turn) {
            for (const SctpEvent& event : association.take_events()) {
                if (event.kind != SctpEvent::Kind::packet) continue;
                const BytesView bytes(reinterpret_cast<const std::uint8_t*>(event.bytes.data()),
                                      event.bytes.size());
                if (bytes.size() >= 12 && load_be32(&bytes[4]) != 0) tag = load_be32(&bytes[4]);
                bridge.transport.on_packet(bytes);
            }
            while (!bridge.out.empty()) {
                association.input(bridge.out.front());
                bridge.out.pop_front();
            }
        }
    }
};

// CRC-32C, RFC 9260 appendix A.
std::uint32_t crc32c(BytesView bytes) {
    std::uint32_t crc = ~0u;
    for (const std::uint8_t byte : bytes) {
        crc ^= byte;
        for (int i = 0; i < 8; ++i) crc = crc & 1 ? crc >> 1 ^ 0x82f63b78u : crc >> 1;
    }
    return ~crc;
}

std::vector<std::uint8_t> packet_of(std::uint32_t tag, BytesView chunks) {
    std::vector<std::uint8_t> out(12);
    store_be16(&out[0], DataChannelTransport::kPort);
    store_be16(&out[2], DataChannelTransport::kPort);
    store_be32(&out[4], tag);
    out.insert(out.end(), chunks.begin(), chunks.end());
    const std::uint32_t crc = crc32c(out);
    for (int i = 0; i < 4; ++i) out[8 + static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(crc >> (8 * i));
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static TimePoint now{seconds(1000)};
    SctpContext context;
    End bridge(context);
    Browser browser;
    ByteReader in(BytesView(data, size));
    const std::uint8_t state = in.u8() & 3;
    if (state > 0) bridge.transport.start();
    if (state > 1) {
        browser.association.connect();
        browser.talk(bridge);
    }
    if (state > 2) {
        const std::string open("\x03\0\0\0\0\0\0\0\0\0\0\0", 12);
        browser.association.send(0, 50, open);
        browser.talk(bridge);
        require(bridge.opened == 1);
    }
    // LIMIT: packets of one run.
    for (int i = 0; i < 64 && in.remaining() != 0; ++i) {
        const std::size_t length = std::min<std::size_t>(in.u8() * 4u, in.remaining());
        const std::uint32_t tag = state > 1 ? browser.tag : 0;
        bridge.transport.on_packet(packet_of(tag, in.bytes(length)));
        require(bridge.opened <= (state > 2 ? 64 : 1 + i));
        bridge.out.clear();
        now += SctpContext::kTick;
        context.on_timer(now);
    }
    return 0;
}
