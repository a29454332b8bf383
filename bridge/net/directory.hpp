// Directory: what the demuxes of the other workers hold, so that a datagram which came to the
// wrong one is known to be theirs.
//
// Each worker has one, and so has whoever tells the kernel which worker an address belongs to; it
// is kept by news that every demux writes of its own changes. Values in and out; one thread.
// LIMIT: as many entries as all demuxes have together.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "bridge/ice/address.hpp"
#include "bridge/net/demux.hpp"

namespace jmeet::bridge {

using WorkerIndex = std::uint32_t;

class Directory {
 public:
    // False when it changed nothing.
    bool apply(WorkerIndex worker, const DemuxNews& news);
    // Whose it is; by the same rules as Demux::route.
    std::optional<WorkerIndex> find(BytesView datagram, const Address& from) const;

    const std::unordered_map<Address, WorkerIndex>& addresses() const { return addresses_; }

 private:
    std::optional<WorkerIndex> find_stun(BytesView datagram) const;

    std::unordered_map<Address, WorkerIndex> addresses_;
    std::unordered_map<std::string, WorkerIndex, TextHash, std::equal_to<>> ufrags_;
    std::unordered_map<EndpointToken, WorkerIndex> tokens_;
};

}  // namespace jmeet::bridge
