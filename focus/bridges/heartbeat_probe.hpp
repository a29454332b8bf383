// The sockets of one bridge's heartbeat: a connected UDP socket for each address that it named, so
// that the kernel tells of refused ports.
//
// Owned by the coroutine that watches the bridge; control thread; never waits.
// LIMIT: xmpp::kMaxHeartbeatAddresses sockets a bridge.
#pragma once

#include <vector>

#include "base/asio.hpp"
#include "bridge/ice/heartbeat.hpp"
#include "xmpp/bridge_heartbeat.hpp"

namespace jmeet::focus {

class HeartbeatProbe {
 public:
    HeartbeatProbe(const asio::any_io_executor& executor, const xmpp::BridgeHeartbeat& heartbeat);

    // Until one has answered, every address is asked; from then on that one.
    void ask();
    enum class Heard : std::uint8_t { nothing, answer, refusal };
    // Everything that has come since; an answer counts for more than a refusal.
    Heard listen();
    // That answers, or that was tried: for the log.
    std::string where() const;

 private:
    struct Way {
        asio::ip::udp::socket socket;
        asio::ip::udp::endpoint to;
    };
    Heard listen(Way& way);

    bridge::HeartbeatAsker asker_;
    std::vector<Way> ways_;
    std::uint64_t asked_ = 0;
    std::uint64_t answered_ = 0;
};

}  // namespace jmeet::focus
