// The checks, one after the other, from the host outward: each adds its findings and says whether
// the next one can mean anything.
//
// Called by run_doctor(); one thread.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/asio.hpp"
#include "focus/doctor/findings.hpp"
#include "focus/doctor/plan.hpp"
#include "xmpp/bridge_heartbeat.hpp"

namespace jmeet::doctor {

using std::chrono::milliseconds;

// LIMIT: one question to a server that is there takes milliseconds.
inline constexpr milliseconds kPatience{5'000};

void check_passwords(const Plan& plan, Findings& findings);
// Name, port, stream and TLS of one server; false: nobody can log in there.
bool check_server(const Plan& plan, const xmpp::Server& server, Findings& findings);
// Addresses, media port and limits of this host.
void check_host(const Plan& plan, Findings& findings);

// Logs in with the accounts whose passwords are known; looks at the brewery, at the focus from
// where clients ask, at rooms, and at the clock.
awaitable<void> check_accounts(asio::io_context& io, Plan plan, xmpp::Server server,
                               Findings& findings);

// Bridges of ours that were seen in the brewery: does the media port of each answer this host?
struct SeenBridge {
    std::string name;
    xmpp::BridgeHeartbeat heartbeat;
};
awaitable<void> check_media(std::vector<SeenBridge> bridges, Findings& findings);

}  // namespace jmeet::doctor
