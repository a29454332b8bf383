// The packet path does not allocate: operator new is counted in this program.
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "bridge/ice/stun.hpp"
#include "bridge/net/demux.hpp"
#include "bridge/net/socket_address.hpp"
#include "bridge/net/udp_port.hpp"

namespace {

std::atomic<std::size_t> allocations = 0;

}  // namespace

void* operator new(std::size_t size) {
    ++allocations;
    if (void* block = std::malloc(size)) return block;
    throw std::bad_alloc();
}
void operator delete(void* block) noexcept { std::free(block); }
void operator delete(void* block, std::size_t) noexcept { std::free(block); }

using namespace jmeet;
using namespace jmeet::bridge;

namespace {

class Echo final : public DatagramReceiver {
 public:
    void on_datagrams(std::span<Datagram> batch, TimePoint) override {
        for (Datagram& d : batch) {
            ++received;
            port->send(d.from, d.packet.view());
        }
    }
    UdpPort* port = nullptr;
    std::size_t received = 0;
};

}  // namespace

TEST_CASE("finding the owner of a datagram does not allocate") {
    Demux demux;
    const Address home = *Address::parse("192.0.2.1", 4000);
    REQUIRE(demux.add_ufrag("a-ufrag-longer-than-any-small-string", EndpointToken{1}));
    REQUIRE(demux.bind(home, EndpointToken{1}));
    std::array<std::uint8_t, 200> block{};
    StunWriter writer(block, StunClass::request, {});
    writer.username("a-ufrag-longer-than-any-small-string", "another-one-of-some-length");
    const BytesView request = BytesView(block).first(writer.finish(nullptr));
    const std::array<std::uint8_t, 20> rtp{0x80, 111};
    const std::size_t before = allocations;
    bool found = true;
    for (int i = 0; i < 100; ++i) {
        found &= demux.route(request, home).token.has_value();
        found &= demux.route(rtp, home).token.has_value();
        found &= !demux.route(rtp, home.with_port(1)).token.has_value();
    }
    CHECK(allocations == before);
    CHECK(found);
}

TEST_CASE("reading and sending do not allocate after warm-up") {
    asio::io_context context{1};
    PacketPool pool(256, 256);
    DropCounters drops;
    UdpPortOptions options;
    options.port = 0;
    options.address_v4 = "127.0.0.1";
    options.ipv6 = Allow::no;
    auto opened = UdpPort::open(context, pool, drops, options);
    REQUIRE(opened.has_value());
    Echo echo;
    echo.port = opened->get();
    echo.port->start(echo);
    sockaddr_storage to{};
    const socklen_t length = to_sockaddr(*Address::parse("127.0.0.1", echo.port->port()), to);
    const int fd = socket(AF_INET, SOCK_DGRAM, 0);
    const std::array<char, 900> bytes{};
    const auto round = [&](std::size_t until) {
        for (int i = 0; i < 20; ++i) {
            sendto(fd, bytes.data(), bytes.size(), 0, reinterpret_cast<sockaddr*>(&to), length);
        }
        for (int i = 0; i < 100 && echo.received < until; ++i) {
            context.run_one_for(milliseconds(100));
        }
    };
    for (std::size_t i = 1; i <= 5; ++i) round(20 * i);
    const std::size_t before = allocations;
    for (std::size_t i = 6; i <= 50; ++i) round(20 * i);
    CHECK(allocations == before);
    CHECK(echo.received == 1000);
    CHECK(echo.port->counters().sent == 1000);
    close(fd);
}
