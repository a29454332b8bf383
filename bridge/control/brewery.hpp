// A bridge in the brewery: joins the MUC in which bridges gather, says its load in presence,
// answers COLIBRI2, health and version requests that come through that room.
//
// Owned by main, one per XMPP environment. Control thread only. The nickname is this process's
// own: a bridge that came back under its old name would be taken for the one that vanished.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/asio.hpp"
#include "bridge/bridge.hpp"
#include "bridge/control/statistics.hpp"

namespace jmeet::bridge {

struct BreweryConfig {
    std::string host;               // XMPP server; empty = the domain
    std::uint16_t port = 5222;
    std::string domain;             // "auth.<DOMAIN>", where the account lives
    std::string username = "jvb";
    std::string password;
    std::vector<std::string> mucs;  // "jvbbrewery@internal-muc.<DOMAIN>"
    std::string nickname;           // unlike that of any other bridge, ever
    bool verify_certificate = true;
    seconds presence_interval{5};
};

class Brewery {
 public:
    Brewery(asio::io_context& control, Bridge& bridge, BreweryConfig config);
    ~Brewery();
    Brewery(const Brewery&) = delete;
    Brewery& operator=(const Brewery&) = delete;

    void start();
    // Leaves the room and closes the stream.
    awaitable<void> stop();
    // Says the present state at once; otherwise it is said every presence_interval.
    void publish();
    bool joined() const;
    // The sentence that says why this bridge is not in its brewery.
    Result<void> health() const;
    // This one environment, for the statistics.
    MucClients clients() const;

 private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace jmeet::bridge
