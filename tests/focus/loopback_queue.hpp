// Waits until loopback has delivered, however long that takes.
//
// The kernel keeps what a core sends over loopback in one queue of that core and works it off in
// order: with the thread kept on one core, a mark that comes back has let all pass that was sent
// before it, and the kernel's own answers to it are in the queue.
#pragma once

#include <sched.h>

#include <stdexcept>

#include "base/asio.hpp"

namespace jmeet::focus {

class LoopbackQueue {
 public:
    explicit LoopbackQueue(asio::io_context& io)
        : mark_(io, {asio::ip::address_v4::loopback(), 0}) {
        mark_.connect(mark_.local_endpoint());
        sched_getaffinity(0, sizeof allowed_, &allowed_);
        cpu_set_t one;
        CPU_ZERO(&one);
        CPU_SET(sched_getcpu(), &one);
        if (sched_setaffinity(0, sizeof one, &one) != 0) {
            throw std::runtime_error("the thread cannot be kept on one core");
        }
    }
    ~LoopbackQueue() { sched_setaffinity(0, sizeof allowed_, &allowed_); }
    LoopbackQueue(const LoopbackQueue&) = delete;
    LoopbackQueue& operator=(const LoopbackQueue&) = delete;

    void pass() {
        char mark = 0;
        mark_.send(asio::buffer(&mark, 1));
        mark_.receive(asio::buffer(&mark, 1));
    }

 private:
    asio::ip::udp::socket mark_;
    cpu_set_t allowed_;
};

}  // namespace jmeet::focus
