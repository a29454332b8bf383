#include "focus/doctor/host.hpp"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netdb.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>

#include "base/asio.hpp"

namespace jmeet::doctor {
namespace {

asio::ip::address parse(const std::string& text) {
    error_code ignored;
    return asio::ip::make_address(text.substr(0, text.find('%')), ignored);
}

bool is_private_v4(const asio::ip::address_v4& address) {
    const std::uint32_t bits = address.to_uint();
    return bits >> 24 == 10 || bits >> 20 == 0xAC1 || bits >> 16 == 0xC0A8 ||
           bits >> 16 == 0xA9FE || bits >> 22 == (0x6440 >> 6);
}

}  // namespace

std::vector<std::string> own_addresses() {
    std::vector<std::string> result;
    ifaddrs* all = nullptr;
    if (::getifaddrs(&all) != 0) return result;
    for (const ifaddrs* i = all; i; i = i->ifa_next) {
        if (!i->ifa_addr) continue;
        const int family = i->ifa_addr->sa_family;
        if (family != AF_INET && family != AF_INET6) continue;
        char text[NI_MAXHOST] = {};
        const socklen_t length = family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
        if (::getnameinfo(i->ifa_addr, length, text, sizeof text, nullptr, 0, NI_NUMERICHOST)) {
            continue;
        }
        // A link-local address has its interface behind it.
        const bool link_local = std::string(text).find('%') != std::string::npos;
        if (!link_local && !is_loopback(text)) result.emplace_back(text);
    }
    ::freeifaddrs(all);
    return result;
}

bool is_loopback(const std::string& address) { return parse(address).is_loopback(); }

bool is_private(const std::string& address) {
    const auto parsed = parse(address);
    if (parsed.is_v4()) return is_private_v4(parsed.to_v4());
    const auto v6 = parsed.to_v6();
    return v6.is_link_local() || (v6.to_bytes()[0] & 0xFE) == 0xFC;
}

UdpPort look_at_udp_port(std::uint16_t port) {
    const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return UdpPort::forbidden;
    sockaddr_in any{};
    any.sin_family = AF_INET;
    any.sin_port = htons(port);
    const int error =
        ::bind(fd, reinterpret_cast<const sockaddr*>(&any), sizeof any) == 0 ? 0 : errno;
    ::close(fd);
    if (error == 0) return UdpPort::free;
    return error == EADDRINUSE ? UdpPort::in_use : UdpPort::forbidden;
}

std::uint64_t receive_buffer_limit() {
    std::uint64_t bytes = 0;
    std::ifstream("/proc/sys/net/core/rmem_max") >> bytes;
    return bytes;
}

std::uint64_t open_files_limit() {
    rlimit limit{};
    return ::getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_max : 0;
}

}  // namespace jmeet::doctor
