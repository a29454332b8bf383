// The options of the meeting page.
#include <filesystem>

#include "focus/options.hpp"
#include "xmpp/options.hpp"

namespace jmeet::focus {

std::vector<Option> meet_options() {
    const std::string page = "Meeting page";
    return {
        {"meet-folder", "JMEET_MEET_FOLDER", OptionKind::text, "/usr/local/share/jmeet/meet",
         "the built meeting page", page},
        {"http-address", "JMEET_HTTP_ADDRESS", OptionKind::text, "127.0.0.1",
         "address of the meeting page's plain HTTP", page},
        {"http-port", "HTTP_PORT", OptionKind::number, "0", "its port; 0: none", page, 0, 65535},
        {"https-port", "HTTPS_PORT", OptionKind::number, "0",
         "port of the meeting page's HTTPS, on all addresses; 0: none", page, 0, 65535},
        {"https-certificate", "HTTPS_CERTIFICATE", OptionKind::text, "",
         "certificate chain (PEM file)", page},
        {"https-key", "HTTPS_KEY", OptionKind::text, "", "its private key (PEM file)", page},
        {"xmpp-bosh-url-base", "XMPP_BOSH_URL_BASE", OptionKind::text, "",
         "Prosody's HTTP port, http://host:port; unset: http://<XMPP_SERVER>:5280", page},
    };
}

Result<MeetConfig> read_meet_config(const Options& options) {
    const auto domains = xmpp::read_domains(options);
    if (!domains) return domains.error();
    const auto servers = xmpp::read_servers(options, "localhost");
    if (!servers) return servers.error();
    MeetConfig config;
    config.http_address = options.text("http-address");
    config.http_port = static_cast<std::uint16_t>(options.number("http-port"));
    config.https_port = static_cast<std::uint16_t>(options.number("https-port"));
    config.domain = domains->main;
    config.muc_domain = domains->muc;
    if (config.http_port == 0 && config.https_port == 0) return config;

    config.folder = options.text("meet-folder");
    if (!std::filesystem::exists(config.folder + "/index.html")) {
        return fail("the meeting page is not in '" + config.folder +
                    "': run deploy/build-meet, or give its folder with " +
                    options.spelled("meet-folder"));
    }
    if (config.https_port != 0) {
        config.tls = TlsFiles{options.text("https-certificate"), options.text("https-key")};
        if (config.tls->certificate_chain.empty() || config.tls->private_key.empty()) {
            return fail("option " + options.spelled("https-port") + " needs " +
                        options.spelled("https-certificate") + " and " +
                        options.spelled("https-key"));
        }
    }
    config.prosody_host = servers->front().host;
    if (options.is_set("xmpp-bosh-url-base")) {
        std::string base = options.text("xmpp-bosh-url-base");
        constexpr std::string_view kScheme = "http://";
        if (!base.starts_with(kScheme)) {
            return fail("option " + options.spelled("xmpp-bosh-url-base") +
                        " must begin with http://");
        }
        base = base.substr(kScheme.size(), base.find('/', kScheme.size()) - kScheme.size());
        const auto colon = base.rfind(':');
        config.prosody_host = base.substr(0, colon);
        config.prosody_port = 80;
        if (colon != std::string::npos) {
            const int port = std::atoi(base.c_str() + colon + 1);
            if (port < 1 || port > 65535) {
                return fail("option " + options.spelled("xmpp-bosh-url-base") +
                            ": the port is not between 1 and 65535");
            }
            config.prosody_port = static_cast<std::uint16_t>(port);
        }
    }
    return config;
}

}  // namespace jmeet::focus
