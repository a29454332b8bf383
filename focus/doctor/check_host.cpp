// The doctor on its own host: settings, addresses, the media port, limits.
#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "focus/doctor/checks.hpp"
#include "focus/doctor/host.hpp"

namespace jmeet::doctor {
namespace {

// LIMIT: what a busy media port needs to take a burst; Jitsi's packages ask for as much.
constexpr std::uint64_t kWantedReceiveBuffer = 10'485'760;
// LIMIT: one descriptor per WebSocket and HTTP connection, and some.
constexpr std::uint64_t kWantedFiles = 4'096;

void check_addresses(const Plan& plan, Findings& findings) {
    std::vector<std::string> offered = plan.local.empty() ? own_addresses() : plan.local;
    offered.insert(offered.end(), plan.advertise.begin(), plan.advertise.end());
    if (offered.empty()) {
        return findings.wrong("This host has no address to offer to browsers.",
                              "Connect it to a network, or set JVB_ADVERTISE_IPS.");
    }
    const std::string list = fmt::format("{}", fmt::join(offered, ", "));
    const bool reachable =
        std::any_of(offered.begin(), offered.end(), [](const auto& a) { return !is_private(a); });
    if (!reachable) {
        return findings.note(
            fmt::format("Browsers are offered only private addresses ({}): from the Internet they "
                        "get no audio or video.",
                        list),
            "Set JVB_ADVERTISE_IPS to the public address of this host.");
    }
    findings.fine("Browsers are offered " + list + ".");
}

void check_media_port(const Plan& plan, Findings& findings) {
    switch (look_at_udp_port(plan.media_port)) {
        case UdpPort::in_use:
            return findings.fine(
                fmt::format("UDP {} is in use, as it is while a bridge runs.", plan.media_port));
        case UdpPort::free:
            return findings.note(
                fmt::format("UDP {} is free: no bridge runs on this host.", plan.media_port),
                "Start it, unless that is meant; and open the port to everybody.");
        case UdpPort::forbidden:
            return findings.wrong(fmt::format("UDP {} may not be used here.", plan.media_port),
                                  "Set JVB_PORT to a port above 1024, or give the right to it.");
    }
}

}  // namespace

void check_passwords(const Plan& plan, Findings& findings) {
    findings.fine(fmt::format(
        "Role {}: domain {}, accounts at {}, rooms at {}, brewery {}.",
        plan.main ? "main" : "bridge", plan.domains.main, plan.domains.auth, plan.domains.muc,
        plan.domains.brewery));
    const auto check = [&](const Account& account, bool needed) {
        if (!account.password.empty() || !needed) return;
        findings.wrong(fmt::format("The password of {}@{} is not set.", account.user,
                                   plan.domains.auth),
                       "Set " + account.password_option + " as in MAIN's .env.");
    };
    check(plan.focus, plan.main);
    check(plan.bridge, plan.carries_media);
}

void check_host(const Plan& plan, Findings& findings) {
    if (plan.carries_media) {
        check_addresses(plan, findings);
        check_media_port(plan, findings);
        const std::uint64_t buffer = receive_buffer_limit();
        if (buffer != 0 && buffer < kWantedReceiveBuffer) {
            findings.note(fmt::format("net.core.rmem_max is {}: bursts of media are lost on a "
                                      "busy host.",
                                      buffer),
                          fmt::format("sysctl -w net.core.rmem_max={}", kWantedReceiveBuffer));
        }
    }
    const std::uint64_t files = open_files_limit();
    if (files < kWantedFiles) {
        findings.note(fmt::format("A process may open {} files.", files),
                      "Raise LimitNOFILE (ulimit -n) to 65536.");
    }
}

}  // namespace jmeet::doctor
