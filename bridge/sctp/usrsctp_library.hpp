// The one usrsctp of the process: its start, its lock, its clock, and the table of who is who.
// For association.cpp only; association.hpp says why it is like this.
//
// Inside usrsctp every association has a port of its own: it finds associations by their ports and
// goes through all that share one, so that with 5000 for everybody each packet would look at each
// endpoint of the process. On the wire the ports are what signalling said; they, and with them the
// checksum (RFC 9260 appendix A), are exchanged here.
#pragma once

#include <cstdint>
#include <mutex>

#include "base/bytes.hpp"

struct socket;  // usrsctp's own, not the kernel's

namespace jmeet::bridge {

class SctpAssociation;
using UsrsctpSocket = struct ::socket;

class UsrsctpLibrary {
 public:
    static std::unique_lock<std::mutex> lock();
    // Starts the library if need be, and takes the lock itself. The number is never used again.
    static std::uint64_t enter(SctpAssociation& association);
    static void leave(std::uint64_t id);  // under the lock
    // A one-to-one socket whose callbacks carry the number, bound to what stands for it; under the
    // lock.
    static UsrsctpSocket* make_socket(std::uint64_t id);
    static bool bind(UsrsctpSocket* socket, std::uint64_t id);
    static bool connect(UsrsctpSocket* socket, std::uint64_t id);
    // A packet whose checksum is right, with any ports.
    static void input(std::uint64_t id, BytesView packet);
};

}  // namespace jmeet::bridge
