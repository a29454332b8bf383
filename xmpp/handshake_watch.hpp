// Cuts a socket off when a call that should return soon does not.
//
// libstrophe's TLS handshake waits on the calling thread for as long as the server is silent. A
// timer of the system shuts the socket down from a thread of its own, and the handshake fails.
// Owned by a Connection; arm and disarm on its thread.
#pragma once

#include <ctime>

#include <atomic>
#include <chrono>

namespace jmeet::xmpp {

class HandshakeWatch {
 public:
    HandshakeWatch();
    ~HandshakeWatch();
    HandshakeWatch(const HandshakeWatch&) = delete;
    HandshakeWatch& operator=(const HandshakeWatch&) = delete;

    // Shuts the socket down after the limit, unless disarm() comes first.
    void arm(int socket, std::chrono::milliseconds limit);
    void disarm();

 private:
    void set(std::chrono::milliseconds in);

    std::atomic<int> socket_{-1};
    timer_t timer_{};
    bool made_ = false;
};

}  // namespace jmeet::xmpp
