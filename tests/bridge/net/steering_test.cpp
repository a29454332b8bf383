// The programs run where they are meant to run: in this kernel, on sockets that share a port.
#include "bridge/net/steering.hpp"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <map>

#include "bridge/net/socket_address.hpp"

using namespace jmeet;
using namespace jmeet::bridge;

namespace {

class Socket {
 public:
    explicit Socket(const Address& at) : fd_(::socket(domain(at), SOCK_DGRAM | SOCK_NONBLOCK, 0)) {
        const int on = 1;
        REQUIRE(setsockopt(fd_, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) == 0);
        sockaddr_storage storage{};
        const socklen_t length = to_sockaddr(at, storage);
        REQUIRE(::bind(fd_, reinterpret_cast<const sockaddr*>(&storage), length) == 0);
    }
    ~Socket() { ::close(fd_); }
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;

    int fd() const { return fd_; }
    Address address() const {
        sockaddr_storage storage{};
        socklen_t length = sizeof storage;
        REQUIRE(getsockname(fd_, reinterpret_cast<sockaddr*>(&storage), &length) == 0);
        return from_sockaddr(storage, length);
    }
    void send_to(const Address& to) const {
        sockaddr_storage storage{};
        const socklen_t length = to_sockaddr(to, storage);
        REQUIRE(::sendto(fd_, "x", 1, 0, reinterpret_cast<const sockaddr*>(&storage), length) == 1);
    }
    std::optional<Address> receive() const {
        sockaddr_storage storage{};
        socklen_t length = sizeof storage;
        char byte = 0;
        if (::recvfrom(fd_, &byte, 1, 0, reinterpret_cast<sockaddr*>(&storage), &length) != 1) {
            return std::nullopt;
        }
        return from_sockaddr(storage, length);
    }

 private:
    static int domain(const Address& at) { return at.is_v4() ? AF_INET : AF_INET6; }
    int fd_;
};

// Every sender's datagram comes to the socket that the table names.
void check_steering(const char* ip, std::size_t senders, std::uint32_t sockets) {
    std::vector<std::unique_ptr<Socket>> port;
    port.push_back(std::make_unique<Socket>(*Address::parse(ip, 0)));
    const Address to = port[0]->address();
    while (port.size() < sockets) port.push_back(std::make_unique<Socket>(to));

    std::vector<std::unique_ptr<Socket>> clients;
    std::unordered_map<Address, WorkerIndex> table;
    while (clients.size() < senders) {
        clients.push_back(std::make_unique<Socket>(*Address::parse(ip, 0)));
        table[clients.back()->address()] = static_cast<WorkerIndex>(clients.size() * 7 % sockets);
    }
    REQUIRE(steer(port[0]->fd(), to.family(), table));
    for (const auto& client : clients) client->send_to(to);
    std::size_t right = 0;
    std::size_t wrong = 0;
    for (WorkerIndex i = 0; i < sockets; ++i) {
        while (const auto from = port[i]->receive()) ++(table.at(*from) == i ? right : wrong);
    }
    CHECK(right == senders);
    CHECK(wrong == 0);
}

bool has_ipv6() {
    const int fd = ::socket(AF_INET6, SOCK_DGRAM, 0);
    sockaddr_storage storage{};
    const socklen_t length = to_sockaddr(*Address::parse("::1", 0), storage);
    const bool has =
        fd >= 0 && ::bind(fd, reinterpret_cast<const sockaddr*>(&storage), length) == 0;
    if (fd >= 0) ::close(fd);
    return has;
}

}  // namespace

TEST_CASE("the kernel brings each known IPv4 address to its worker") {
    check_steering("127.0.0.1", 1, 2);
    check_steering("127.0.0.1", 200, 2);
    check_steering("127.0.0.1", 200, 5);
}

TEST_CASE("the kernel brings each known IPv6 address to its worker") {
    if (!has_ipv6()) return;
    check_steering("::1", 200, 3);
}

TEST_CASE("a program never has more instructions than a kernel takes") {
    std::unordered_map<Address, WorkerIndex> table;
    CHECK(steering_program(Family::ipv4, table).empty());
    for (std::uint32_t i = 0; i < 20'000; ++i) table[Address::v4(0x0a000000 + i, 4000)] = i % 16;
    CHECK(steering_program(Family::ipv6, table).empty());
    const auto program = steering_program(Family::ipv4, table);
    CHECK(program.size() > kMaxSteeringRanges);
    CHECK(program.size() <= BPF_MAXINSNS);
    CHECK(steering_program(Family::ipv4, table, 10).size() < 40);
}
