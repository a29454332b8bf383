// The doctor on a server before any login.
#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "focus/doctor/checks.hpp"
#include "focus/doctor/host.hpp"
#include "focus/doctor/server_probe.hpp"

namespace jmeet::doctor {
namespace {

// LIMIT: a self-made certificate is made for years, one from an authority is renewed at a third.
constexpr int kFewDays = 10;

// Where MAIN is meant, a server on this host would answer in its place.
void check_shadow(const Plan& plan, const xmpp::Server& server,
                  const std::vector<std::string>& addresses, Findings& findings) {
    if (plan.main) return;
    const auto own = own_addresses();
    for (const std::string& address : addresses) {
        const bool here = is_loopback(address) ||
                          std::find(own.begin(), own.end(), address) != own.end();
        if (!here) continue;
        return findings.wrong(
            fmt::format("{} leads to this host itself ({}): an XMPP server here would answer in "
                        "MAIN's place, and the bridge would never meet MAIN's focus.",
                        server.host, address),
            "Set XMPP_SERVER to MAIN's address, or mend /etc/hosts; stop a Prosody on this host "
            "that nobody needs.");
    }
}

void report_tls(const Plan& plan, const ServerProbe& probe, Findings& findings) {
    const std::string& domain = plan.domains.auth;
    if (!probe.offers_tls) {
        return findings.wrong("The server offers no TLS for " + domain + ".",
                              "Give Prosody a certificate for it: prosodyctl cert generate " +
                                  domain + ".");
    }
    if (!probe.certificate) {
        return findings.wrong("TLS cannot be begun: " + probe.tls_error + ".",
                              "Check the certificate and key of " + domain +
                                  " in Prosody's configuration, and its log.");
    }
    const Certificate& shown = *probe.certificate;
    const std::string name =
        fmt::format("the certificate of {} (for \"{}\", issued by \"{}\", sha-256 {})", domain,
                    shown.subject, shown.issuer, shown.sha256.substr(0, 16));
    if (shown.days_left < 0) {
        return findings.wrong("T" + name.substr(1) + " has expired.", "Make or fetch a new one.");
    }
    if (plan.verify_certificate && !(shown.distrust.empty() && shown.names_domain)) {
        return findings.wrong(
            "This host does not trust " + name + ": " +
                (shown.distrust.empty() ? "it names another domain" : shown.distrust) + ".",
            "Install its issuer on this host, or set XMPP_VERIFY_CERTIFICATE=0.");
    }
    if (shown.days_left < kFewDays) {
        return findings.note(fmt::format("T{} ends in {} days.", name.substr(1), shown.days_left),
                             "Renew it.");
    }
    findings.fine(fmt::format("TLS works with {}; it is good for {} days.", name, shown.days_left));
}

// The .env may have another domain than the server was set up with.
std::string served_instead(const Plan& plan, const xmpp::Server& server) {
    for (const std::string& domain :
         {"auth." + plan.domains.main, std::string("auth.meet.jitsi"), "auth." + server.host}) {
        if (domain == plan.domains.auth) continue;
        const auto probe = probe_server(server.host, server.port, domain, kPatience);
        if (probe.reach == ServerProbe::Reach::served) return domain;
    }
    return {};
}

void report_reach(const Plan& plan, const xmpp::Server& server, const ServerProbe& probe,
                  Findings& findings) {
    const std::string where = fmt::format("{}:{}", server.host, server.port);
    using Reach = ServerProbe::Reach;
    switch (probe.reach) {
        case Reach::refused:
            return findings.wrong(
                fmt::format("Port {} is not published or nothing listens there on {}: {}.",
                            server.port, server.host, probe.error),
                fmt::format("Start Prosody there and open TCP {} to this host (docker: publish the "
                            "port; Debian: c2s_interfaces).",
                            server.port));
        case Reach::silent:
            return findings.wrong("No answer from " + where + ": " + probe.error + ".",
                                  fmt::format("Open TCP {} in the firewalls between this host and "
                                              "it, or correct XMPP_SERVER.",
                                              server.port));
        case Reach::unreachable:
            return findings.wrong("There is no way to " + where + ": " + probe.error + ".",
                                  "Correct XMPP_SERVER or this host's routes.");
        case Reach::no_xmpp:
            return findings.wrong(where + " is no XMPP server: " + probe.error + ".",
                                  "Correct XMPP_SERVER and XMPP_PORT (usually 5222).");
        case Reach::host_unknown: {
            const std::string other = served_instead(plan, server);
            return findings.wrong(
                fmt::format("The server at {} does not serve the domain {}{}.", where,
                            plan.domains.auth, other.empty() ? "" : ", but " + other),
                other.empty()
                    ? "Give XMPP_DOMAIN and XMPP_AUTH_DOMAIN the values of MAIN's .env."
                    : "Set XMPP_AUTH_DOMAIN=" + other +
                          " and XMPP_DOMAIN and the other domains as in MAIN's .env.");
        }
        case Reach::served: break;
    }
    findings.fine(fmt::format("{} serves {}.", where, plan.domains.auth));
}

}  // namespace

bool check_server(const Plan& plan, const xmpp::Server& server, Findings& findings) {
    const auto addresses = resolve(server.host);
    if (!addresses) {
        findings.wrong(
            fmt::format("The name {} has no address: {}.", server.host, addresses.error().what),
            "Correct XMPP_SERVER, or enter the name in DNS or /etc/hosts.");
        return false;
    }
    if (addresses->front() != server.host) {
        findings.fine(fmt::format("{} is at {}.", server.host, fmt::join(*addresses, ", ")));
    }
    check_shadow(plan, server, *addresses, findings);
    const auto probe = probe_server(server.host, server.port, plan.domains.auth, kPatience);
    report_reach(plan, server, probe, findings);
    if (probe.reach != ServerProbe::Reach::served) return false;
    report_tls(plan, probe, findings);
    return true;
}

}  // namespace jmeet::doctor
