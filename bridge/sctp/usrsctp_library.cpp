#include "bridge/sctp/usrsctp_library.hpp"

#include <arpa/inet.h>
#include <usrsctp.h>

#include <cstdlib>
#include <optional>
#include <unordered_map>

#include "bridge/sctp/association.hpp"

namespace jmeet::bridge {
namespace {

// LIMIT: usrsctp goes through all running timers of all associations at each step; its shortest
// delay is the 200 ms of a delayed acknowledgement.
constexpr milliseconds kLeastStep{40};

struct Global {
    std::mutex mutex;
    bool started = false;
    std::uintptr_t next_id = 1;
    std::unordered_map<std::uintptr_t, SctpAssociation*> associations;
    std::optional<TimePoint> driven_until;
};

// Never destroyed: usrsctp may hold an id until the process ends.
Global& global() {
    static auto* made = new Global;
    return *made;
}

SctpAssociation* find(const void* id) {
    const auto& table = global().associations;
    const auto found = table.find(reinterpret_cast<std::uintptr_t>(id));
    return found == table.end() ? nullptr : found->second;
}

}  // namespace

// usrsctp calls these only from inside calls that hold the lock.
struct UsrsctpCallbacks {
    static int output(void* id, void* packet, std::size_t size, std::uint8_t, std::uint8_t) {
        if (SctpAssociation* association = find(id)) {
            association->push(
                {SctpEvent::Kind::packet, 0, 0, std::string(static_cast<char*>(packet), size)});
        }
        return 0;
    }

    static int receive(UsrsctpSocket*, sctp_sockstore, void* data, std::size_t size,
                       sctp_rcvinfo info, int flags, void* id) {
        if (!data) return 1;
        SctpAssociation* association = find(id);
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

std::uintptr_t UsrsctpLibrary::enter(SctpAssociation& association) {
    const auto held = lock();
    if (!global().started) UsrsctpCallbacks::start_library();
    global().started = true;
    // While there was nobody no time was given to it.
    if (global().associations.empty()) global().driven_until.reset();
    const std::uintptr_t id = global().next_id++;
    global().associations.emplace(id, &association);
    usrsctp_register_address(reinterpret_cast<void*>(id));
    return id;
}

void UsrsctpLibrary::leave(std::uintptr_t id) {
    usrsctp_deregister_address(reinterpret_cast<void*>(id));
    global().associations.erase(id);
}

UsrsctpSocket* UsrsctpLibrary::make_socket(std::uintptr_t id) {
    return usrsctp_socket(AF_CONN, SOCK_STREAM, IPPROTO_SCTP, UsrsctpCallbacks::receive, nullptr, 0,
                          reinterpret_cast<void*>(id));
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
