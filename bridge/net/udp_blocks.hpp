// The kernel's tables for recvmmsg and sendmmsg, laid out once per UdpPort. Not for others.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>

#include "bridge/net/udp_port.hpp"

namespace jmeet::bridge {

struct UdpPort::ReceiveBlock {
    std::array<mmsghdr, kBatch> messages{};
    std::array<iovec, kBatch> vectors{};
    std::array<sockaddr_storage, kBatch> addresses{};
    std::array<PacketPtr, kBatch> packets;  // taken before the read, what is left stays
    std::array<Datagram, kBatch> batch;
    std::size_t used = kBatch;  // by the last read: these are to be laid out anew
};

struct UdpPort::SendBlock {
    static constexpr std::size_t kControl = CMSG_SPACE(sizeof(std::uint16_t));

    struct alignas(cmsghdr) Control {
        std::array<std::uint8_t, kControl> bytes{};
    };

    // What one message carries.
    struct Load {
        std::uint16_t datagrams = 0;
        std::uint32_t bytes = 0;
    };

    std::array<mmsghdr, SendBatch::kSlots> messages{};
    std::array<Load, SendBatch::kSlots> loads{};
    std::array<sockaddr_storage, SendBatch::kSlots> addresses{};
    std::array<Control, SendBatch::kSlots> controls{};
    std::array<iovec, SendBatch::kSlots> vectors{};
    std::size_t used_vectors = 0;
};

}  // namespace jmeet::bridge
