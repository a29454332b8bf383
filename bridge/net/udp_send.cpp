// The sending half of UdpPort: what a batch becomes in the kernel's tables, and refusals.
#include <netinet/udp.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "bridge/net/socket_address.hpp"
#include "bridge/net/udp_blocks.hpp"

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

namespace jmeet::bridge {

namespace {

// LIMIT: EINVAL may come from one destination with a small path MTU; as many in a row without a
// success mean a kernel that does not know UDP_SEGMENT.
constexpr unsigned kRefusalsUntilOff = 8;

DropReason reason_for(int error) {
    const bool full = error == EAGAIN || error == EWOULDBLOCK || error == ENOBUFS;
    return full ? DropReason::send_no_buffer : DropReason::send_refused;
}

}  // namespace

Bytes UdpPort::slot() {
    if (batch_->full()) flush();
    return batch_->slot();
}

void UdpPort::commit(const Address& to, std::size_t length) {
    const bool reachable = to.is_v4() || (to.is_v6() && has_ipv6());
    if (!reachable || !batch_->commit(to, length)) drops_.add(DropReason::send_refused);
}

void UdpPort::send(const Address& to, BytesView datagram) {
    const Bytes block = slot();
    if (datagram.empty() || datagram.size() > block.size()) {
        drops_.add(DropReason::send_refused);
        return;
    }
    std::memcpy(block.data(), datagram.data(), datagram.size());
    commit(to, datagram.size());
}

void UdpPort::flush() {
    if (batch_->empty()) return;
    if (v4_.fd >= 0) flush_family(Family::ipv4, v4_.fd);
    if (v6_.fd >= 0) flush_family(Family::ipv6, v6_.fd);
    batch_->clear();
}

void UdpPort::flush_family(Family family, int fd) {
    const std::size_t count = prepare(family);
    if (count != 0) send_prepared(fd, count);
}

// One message per run, or per datagram where segmentation is refused.
std::size_t UdpPort::prepare(Family family) {
    std::size_t count = 0;
    send_->used_vectors = 0;
    for (const SendBatch::Run& run : batch_->runs()) {
        if (run.to.family() != family) continue;
        if (segments_) {
            begin_message(run.to, count);
            for (auto at = run.first; at != SendBatch::kNone; at = batch_->next(at)) {
                add_datagram(at, count);
            }
            if (run.count > 1) cut_into(run.segment, count);
            ++count;
            continue;
        }
        for (auto at = run.first; at != SendBatch::kNone; at = batch_->next(at)) {
            begin_message(run.to, count);
            add_datagram(at, count++);
        }
    }
    return count;
}

void UdpPort::begin_message(const Address& to, std::size_t message) {
    SendBlock& s = *send_;
    msghdr& header = s.messages[message].msg_hdr;
    header = {};
    header.msg_name = &s.addresses[message];
    header.msg_namelen = to_sockaddr(to, s.addresses[message]);
    header.msg_iov = &s.vectors[s.used_vectors];
    s.loads[message] = {};
}

void UdpPort::add_datagram(std::uint16_t slot, std::size_t message) {
    SendBlock& s = *send_;
    const BytesView bytes = batch_->datagram(slot);
    // sendmmsg does not write to what it is given; iovec has no const.
    s.vectors[s.used_vectors++] = {const_cast<std::uint8_t*>(bytes.data()), bytes.size()};
    ++s.messages[message].msg_hdr.msg_iovlen;
    ++s.loads[message].datagrams;
    s.loads[message].bytes += static_cast<std::uint32_t>(bytes.size());
}

void UdpPort::cut_into(std::uint16_t segment, std::size_t message) {
    SendBlock& s = *send_;
    msghdr& header = s.messages[message].msg_hdr;
    header.msg_control = s.controls[message].bytes.data();
    header.msg_controllen = SendBlock::kControl;
    cmsghdr* control = CMSG_FIRSTHDR(&header);
    control->cmsg_level = SOL_UDP;
    control->cmsg_type = UDP_SEGMENT;
    control->cmsg_len = CMSG_LEN(sizeof segment);
    std::memcpy(CMSG_DATA(control), &segment, sizeof segment);
}

void UdpPort::send_prepared(int fd, std::size_t count) {
    std::size_t at = 0;
    while (at < count) {
        // Laid out before segmentation was found to be refused.
        if (!segments_ && send_->loads[at].datagrams > 1) {
            send_one_by_one(fd, at++);
            continue;
        }
        std::size_t end = count;
        if (!segments_) {
            end = at;
            while (end < count && send_->loads[end].datagrams == 1) ++end;
        }
        ++counters_.send_calls;
        const int sent = sendmmsg(fd, &send_->messages[at], static_cast<unsigned>(end - at), 0);
        if (sent < 0) {
            at += on_refused(fd, at, count, errno);
            continue;
        }
        for (int i = 0; i < sent; ++i) count_sent(at++);
    }
}

// The message `at` was refused. Returns how many messages are done with.
std::size_t UdpPort::on_refused(int fd, std::size_t at, std::size_t count, int error) {
    const SendBlock::Load& load = send_->loads[at];
    if (load.datagrams > 1 && (error == EIO || error == EINVAL)) {
        if (error == EIO || ++refused_segments_ >= kRefusalsUntilOff) segments_ = false;
        send_one_by_one(fd, at);
        return 1;
    }
    if (error == EAGAIN || error == EWOULDBLOCK) {
        // The socket's own buffer is full, for everything that follows as well.
        for (std::size_t i = at; i < count; ++i) {
            drops_.add(DropReason::send_no_buffer, send_->loads[i].datagrams);
        }
        return count - at;
    }
    drops_.add(reason_for(error), load.datagrams);
    return 1;
}

void UdpPort::send_one_by_one(int fd, std::size_t message) {
    const msghdr& whole = send_->messages[message].msg_hdr;
    for (std::size_t i = 0; i < whole.msg_iovlen; ++i) {
        msghdr header = whole;
        header.msg_iov = &whole.msg_iov[i];
        header.msg_iovlen = 1;
        header.msg_control = nullptr;
        header.msg_controllen = 0;
        ++counters_.send_calls;
        if (sendmsg(fd, &header, 0) >= 0) {
            ++counters_.sent;
            counters_.sent_bytes += whole.msg_iov[i].iov_len;
        } else {
            drops_.add(reason_for(errno));
        }
    }
}

void UdpPort::count_sent(std::size_t message) {
    const SendBlock::Load& load = send_->loads[message];
    counters_.sent += load.datagrams;
    counters_.sent_bytes += load.bytes;
    if (load.datagrams == 1) return;
    ++counters_.segmented_runs;
    refused_segments_ = 0;
}

}  // namespace jmeet::bridge
