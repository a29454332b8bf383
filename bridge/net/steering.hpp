// Steering: tells the kernel which of the sockets that share the media port an address belongs to,
// so that in the steady state no datagram comes to the wrong worker.
//
// A classic BPF program (SO_ATTACH_REUSEPORT_CBPF, no privileges) makes one number of source
// address and port and searches it among the ranges that the known addresses span. It is a hint:
// what it does not know, and what two addresses with the same number bring, comes to some worker
// and is handed over. The socket's place in the group is the order of binding. Called from one
// thread, the control side's.
#pragma once

#include <linux/filter.h>

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "bridge/ice/address.hpp"
#include "bridge/net/directory.hpp"

namespace jmeet::bridge {

// LIMIT: ranges of one program; the kernel takes 4,096 instructions (BPF_MAXINSNS), a range needs
// three at most. Neighbours of one worker are one range.
inline constexpr std::size_t kMaxSteeringRanges = 1'350;

// The program for one family; empty without any address. At most `max_ranges` ranges.
std::vector<sock_filter> steering_program(
    Family family, const std::unordered_map<Address, WorkerIndex>& addresses,
    std::size_t max_ranges = kMaxSteeringRanges);

// Attaches it to the group that the socket belongs to. A kernel that has no room for a program of
// that length (net.core.optmem_max) gets a shorter one. False when it takes none.
bool steer(int socket, Family family,
           const std::unordered_map<Address, WorkerIndex>& addresses);

}  // namespace jmeet::bridge
