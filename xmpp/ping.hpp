// XMPP ping (XEP-0199): answers it, and asks our own server whether the stream still lives.
// Owned by a Client; control thread.
#pragma once

#include <chrono>

#include "base/task_group.hpp"
#include "xmpp/iq.hpp"

namespace jmeet::xmpp {

// LIMIT: Jitsi's bridges ping every 30 s; a dead server is noticed after 45 s at most.
inline constexpr std::chrono::seconds kPingInterval{30};

// True when an answer came, even an error: somebody is there.
awaitable<bool> request_ping(IqRouter& iq, Jid to, Duration deadline = kIqDeadline);

class Pinger {
 public:
    // Answers pings to us. Clients also ping their server; a component has nobody to ask.
    explicit Pinger(IqRouter& iq, Duration interval = kPingInterval);
    awaitable<void> stop() { return tasks_.stop(); }

 private:
    void on_state(const ConnectionEvent& event);
    awaitable<void> ping_server(std::uint64_t session);

    IqRouter& iq_;
    Duration interval_;
    std::uint64_t session_ = 0;
    Subscription states_;
    TaskGroup tasks_;
};

}  // namespace jmeet::xmpp
