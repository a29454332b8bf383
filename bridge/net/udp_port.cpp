#include "bridge/net/udp_port.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "bridge/net/socket_address.hpp"
#include "bridge/net/udp_blocks.hpp"

namespace jmeet::bridge {

namespace {

std::string reason_of(int error) { return std::generic_category().message(error); }

Error bind_error(const Address& at, int error) {
    std::string what = "cannot bind UDP " + at.to_string() + " (" + reason_of(error) + "): ";
    if (error == EADDRINUSE) {
        what += "another program has the media port; stop it or choose another JVB_PORT";
    } else if (error == EACCES) {
        what += "no permission for that port; choose JVB_PORT above 1023";
    } else {
        what += "check JVB_PORT and the addresses of this machine";
    }
    return fail(std::move(what));
}

bool set_option(int fd, int level, int name, int value) {
    return setsockopt(fd, level, name, &value, sizeof value) == 0;
}

// The forced variants go beyond net.core.*mem_max where the process may do that.
void ask_for_buffers(int fd, const UdpPortOptions& options) {
    if (!set_option(fd, SOL_SOCKET, SO_RCVBUFFORCE, options.receive_buffer)) {
        set_option(fd, SOL_SOCKET, SO_RCVBUF, options.receive_buffer);
    }
    if (!set_option(fd, SOL_SOCKET, SO_SNDBUFFORCE, options.send_buffer)) {
        set_option(fd, SOL_SOCKET, SO_SNDBUF, options.send_buffer);
    }
}

std::uint16_t bound_port(int fd) {
    sockaddr_storage storage{};
    socklen_t length = sizeof storage;
    if (getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &length) != 0) return 0;
    return from_sockaddr(storage, length).port();
}

// The open and bound socket; -1 with `unsupported` set when the machine has no such family.
Result<int> bind_one(const Address& at, const UdpPortOptions& options, bool& unsupported,
                     bool shared) {
    const int domain = at.is_v4() ? AF_INET : AF_INET6;
    const int fd = ::socket(domain, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    unsupported = fd < 0 && errno == EAFNOSUPPORT;
    if (unsupported) return -1;
    if (fd < 0) return fail("cannot open a UDP socket: " + reason_of(errno));
    if (at.is_v6()) set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
    if (shared) set_option(fd, SOL_SOCKET, SO_REUSEPORT, 1);
    ask_for_buffers(fd, options);
    sockaddr_storage storage{};
    const socklen_t length = to_sockaddr(at, storage);
    if (bind(fd, reinterpret_cast<const sockaddr*>(&storage), length) != 0) {
        const int error = errno;
        close(fd);
        unsupported = at.is_v6() && error == EADDRNOTAVAIL;  // IPv6 switched off by sysctl
        if (unsupported) return -1;
        return bind_error(at, error);
    }
    return fd;
}

Result<int> bind_socket(const Address& at, const UdpPortOptions& options, bool& unsupported) {
    if (options.share != SharePort::first) {
        return bind_one(at, options, unsupported, options.share == SharePort::more);
    }
    // Shared sockets of two programs would divide the datagrams between them: one that shares
    // with nobody finds out, and gives the port to the one that does.
    const Result<int> alone = bind_one(at, options, unsupported, false);
    if (!alone || unsupported) return alone;
    const Address found = at.with_port(bound_port(*alone));
    ::close(*alone);
    return bind_one(found, options, unsupported, true);
}

int granted_receive_buffer(int fd) {
    int value = 0;
    socklen_t length = sizeof value;
    if (getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &value, &length) != 0) return 0;
    return value / 2;  // the kernel doubles it for its own records
}

}  // namespace

UdpPort::UdpPort(PacketPool& pool, DropCounters& drops)
    : pool_(pool),
      drops_(drops),
      batch_(std::make_unique<SendBatch>()),
      receive_(std::make_unique<ReceiveBlock>()),
      send_(std::make_unique<SendBlock>()) {}

UdpPort::~UdpPort() { close(); }

Result<std::unique_ptr<UdpPort>> UdpPort::open(asio::io_context& context, PacketPool& pool,
                                               DropCounters& drops,
                                               const UdpPortOptions& options) {
    std::unique_ptr<UdpPort> port(new UdpPort(pool, drops));
    port->segments_ = options.segmentation == Allow::yes;
    const Result<void> opened = port->open_sockets(context, options);
    if (!opened) return opened.error();
    return port;
}

Result<void> UdpPort::open_sockets(asio::io_context& context, const UdpPortOptions& options) {
    const auto v4 = Address::parse(options.address_v4, options.port);
    if (!v4 || !v4->is_v4()) return fail("not an IPv4 address to bind: " + options.address_v4);
    bool unsupported = false;
    const Result<int> fd4 = bind_socket(*v4, options, unsupported);
    if (!fd4) return fd4.error();
    if (unsupported) return fail("this machine has no IPv4: the media port needs it");
    v4_.fd = *fd4;
    v4_.descriptor.emplace(context, v4_.fd);
    port_ = bound_port(v4_.fd);
    receive_buffer_ = granted_receive_buffer(v4_.fd);
    if (options.ipv6 == Allow::no) return {};
    const auto v6 = Address::parse(options.address_v6, port_);
    if (!v6 || !v6->is_v6()) return fail("not an IPv6 address to bind: " + options.address_v6);
    const Result<int> fd6 = bind_socket(*v6, options, unsupported);
    if (!fd6) return fd6.error();
    if (unsupported) return {};
    v6_.fd = *fd6;
    v6_.descriptor.emplace(context, v6_.fd);
    return {};
}

void UdpPort::start(DatagramReceiver& receiver) {
    receiver_ = &receiver;
    wait(v4_);
    if (v6_.descriptor) wait(v6_);
}

void UdpPort::close() {
    receiver_ = nullptr;
    for (Socket* socket : {&v4_, &v6_}) {
        if (!socket->descriptor) continue;
        socket->descriptor.reset();
        socket->fd = -1;
    }
}

void UdpPort::wait(Socket& socket) {
    const auto on_wait = [this, &socket, alive = std::weak_ptr(alive_)](const error_code& error) {
        if (!error && !alive.expired()) on_readable(socket);
    };
    socket.descriptor->async_wait(asio::posix::descriptor_base::wait_read, on_wait);
}

void UdpPort::on_readable(Socket& socket) {
    ++counters_.wakeups;
    for (unsigned i = 0; i < kBatchesPerWakeup && receiver_; ++i) {
        if (!read_batch(socket.fd)) break;
    }
    if (receiver_) wait(socket);
}

std::size_t UdpPort::fill_blocks() {
    ReceiveBlock& r = *receive_;
    for (std::size_t i = 0; i < r.used; ++i) {
        if (!r.packets[i]) r.packets[i] = pool_.take();
        if (!r.packets[i]) return i;
        r.vectors[i] = {r.packets[i].data(), PacketPtr::capacity()};
        msghdr& header = r.messages[i].msg_hdr;
        header.msg_name = &r.addresses[i];
        header.msg_namelen = sizeof(sockaddr_storage);
        header.msg_iov = &r.vectors[i];
        header.msg_iovlen = 1;
        header.msg_flags = 0;
    }
    r.used = 0;
    return kBatch;
}

// True when there may be more to read.
bool UdpPort::read_batch(int fd) {
    const std::size_t blocks = fill_blocks();
    if (blocks == 0) {
        // Nothing to read into: take datagrams off the socket, or it wakes us for ever.
        std::uint8_t discarded = 0;
        if (recv(fd, &discarded, sizeof discarded, MSG_DONTWAIT | MSG_TRUNC) < 0) return false;
        drops_.add(DropReason::pool_exhausted);
        return true;
    }
    const int count = recvmmsg(fd, receive_->messages.data(), static_cast<unsigned>(blocks),
                               MSG_DONTWAIT, nullptr);
    // A pending ICMP error of some destination is reported once and then gone.
    if (count < 0) return errno != EAGAIN && errno != EWOULDBLOCK && errno != EBADF;
    ++counters_.batches;
    take_batch(static_cast<std::size_t>(count));
    return static_cast<std::size_t>(count) == blocks;
}

void UdpPort::take_batch(std::size_t count) {
    ReceiveBlock& r = *receive_;
    const TimePoint now = Clock::now();
    r.used = std::max(r.used, count);  // not 0 yet where blocks ran out
    std::size_t taken = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t size = r.messages[i].msg_len;
        const msghdr& header = r.messages[i].msg_hdr;
        ++counters_.received;
        counters_.received_bytes += size;
        if (header.msg_flags & MSG_TRUNC) {
            drops_.add(DropReason::oversize_datagram);
            continue;
        }
        if (size == 0) {
            drops_.add(DropReason::empty_datagram);
            continue;
        }
        Datagram& datagram = r.batch[taken++];
        datagram.from = from_sockaddr(r.addresses[i], header.msg_namelen);
        datagram.packet = std::move(r.packets[i]);
        datagram.packet.set_size(size);
        datagram.packet.set_arrival(now);
    }
    deliver(std::span(r.batch).first(taken), now);
}

void UdpPort::deliver(std::span<Datagram> batch, TimePoint now) {
    const std::uint64_t sent_before = counters_.sent;
    receiver_->on_datagrams(batch, now);
    for (Datagram& datagram : batch) datagram.packet.reset();
    flush();
    const std::uint64_t sent = counters_.sent - sent_before;
    if (sent != 0) counters_.transit.add(Clock::now() - now, sent);
}

}  // namespace jmeet::bridge
