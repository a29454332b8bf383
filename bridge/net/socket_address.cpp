#include "bridge/net/socket_address.hpp"

#include <netinet/in.h>

#include <cstring>

namespace jmeet::bridge {

Address from_sockaddr(const sockaddr_storage& storage, socklen_t length) {
    if (storage.ss_family == AF_INET && length >= sizeof(sockaddr_in)) {
        sockaddr_in in{};
        std::memcpy(&in, &storage, sizeof in);
        return Address::v4(ntohl(in.sin_addr.s_addr), ntohs(in.sin_port));
    }
    if (storage.ss_family == AF_INET6 && length >= sizeof(sockaddr_in6)) {
        sockaddr_in6 in{};
        std::memcpy(&in, &storage, sizeof in);
        return Address::from_bytes(BytesView(in.sin6_addr.s6_addr, 16), ntohs(in.sin6_port));
    }
    return {};
}

socklen_t to_sockaddr(const Address& address, sockaddr_storage& storage) {
    if (address.is_v4()) {
        sockaddr_in in{};
        in.sin_family = AF_INET;
        in.sin_port = htons(address.port());
        std::memcpy(&in.sin_addr, address.ip().data(), 4);
        std::memcpy(&storage, &in, sizeof in);
        return sizeof in;
    }
    if (address.is_v6()) {
        sockaddr_in6 in{};
        in.sin6_family = AF_INET6;
        in.sin6_port = htons(address.port());
        std::memcpy(&in.sin6_addr, address.ip().data(), 16);
        std::memcpy(&storage, &in, sizeof in);
        return sizeof in;
    }
    return 0;
}

}  // namespace jmeet::bridge
