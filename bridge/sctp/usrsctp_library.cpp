#include "bridge/sctp/usrsctp_library.hpp"

#include <arpa/inet.h>
#include <usrsctp.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <unordered_map>
#include <utility>

#include "bridge/sctp/association.hpp"

namespace jmeet::bridge {
namespace {

// LIMIT: usrsctp goes through all running timers of all associations at each step; its shortest
// delay is the 200 ms of a delayed acknowledgement.
constexpr milliseconds kLeastStep{40};

// LIMIT: what comes out of one DTLS record.
constexpr std::size_t kMaxPacket = 1472;
// RFC 9260 section 3.1: source port, destination port, verification tag, checksum.
constexpr std::size_t kCommonHeader = 12;
constexpr std::size_t kChecksum = 8;
constexpr unsigned kPortBits = 16;

struct Global {
    std::mutex mutex;
    bool started = false;
    std::uint64_t next_id = (std::uint64_t{1} << kPortBits) + 1;  // no address is null
    void* address = nullptr;  // registered last
    std::unordered_map<std::uint64_t, SctpAssociation*> associations;
    std::optional<TimePoint> driven_until;
};

// Never destroyed: usrsctp may hold an id until the process ends.
Global& global() {
    static auto* made = new Global;
    return *made;
}

// The upper bits of a number are an address for usrsctp, the lower ones a port. An odd factor keeps
// ports apart, and spreads either byte of them: usrsctp's tables go by the lower one, in whichever
// order the bytes are.
constexpr std::uint16_t kSpread = 0x0101;
std::uint16_t port_of(std::uint64_t id) { return static_cast<std::uint16_t>(id * kSpread); }
void* address_of(std::uint64_t id) { return reinterpret_cast<void*>(id >> kPortBits); }

// The inverse of kSpread modulo 2^16.
constexpr std::uint32_t kGather = 0xff01;
static_assert(static_cast<std::uint16_t>(kSpread * kGather) == 1);
std::uint64_t id_of(const void* address, std::uint16_t port) {
    return (reinterpret_cast<std::uint64_t>(address) << kPortBits) |
           static_cast<std::uint16_t>(port * kGather);
}

SctpAssociation* find(std::uint64_t id) {
    const auto& table = global().associations;
    const auto found = table.find(id);
    return found == table.end() ? nullptr : found->second;
}

sockaddr_conn socket_address_of(std::uint64_t id) {
    sockaddr_conn address{};
    address.sconn_family = AF_CONN;
    address.sconn_port = htons(port_of(id));
    address.sconn_addr = address_of(id);
    return address;
}

void set_ports(Bytes packet, std::uint16_t source, std::uint16_t destination) {
    store_be16(packet.data(), source);
    store_be16(packet.data() + 2, destination);
}

// As it stands in the header; its place counts as zeros.
std::uint32_t checksum_of(Bytes packet) {
    std::memset(packet.data() + kChecksum, 0, sizeof(std::uint32_t));
    return usrsctp_crc32c(packet.data(), packet.size());
}

}  // namespace

// usrsctp calls these only from inside calls that hold the lock.
struct UsrsctpCallbacks {
    static int output(void* address, void* bytes, std::size_t size, std::uint8_t, std::uint8_t) {
        const Bytes packet(static_cast<std::uint8_t*>(bytes), size);
        if (size < kCommonHeader) return 0;
        SctpAssociation* association = find(id_of(address, load_be16(packet.data())));
        if (!association) return 0;
        set_ports(packet, association->settings_.port, association->settings_.port);
        const std::uint32_t sum = checksum_of(packet);
        std::memcpy(packet.data() + kChecksum, &sum, sizeof sum);
        association->push(
            {SctpEvent::Kind::packet, 0, 0, std::string(packet.begin(), packet.end())});
        return 0;
    }

    static int receive(UsrsctpSocket*, sctp_sockstore, void* data, std::size_t size,
                       sctp_rcvinfo info, int flags, void* id) {
        if (!data) return 1;
        SctpAssociation* association = find(reinterpret_cast<std::uint64_t>(id));
        if (association && (flags & MSG_NOTIFICATION)) {
            association->on_notification({static_cast<const std::uint8_t*>(data), size});
        } else if (association) {
            association->on_data({static_cast<const char*>(data), size}, info.rcv_sid,
                                 ntohl(info.rcv_ppid), (flags & MSG_EOR) != 0);
        }
        std::free(data);  // usrsctp gives it away
        return 1;
    }

    static void start_library() {
        usrsctp_init_nothreads(0, output, nullptr);
        usrsctp_enable_crc32c_offload();
        // DTLS below has authenticated the peer and ICE does the path: none of these are wanted.
        usrsctp_sysctl_set_sctp_auto_asconf(0);
        usrsctp_sysctl_set_sctp_asconf_enable(0);
        usrsctp_sysctl_set_sctp_auth_enable(0);
        usrsctp_sysctl_set_sctp_ecn_enable(0);
        usrsctp_sysctl_set_sctp_nrsack_enable(0);
        usrsctp_sysctl_set_sctp_pktdrop_enable(0);
        usrsctp_sysctl_set_sctp_max_retran_chunk(0);  // no limit, beside those of the sockets
        usrsctp_sysctl_set_sctp_blackhole(2);  // no ABORT for packets of associations long gone
    }
};

std::unique_lock<std::mutex> UsrsctpLibrary::lock() {
    return std::unique_lock<std::mutex>(global().mutex);
}

std::uint64_t UsrsctpLibrary::enter(SctpAssociation& association) {
    const auto held = lock();
    Global& all = global();
    if (!all.started) UsrsctpCallbacks::start_library();
    all.started = true;
    // While there was nobody no time was given to it.
    if (all.associations.empty()) all.driven_until.reset();
    if (port_of(all.next_id) == 0) ++all.next_id;
    const std::uint64_t id = all.next_id++;
    all.associations.emplace(id, &association);
    // It stays: the next 65,535 associations use it as well, each with its own port.
    if (std::exchange(all.address, address_of(id)) != address_of(id)) {
        usrsctp_register_address(all.address);
    }
    return id;
}

void UsrsctpLibrary::leave(std::uint64_t id) { global().associations.erase(id); }

UsrsctpSocket* UsrsctpLibrary::make_socket(std::uint64_t id) {
    return usrsctp_socket(AF_CONN, SOCK_STREAM, IPPROTO_SCTP, UsrsctpCallbacks::receive, nullptr, 0,
                          reinterpret_cast<void*>(id));
}

bool UsrsctpLibrary::bind(UsrsctpSocket* socket, std::uint64_t id) {
    sockaddr_conn local = socket_address_of(id);
    return usrsctp_bind(socket, reinterpret_cast<sockaddr*>(&local), sizeof local) == 0;
}

bool UsrsctpLibrary::connect(UsrsctpSocket* socket, std::uint64_t id) {
    sockaddr_conn remote = socket_address_of(id);
    return usrsctp_connect(socket, reinterpret_cast<sockaddr*>(&remote), sizeof remote) == 0 ||
           errno == EINPROGRESS;
}

void UsrsctpLibrary::input(std::uint64_t id, BytesView packet) {
    std::array<std::uint8_t, kMaxPacket> block;
    if (packet.size() < kCommonHeader || packet.size() > block.size()) return;
    std::copy(packet.begin(), packet.end(), block.begin());
    const Bytes copy = Bytes(block).first(packet.size());
    std::uint32_t said = 0;
    std::memcpy(&said, packet.data() + kChecksum, sizeof said);
    if (checksum_of(copy) != said) return;
    set_ports(copy, port_of(id), port_of(id));
    usrsctp_conninput(address_of(id), copy.data(), copy.size(), 0);
}

void SctpAssociation::drive_timers(TimePoint now) {
    const auto held = UsrsctpLibrary::lock();
    Global& all = global();
    if (!all.started) return;
    if (!all.driven_until) all.driven_until = now;
    const auto elapsed = std::chrono::duration_cast<milliseconds>(now - *all.driven_until);
    // Several workers do not do twice what one has done.
    if (elapsed < kLeastStep) return;
    *all.driven_until += elapsed;
    usrsctp_handle_timers(static_cast<std::uint32_t>(elapsed.count()));
}

}  // namespace jmeet::bridge
