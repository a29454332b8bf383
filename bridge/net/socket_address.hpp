// Address <-> the kernel's sockaddr. An IPv4 address is never written as v4-mapped: each family
// has its own socket.
#pragma once

#include <sys/socket.h>

#include "bridge/ice/address.hpp"

namespace jmeet::bridge {

// Empty for other families and for lengths that are too short.
Address from_sockaddr(const sockaddr_storage& storage, socklen_t length);
// Returns the length used; 0 for an empty address.
socklen_t to_sockaddr(const Address& address, sockaddr_storage& storage);

}  // namespace jmeet::bridge
