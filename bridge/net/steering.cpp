#include "bridge/net/steering.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace jmeet::bridge {

namespace {

// Spreads ports and the words of an address over 32 bits (2^32 divided by the golden ratio).
constexpr std::uint32_t kMix = 0x9e3779b1;

// From the network header: RFC 791 section 3.1 (without options: with them the number is wrong,
// and the datagram is handed over) and RFC 8200 section 3.
constexpr std::uint32_t kV4Source = 12;
constexpr std::uint32_t kV4SourcePort = 20;
constexpr std::uint32_t kV6Source = 8;
constexpr std::uint32_t kV6SourcePort = 40;

std::size_t words(Family family) { return family == Family::ipv4 ? 1 : 4; }

std::uint32_t number_of(const Address& address) {
    std::uint32_t number = address.port() * kMix;
    const BytesView ip = address.ip();
    for (std::size_t i = 0; i + 4 <= ip.size(); i += 4) {
        number = (number ^ load_be32(&ip[i])) * kMix;
    }
    return number;
}

sock_filter step(unsigned code, std::uint32_t k = 0, std::uint8_t if_true = 0,
                 std::uint8_t if_false = 0) {
    return {static_cast<std::uint16_t>(code), if_true, if_false, k};
}

std::uint32_t in_network_header(std::uint32_t offset) {
    return static_cast<std::uint32_t>(SKF_NET_OFF) + offset;
}

// number_of() for the kernel.
std::vector<sock_filter> number_program(Family family) {
    const bool v4 = family == Family::ipv4;
    std::vector<sock_filter> program = {
        step(BPF_LD | BPF_H | BPF_ABS, in_network_header(v4 ? kV4SourcePort : kV6SourcePort)),
        step(BPF_ALU | BPF_MUL | BPF_K, kMix),
    };
    for (std::uint32_t i = 0; i < words(family); ++i) {
        program.push_back(step(BPF_MISC | BPF_TAX));
        program.push_back(step(BPF_LD | BPF_W | BPF_ABS,
                               in_network_header((v4 ? kV4Source : kV6Source) + 4 * i)));
        program.push_back(step(BPF_ALU | BPF_XOR | BPF_X));
        program.push_back(step(BPF_ALU | BPF_MUL | BPF_K, kMix));
    }
    return program;
}

struct Range {
    std::uint32_t first;
    WorkerIndex worker;
};

std::vector<Range> make_ranges(Family family,
                               const std::unordered_map<Address, WorkerIndex>& addresses,
                               std::size_t max_ranges) {
    std::vector<Range> all;
    for (const auto& [address, worker] : addresses) {
        if (address.family() == family) all.push_back({number_of(address), worker});
    }
    std::ranges::sort(all, {}, &Range::first);
    std::vector<Range> ranges;
    for (const Range& range : all) {
        if (!ranges.empty() && ranges.back().worker == range.worker) continue;
        if (ranges.size() == max_ranges) break;
        ranges.push_back(range);
    }
    return ranges;
}

// A balanced search: the answer of the last range that begins at or below the number.
std::vector<sock_filter> search_program(std::span<const Range> ranges) {
    if (ranges.size() == 1) return {step(BPF_RET | BPF_K, ranges[0].worker)};
    const std::size_t half = ranges.size() / 2;
    const auto below = search_program(ranges.first(half));
    const auto above = search_program(ranges.subspan(half));
    std::vector<sock_filter> program;
    const unsigned compare = BPF_JMP | BPF_JGE | BPF_K;
    if (below.size() <= 255) {
        program.push_back(step(compare, ranges[half].first, static_cast<std::uint8_t>(below.size())));
    } else {
        program.push_back(step(compare, ranges[half].first, 0, 1));
        program.push_back(step(BPF_JMP | BPF_JA, static_cast<std::uint32_t>(below.size())));
    }
    program.insert(program.end(), below.begin(), below.end());
    program.insert(program.end(), above.begin(), above.end());
    return program;
}

}  // namespace

std::vector<sock_filter> steering_program(
    Family family, const std::unordered_map<Address, WorkerIndex>& addresses,
    std::size_t max_ranges) {
    const auto ranges = make_ranges(family, addresses, max_ranges);
    if (ranges.empty()) return {};
    auto program = number_program(family);
    const auto search = search_program(ranges);
    program.insert(program.end(), search.begin(), search.end());
    return program;
}

bool steer(int socket, Family family,
           const std::unordered_map<Address, WorkerIndex>& addresses) {
    for (std::size_t limit = kMaxSteeringRanges; limit != 0; limit /= 2) {
        auto program = steering_program(family, addresses, limit);
        if (program.empty()) return true;
        const sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
        if (setsockopt(socket, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &filter, sizeof filter) == 0) {
            return true;
        }
        if (errno != ENOMEM && errno != EINVAL) return false;
    }
    return false;
}

}  // namespace jmeet::bridge
