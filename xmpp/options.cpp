#include "xmpp/options.hpp"

#include <charconv>

namespace jmeet::xmpp {

std::vector<Option> shared_options() {
    const std::string general = "General";
    const std::string xmpp = "XMPP server";
    return {
        {"role", "", OptionKind::text, "", "main (focus + bridge selector + SFU) or bridge (SFU)",
         general},
        {"xmpp", "", OptionKind::text, "",
         "the installation's domain: sets XMPP_DOMAIN, and XMPP_SERVER for a bridge", general},
        {"env-file", "", OptionKind::text, "", "read variables from this file, e.g. .env", general},
        {"log-level", "LOG_LEVEL", OptionKind::text, "info", "fine, info, warning or severe",
         general},
        {"log-file", "JMEET_LOG_FILE", OptionKind::text, "", "write the log to this file as well",
         general},
        {"xmpp-server", "XMPP_SERVER", OptionKind::list, "",
         "host or host:port of Prosody; a bridge takes several, separated by commas", xmpp},
        {"xmpp-port", "XMPP_PORT", OptionKind::number, "5222", "port where xmpp-server has none",
         xmpp, 1, 65535},
        {"xmpp-domain", "XMPP_DOMAIN", OptionKind::text, "", "the domain that users see", xmpp},
        {"xmpp-auth-domain", "XMPP_AUTH_DOMAIN", OptionKind::text, "",
         "domain of the accounts; unset: auth.<XMPP_DOMAIN>", xmpp},
        {"xmpp-muc-domain", "XMPP_MUC_DOMAIN", OptionKind::text, "",
         "domain of the meeting rooms; unset: muc.<XMPP_DOMAIN>", xmpp},
        {"xmpp-internal-muc-domain", "XMPP_INTERNAL_MUC_DOMAIN", OptionKind::text, "",
         "domain of the brewery; unset: internal-muc.<XMPP_DOMAIN>", xmpp},
        {"jvb-brewery-muc", "JVB_BREWERY_MUC", OptionKind::text, "jvbbrewery",
         "the room in which bridges gather", xmpp},
        {"xmpp-verify-certificate", "XMPP_VERIFY_CERTIFICATE", OptionKind::boolean, "0",
         "check Prosody's certificate (installations use self-signed ones for auth.<DOMAIN>)",
         xmpp},
        {"jvb-auth-user", "JVB_AUTH_USER", OptionKind::text, "jvb",
         "account of all bridges at the auth domain", xmpp},
        {"jvb-auth-password", "JVB_AUTH_PASSWORD", OptionKind::secret, "", "its password", xmpp},
        {"jvb-muc-nickname", "JVB_MUC_NICKNAME", OptionKind::text, "",
         "this bridge's name in the brewery, unlike any other; unset: made at each start", xmpp},
    };
}

Result<Domains> read_domains(const Options& options) {
    const std::string& given = options.text("xmpp");
    const std::string& domain = options.text("xmpp-domain");
    if (!given.empty() && !domain.empty() && given != domain) {
        return fail("--xmpp=" + given + " contradicts " + options.spelled("xmpp-domain") + "=" +
                    domain + ": give one of them, or the same domain");
    }
    Domains d;
    d.main = given.empty() ? domain : given;
    if (d.main.empty()) {
        return fail("the domain is missing: start with --xmpp=<DOMAIN>, or set XMPP_DOMAIN");
    }
    const auto or_else = [&](const char* option, const std::string& standard) {
        return options.is_set(option) ? options.text(option) : standard;
    };
    d.auth = or_else("xmpp-auth-domain", "auth." + d.main);
    d.muc = or_else("xmpp-muc-domain", "muc." + d.main);
    d.internal_muc = or_else("xmpp-internal-muc-domain", "internal-muc." + d.main);
    d.brewery = options.text("jvb-brewery-muc") + "@" + d.internal_muc;
    return d;
}

Result<std::vector<Server>> read_servers(const Options& options, const std::string& default_host) {
    auto items = options.list("xmpp-server");
    if (items.empty()) items.push_back(default_host);
    const auto standard_port = static_cast<std::uint16_t>(options.number("xmpp-port"));
    std::vector<Server> servers;
    for (const auto& item : items) {
        const auto colon = item.rfind(':');
        // More than one colon outside brackets is an IPv6 address without a port.
        if (colon == std::string::npos || (item.find(':') != colon && item[colon - 1] != ']')) {
            servers.push_back({item, standard_port});
            continue;
        }
        const std::string digits = item.substr(colon + 1);
        std::uint16_t port = 0;
        const auto [end, failed] =
            std::from_chars(digits.data(), digits.data() + digits.size(), port);
        if (failed != std::errc{} || end != digits.data() + digits.size() || port == 0) {
            return fail("option " + options.spelled("xmpp-server") + ": '" + item +
                        "' is not host or host:port");
        }
        servers.push_back({item.substr(0, colon), port});
    }
    return servers;
}

}  // namespace jmeet::xmpp
