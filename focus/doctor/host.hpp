// What the doctor sees of the host that it runs on. Blocking, quick; values only.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace jmeet::doctor {

// Those that a bridge may offer: neither loopback nor link-local.
std::vector<std::string> own_addresses();
bool is_loopback(const std::string& address);
// Not routed on the Internet: RFC 1918, link-local, unique local.
bool is_private(const std::string& address);

enum class UdpPort : std::uint8_t { free, in_use, forbidden };
UdpPort look_at_udp_port(std::uint16_t port);

// net.core.rmem_max in bytes, and the number of files a process may open; 0: not known.
std::uint64_t receive_buffer_limit();
std::uint64_t open_files_limit();

}  // namespace jmeet::doctor
