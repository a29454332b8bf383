// The doctor behind the login: accounts, brewery and its bridges, focus, rooms, clock.
#include <spdlog/fmt/fmt.h>

#include <cmath>
#include <memory>
#include <random>
#include <set>

#include "focus/doctor/checks.hpp"
#include "focus/doctor/clock_offset.hpp"
#include "xmpp/client.hpp"
#include "xmpp/jitsi_stats.hpp"
#include "xmpp/namespaces.hpp"

namespace jmeet::doctor {
namespace {

// LIMIT: TURN credentials and tokens are valid to the minute.
constexpr double kMuchOff = 10.0;

std::unique_ptr<xmpp::Client> make_client(asio::io_context& io, const Plan& plan,
                                          const xmpp::Server& server, const Account& account) {
    xmpp::ClientConfig config;
    auto& connection = config.connection;
    // A resource of its own: the program that runs keeps its place.
    connection.jid = xmpp::Jid(account.user, plan.domains.auth,
                               fmt::format("doctor-{:08x}", std::random_device{}()));
    connection.password = account.password;
    connection.host = server.host;
    connection.port = server.port;
    connection.tls = xmpp::TlsPolicy::if_possible;
    connection.verify_certificate = plan.verify_certificate;
    connection.stream_management = false;
    connection.user_option = account.user + "@" + plan.domains.auth;
    connection.password_option = account.password_option;
    config.send_presence = false;
    return std::make_unique<xmpp::Client>(io, std::move(config),
                                          log::Logger(log::Program::focus, "Doctor"));
}

awaitable<bool> log_in(xmpp::Client& client, const Plan& plan, const Account& account,
                       Findings& findings) {
    client.start();
    const auto end = Clock::now() + kPatience;
    while (!client.connected() && client.stream().last_error().empty() && Clock::now() < end) {
        co_await sleep_for(milliseconds(20));
    }
    const std::string jid = account.user + "@" + plan.domains.auth;
    if (client.connected()) {
        findings.fine(jid + " can log in.");
        co_return true;
    }
    const std::string why = client.stream().last_error();
    const bool unknown = why.find("has no account") != std::string::npos;
    findings.wrong(
        fmt::format("{} cannot log in: {}.", jid, why.empty() ? "no answer in time" : why),
        unknown ? "Make it on MAIN: prosodyctl register " + account.user + " " +
                      plan.domains.auth + " <password>."
                : "Copy " + account.password_option +
                      " from MAIN's .env; where passwords were made anew, register the account "
                      "again with the new one: prosodyctl register " +
                      account.user + " " + plan.domains.auth + " <password>.");
    co_return false;
}

struct Seen {
    bool focus = false;
    std::vector<std::string> bridges;
    std::vector<SeenBridge> with_heartbeat;
    std::set<std::string> versions;
    int draining = 0;
};

Seen look_around(const xmpp::MucRoom& room) {
    Seen seen;
    for (const auto& [nick, occupant] : room.occupants()) {
        seen.focus |= nick == "focus";
        xmpp::Element presence("presence", xmpp::ns::kClient);
        presence.children() = occupant.extensions;
        const auto stats = xmpp::parse_bridge_stats(presence);
        if (!stats) continue;
        if (auto heartbeat = xmpp::parse_bridge_heartbeat(presence)) {
            seen.with_heartbeat.push_back({nick, std::move(*heartbeat)});
        }
        const std::string version = stats->find("version").value_or("no version");
        seen.versions.insert(version);
        seen.draining += stats->find_bool("drain").value_or(true) ? 1 : 0;
        seen.bridges.push_back(fmt::format("{} ({}, stress {})", nick, version,
                                           stats->find("stress_level").value_or("unknown")));
    }
    return seen;
}

void report_brewery(const Plan& plan, const Seen& seen, Findings& findings) {
    if (seen.focus) {
        findings.fine("The focus is in the brewery.");
    } else {
        findings.wrong("No focus is in the brewery " + plan.domains.brewery + ".",
                       plan.main ? "Start jmeet --role=main; see its log."
                                 : "Start jmeet --role=main on MAIN; if it runs, this is another "
                                   "server than MAIN's, or JVB_BREWERY_MUC differs.");
    }
    if (seen.bridges.empty()) {
        if (plan.main) {
            findings.wrong("No bridge is in the brewery: meetings of three have no media.",
                           "Start jmeet --role=main with its bridge, or a bridge elsewhere.");
        } else {
            findings.note("No bridge is in the brewery yet.", "Start this one.");
        }
        return;
    }
    findings.fine(fmt::format("Bridges in the brewery: {}.", fmt::join(seen.bridges, ", ")));
    if (seen.versions.size() > 1) {
        findings.note(
            fmt::format("Bridges have {} versions: a conference uses bridges of one version only.",
                        seen.versions.size()),
            "Bring them to the same version.");
    }
    if (seen.draining == static_cast<int>(seen.bridges.size())) {
        findings.note("All bridges are draining: new meetings avoid them as far as they can.",
                      "Switch drain off on those that are to work.");
    }
}

awaitable<void> check_brewery(xmpp::Client& client, const Plan& plan, Findings& findings) {
    const auto jid = xmpp::Jid::parse(plan.domains.brewery);
    if (!jid) {
        findings.wrong("The brewery " + plan.domains.brewery + " is no room's address.",
                       "Correct JVB_BREWERY_MUC and XMPP_INTERNAL_MUC_DOMAIN.");
        co_return;
    }
    xmpp::MucEvents nobody;
    xmpp::MucRoom room(client.rooms(), *jid, client.jid().resource(), nobody);
    xmpp::MucJoinOptions options;
    options.deadline = kPatience;
    const auto joined = co_await room.join(options);
    if (!joined) {
        findings.wrong(
            fmt::format("The brewery cannot be entered: {}.", joined.error().what),
            "Make both accounts admins of Component \"" + plan.domains.internal_muc +
                "\" in Prosody's configuration (JVB_AUTH_USER must be the same everywhere).");
        co_return;
    }
    Seen seen = look_around(room);
    room.leave();
    report_brewery(plan, seen, findings);
    co_await check_media(std::move(seen.with_heartbeat), findings);
}

// Any client may ask the focus' address what it is; only a focus that is connected answers.
awaitable<void> check_focus(xmpp::Client& client, const Plan& plan, Findings& findings) {
    const std::string address = "focus." + plan.domains.main;
    const auto info = co_await client.iq().request(
        xmpp::make_iq("get", address, xmpp::Element("query", xmpp::ns::kDiscoInfo)), kPatience);
    if (info) {
        findings.fine("The focus answers at " + address + ", where clients ask it.");
        co_return;
    }
    const bool no_component =
        info.error().is("remote-server-not-found") || info.error().is("item-not-found");
    findings.wrong(
        fmt::format("The focus does not answer at {}, where clients ask it: {}.", address,
                    info.error().to_string()),
        no_component ? "Add Component \"" + address +
                           "\" to Prosody's configuration, with the component_secret that "
                           "JICOFO_COMPONENT_SECRET has, or as Jitsi's \"client_proxy\"."
                     : "Start jmeet --role=main on MAIN; if it runs, compare "
                       "JICOFO_COMPONENT_SECRET with component_secret, and see its log.");
}

awaitable<void> check_rooms(xmpp::Client& client, const Plan& plan, Findings& findings) {
    xmpp::MucEvents nobody;
    // COMPAT: Jitsi's Prosody plugins let a room begin with the occupant "focus", and leave rooms of
    // this name, which Jicofo checks its own health with, out of everything else.
    const xmpp::Jid jid("__jicofo-health-check-" + client.jid().resource(), plan.domains.muc);
    xmpp::MucRoom room(client.rooms(), jid, plan.focus.user, nobody);
    xmpp::MucJoinOptions options;
    options.deadline = kPatience;
    const auto joined = co_await room.join(options);
    if (joined) {
        findings.fine("The focus' account can open rooms at " + plan.domains.muc + ".");
        room.leave();
        co_return;
    }
    findings.wrong(
        fmt::format("No room can be opened at {}: {}.", plan.domains.muc, joined.error().what),
        "Add Component \"" + plan.domains.muc + "\" \"muc\" with admins = { \"focus@" +
            plan.domains.auth + "\" } to Prosody's configuration, or correct XMPP_MUC_DOMAIN.");
}

awaitable<void> check_clock(xmpp::Client& client, const Plan& plan, Findings& findings) {
    const auto answer = co_await client.iq().request(
        xmpp::make_iq("get", plan.domains.auth, xmpp::Element("time", kTimeNamespace)), kPatience);
    // Not every server tells the time; then nothing is known.
    const auto offset = answer ? clock_offset(*answer, std::chrono::system_clock::now())
                               : std::nullopt;
    if (!offset) co_return;
    if (std::abs(*offset) < kMuchOff) {
        findings.fine("The clocks of this host and of the server agree.");
        co_return;
    }
    findings.wrong(fmt::format("The clock of this host is {:.0f} s {} the server's: tokens and "
                               "TURN passwords fail.",
                               std::abs(*offset), *offset > 0 ? "ahead of" : "behind"),
                   "Run a time service (systemd-timesyncd, chrony) on both hosts.");
}

}  // namespace

awaitable<void> check_accounts(asio::io_context& io, Plan plan, xmpp::Server server,
                               Findings& findings) {
    bool looked_around = false;
    for (const Account* const account : {&plan.bridge, &plan.focus}) {
        if (account->password.empty()) continue;
        const auto client = make_client(io, plan, server, *account);
        if (co_await log_in(*client, plan, *account, findings)) {
            const bool first = !std::exchange(looked_around, true);
            if (first) co_await check_brewery(*client, plan, findings);
            if (first) co_await check_focus(*client, plan, findings);
            if (first) co_await check_clock(*client, plan, findings);
            if (account == &plan.focus) co_await check_rooms(*client, plan, findings);
        }
        co_await client->stop();
    }
}

}  // namespace jmeet::doctor
