#include "bridge/net/udp_port.hpp"

#include <doctest/doctest.h>
#include <netinet/in.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "bridge/net/socket_address.hpp"

using namespace jmeet;
using namespace jmeet::bridge;

namespace {

// A browser's side: one plain socket on loopback.
class Peer {
 public:
    explicit Peer(Family family = Family::ipv4)
        : fd_(socket(family == Family::ipv4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
        ip_ = *Address::parse(family == Family::ipv4 ? "127.0.0.1" : "::1", 0);
        sockaddr_storage storage{};
        const socklen_t length = to_sockaddr(ip_, storage);
        REQUIRE(bind(fd_, reinterpret_cast<sockaddr*>(&storage), length) == 0);
        int size = 4 * 1024 * 1024;
        setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
        const timeval patience{2, 0};
        setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    }
    ~Peer() { ::close(fd_); }

    Address address() const {
        sockaddr_storage storage{};
        socklen_t length = sizeof storage;
        getsockname(fd_, reinterpret_cast<sockaddr*>(&storage), &length);
        return from_sockaddr(storage, length);
    }
    void send(std::uint16_t port, std::string_view text) const {
        sockaddr_storage storage{};
        const socklen_t length = to_sockaddr(ip_.with_port(port), storage);
        REQUIRE(sendto(fd_, text.data(), text.size(), 0, reinterpret_cast<sockaddr*>(&storage),
                       length) == static_cast<ssize_t>(text.size()));
    }
    // Empty after two seconds of silence.
    std::string receive() const {
        std::string text(70'000, '\0');
        const ssize_t n = recv(fd_, text.data(), text.size(), 0);
        text.resize(n < 0 ? 0 : static_cast<std::size_t>(n));
        return text;
    }

 private:
    Address ip_;
    int fd_;
};

class Bench final : public DatagramReceiver {
 public:
    explicit Bench(UdpPortOptions options = {}, std::size_t pool_size = 1024)
        : pool(pool_size, 64) {
        options.port = 0;
        options.address_v4 = "127.0.0.1";
        options.address_v6 = "::1";
        auto opened = UdpPort::open(context, pool, drops, options);
        REQUIRE(opened.has_value());
        port = std::move(*opened);
        port->start(*this);
    }
    ~Bench() { kept.clear(); }

    void on_datagrams(std::span<Datagram> batch, TimePoint) override {
        ++batches;
        for (Datagram& d : batch) {
            texts.emplace_back(reinterpret_cast<const char*>(d.packet.data()), d.packet.size());
            from = d.from;
            if (echo) port->send(d.from, d.packet.view());
            if (keep) kept.push_back(std::move(d.packet));
        }
    }
    // Until `count` datagrams came, or two seconds have passed.
    void run_until(std::size_t count) {
        const TimePoint until = Clock::now() + seconds(2);
        while (texts.size() < count && Clock::now() < until) {
            context.restart();
            context.run_one_for(milliseconds(50));
        }
    }

    asio::io_context context{1};
    PacketPool pool;
    DropCounters drops;
    std::unique_ptr<UdpPort> port;
    std::vector<std::string> texts;
    std::vector<PacketPtr> kept;
    Address from;
    std::size_t batches = 0;
    bool echo = false;
    bool keep = false;
};

void fill(Bytes block, char c, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) block[i] = static_cast<std::uint8_t>(c);
}

}  // namespace

TEST_CASE("datagrams come in order, with their address, in batches") {
    Bench bench;
    const Peer peer;
    for (int i = 0; i < 200; ++i) peer.send(bench.port->port(), "datagram " + std::to_string(i));
    bench.run_until(200);
    REQUIRE(bench.texts.size() == 200);
    for (int i = 0; i < 200; ++i) CHECK(bench.texts[i] == "datagram " + std::to_string(i));
    CHECK(bench.from == peer.address());
    CHECK(bench.batches < 200);
    CHECK(bench.port->counters().received == 200);
    CHECK(bench.port->counters().wakeups < 200);
}

TEST_CASE("what a receiver answers is on its way when its batch is done") {
    Bench bench;
    bench.echo = true;
    const Peer peer;
    peer.send(bench.port->port(), "hello");
    bench.run_until(1);
    CHECK(peer.receive() == "hello");
    CHECK(bench.port->counters().sent == 1);
}

TEST_CASE("both families have their own socket on one port") {
    Bench bench;
    if (!bench.port->has_ipv6()) return;
    bench.echo = true;
    const Peer v4;
    const Peer v6(Family::ipv6);
    v4.send(bench.port->port(), "four");
    v6.send(bench.port->port(), "six");
    bench.run_until(2);
    CHECK(v4.receive() == "four");
    CHECK(v6.receive() == "six");
}

TEST_CASE("runs of equal size arrive as the datagrams that they were") {
    Bench bench;
    const Peer a;
    const Peer b;
    for (int i = 0; i < 20; ++i) {
        for (const Peer* peer : {&a, &b}) {
            const Bytes block = bench.port->slot();
            fill(block, static_cast<char>('a' + i), 1100);
            bench.port->commit(peer->address(), i == 19 ? 300 : 1100);
        }
    }
    bench.port->flush();
    CHECK(bench.port->counters().sent == 40);
    CHECK(bench.port->counters().sent_bytes == 2 * (19 * 1100 + 300));
    if (bench.port->segments()) {
        CHECK(bench.port->counters().segmented_runs == 2);
        CHECK(bench.port->counters().send_calls == 1);
    }
    for (const Peer* peer : {&a, &b}) {
        for (int i = 0; i < 20; ++i) {
            CHECK(peer->receive() ==
                  std::string(i == 19 ? 300 : 1100, static_cast<char>('a' + i)));
        }
    }
}

TEST_CASE("without segmentation the same datagrams arrive one by one") {
    UdpPortOptions options;
    options.segmentation = Allow::no;
    Bench bench(options);
    const Peer peer;
    const std::vector<std::size_t> sizes{700, 700, 700, 20, 900, 901, 901};
    for (const std::size_t n : sizes) {
        fill(bench.port->slot(), 'w', n);
        bench.port->commit(peer.address(), n);
    }
    bench.port->flush();
    for (const std::size_t n : sizes) CHECK(peer.receive().size() == n);
    CHECK(bench.port->counters().sent == sizes.size());
    CHECK(bench.port->counters().segmented_runs == 0);
}

// Without checksums a socket cannot segment: the kernel says EINVAL, as for a small path MTU.
TEST_CASE("a refused segmented send falls back, and after some refusals stays off") {
    Bench bench;
    const int no_checksum = 1;
    for (int fd = 3; fd < 1024; ++fd) {
        sockaddr_storage storage{};
        socklen_t length = sizeof storage;
        if (getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &length) != 0) continue;
        if (from_sockaddr(storage, length).port() != bench.port->port()) continue;
        setsockopt(fd, SOL_SOCKET, SO_NO_CHECK, &no_checksum, sizeof no_checksum);
    }
    const Peer peer;
    for (int flush = 0; flush < 10; ++flush) {
        for (int i = 0; i < 4; ++i) {
            fill(bench.port->slot(), static_cast<char>('0' + i), 800);
            bench.port->commit(peer.address(), 800);
        }
        bench.port->flush();
        CHECK(bench.port->segments() == (flush < 7));
    }
    for (int i = 0; i < 40; ++i) {
        CHECK(peer.receive() == std::string(800, static_cast<char>('0' + i % 4)));
    }
    CHECK(bench.port->counters().sent == 40);
    CHECK(bench.drops[DropReason::send_refused] == 0);
}

TEST_CASE("sizes that differ keep their order") {
    Bench bench;
    const Peer peer;
    const std::vector<std::size_t> sizes{900, 900, 901, 100, 901, 901, 50, 1, 1, 1500};
    for (const std::size_t n : sizes) {
        fill(bench.port->slot(), 'x', n);
        bench.port->commit(peer.address(), n);
    }
    bench.port->flush();
    for (const std::size_t n : sizes) CHECK(peer.receive().size() == n);
}

TEST_CASE("more datagrams than slots are flushed on the way") {
    Bench bench;
    const Peer peer;
    for (int i = 0; i < 600; ++i) {
        const std::string text = "number " + std::to_string(i);
        const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
        bench.port->send(peer.address(), BytesView(bytes, text.size()));
    }
    bench.port->flush();
    for (int i = 0; i < 600; ++i) CHECK(peer.receive() == "number " + std::to_string(i));
}

TEST_CASE("a destination that refuses does not stop the others") {
    Bench bench;
    const Peer peer;
    const Address broadcast = *Address::parse("255.255.255.255", 9);  // no permission
    const Address closed = *Address::parse("127.0.0.1", 1);           // ICMP comes back
    for (const Address& to : {broadcast, closed, peer.address(), closed, broadcast, closed}) {
        fill(bench.port->slot(), 'y', 10);
        bench.port->commit(to, 10);
    }
    bench.port->flush();
    CHECK(peer.receive() == std::string(10, 'y'));
    CHECK(bench.drops[DropReason::send_refused] == 2);
    peer.send(bench.port->port(), "still reading");
    bench.run_until(1);
    CHECK(bench.texts == std::vector<std::string>{"still reading"});
}

TEST_CASE("what cannot be sent is counted") {
    UdpPortOptions options;
    options.ipv6 = Allow::no;
    Bench bench(options);
    CHECK_FALSE(bench.port->has_ipv6());
    const std::vector<std::uint8_t> large(kSendSlot + 1);
    bench.port->send(*Address::parse("127.0.0.1", 5), large);
    bench.port->send(*Address::parse("127.0.0.1", 5), {});
    bench.port->send(*Address::parse("::1", 5), BytesView(large).first(5));
    bench.port->send(Address{}, BytesView(large).first(5));
    bench.port->flush();
    CHECK(bench.drops[DropReason::send_refused] == 4);
    CHECK(bench.port->counters().sent == 0);
}

TEST_CASE("empty and oversize datagrams are dropped at the door") {
    Bench bench;
    const Peer peer;
    peer.send(bench.port->port(), "");
    peer.send(bench.port->port(), std::string(PacketPtr::capacity() + 1, 'z'));
    peer.send(bench.port->port(), std::string(60'000, 'z'));
    peer.send(bench.port->port(), std::string(PacketPtr::capacity(), 'z'));
    bench.run_until(1);
    REQUIRE(bench.texts.size() == 1);
    CHECK(bench.texts[0].size() == PacketPtr::capacity());
    CHECK(bench.drops[DropReason::empty_datagram] == 1);
    CHECK(bench.drops[DropReason::oversize_datagram] == 2);
}

TEST_CASE("an exhausted pool drops, counts and recovers") {
    Bench bench({}, 16);
    bench.keep = true;
    const Peer peer;
    for (int i = 0; i < 60; ++i) peer.send(bench.port->port(), "packet");
    const TimePoint until = Clock::now() + seconds(2);
    while (bench.drops[DropReason::pool_exhausted] < 44 && Clock::now() < until) {
        bench.context.restart();
        bench.context.run_one_for(milliseconds(50));
    }
    CHECK(bench.texts.size() == 16);
    CHECK(bench.drops[DropReason::pool_exhausted] == 44);
    bench.kept.clear();
    peer.send(bench.port->port(), "again");
    bench.run_until(17);
    CHECK(bench.texts.back() == "again");
}

TEST_CASE("a port that is taken is refused with the name of the option") {
    Bench bench;
    UdpPortOptions options;
    options.port = bench.port->port();
    options.address_v4 = "127.0.0.1";
    const auto second = UdpPort::open(bench.context, bench.pool, bench.drops, options);
    REQUIRE_FALSE(second.has_value());
    CHECK(second.error().what.find("JVB_PORT") != std::string::npos);
    CHECK(second.error().what.find(std::to_string(options.port)) != std::string::npos);
    options.address_v4 = "no address";
    CHECK_FALSE(UdpPort::open(bench.context, bench.pool, bench.drops, options).has_value());
}

TEST_CASE("a port may go while its socket is readable") {
    Bench bench;
    const Peer peer;
    peer.send(bench.port->port(), "late");
    bench.context.restart();
    bench.context.poll();  // the wait is armed
    peer.send(bench.port->port(), "later");
    bench.port.reset();
    bench.context.restart();
    bench.context.poll();
    CHECK(bench.texts.size() <= 2);
    CHECK(bench.pool.in_use() == 0);
}
