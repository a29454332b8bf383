// The one usrsctp of the process: its start, its lock, its clock, and the table of who is who.
// For association.cpp only; association.hpp says why it is like this.
#pragma once

#include <cstdint>
#include <mutex>

struct socket;  // usrsctp's own, not the kernel's

namespace jmeet::bridge {

class SctpAssociation;
using UsrsctpSocket = struct ::socket;

class UsrsctpLibrary {
 public:
    static std::unique_lock<std::mutex> lock();
    // Starts the library if need be, and takes the lock itself. The number is never used again.
    static std::uintptr_t enter(SctpAssociation& association);
    static void leave(std::uintptr_t id);  // under the lock
    // A one-to-one socket whose callbacks carry the number; under the lock.
    static UsrsctpSocket* make_socket(std::uintptr_t id);
};

}  // namespace jmeet::bridge
