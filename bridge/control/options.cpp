#include "bridge/control/options.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <random>
#include <thread>

#include "bridge/media_workers.hpp"
#include "xmpp/options.hpp"

namespace jmeet::bridge {

std::vector<Option> bridge_options() {
    const std::string media = "Bridge: media";
    const std::string http = "Bridge: HTTP and bridge channel";
    return {
        {"jvb-port", "JVB_PORT", OptionKind::number, "10000", "the one UDP port of all media",
         media, 1, 65535},
        {"jvb-media-threads", "JVB_MEDIA_THREADS", OptionKind::number, "1",
         "threads that carry media, each with whole conferences; 0: one for each core", media, 0,
         kMaxMediaWorkers},
        {"jvb-advertise-ips", "JVB_ADVERTISE_IPS", OptionKind::list, "",
         "public addresses of this host: ip or ip#port, separated by commas", media},
        {"jvb-local-addresses", "JVB_LOCAL_ADDRESSES", OptionKind::list, "",
         "offer only these local addresses; unset: all interfaces", media},
        {"jvb-advertise-private-candidates", "JVB_ADVERTISE_PRIVATE_CANDIDATES",
         OptionKind::boolean, "1", "offer private addresses as well", media},
        {"jvb-loopback-candidates", "JVB_LOOPBACK_CANDIDATES", OptionKind::boolean, "0",
         "offer 127.0.0.1, for a host without a network", media},
        {"jvb-require-valid-address", "JVB_REQUIRE_VALID_ADDRESS", OptionKind::boolean, "0",
         "be unhealthy without a public address", media},
        {"jvb-region", "JVB_OCTO_REGION", OptionKind::text, "", "where this bridge stands", media},
        {"jvb-load-threshold", "JVB_LOAD_THRESHOLD", OptionKind::number, "50000",
         "packets per second that count as a stress of 1", media, 1, 1'000'000'000},
        {"jvb-load-reducer", "JVB_LOAD_REDUCER", OptionKind::boolean, "0",
         "send everybody fewer videos while this bridge is overloaded", media},
        {"jvb-cc-trust-bwe", "JVB_CC_TRUST_BWE", OptionKind::boolean, "1",
         "send no more video than a receiver's bandwidth estimate allows", media},
        {"jvb-conference-last-n-limits", "JVB_CONFERENCE_LAST_N_LIMITS", OptionKind::list, "",
         "at most so many videos to each in conferences from a size on: size=videos, separated by "
         "commas", media},
        {"jvb-route-loudest-only", "JVB_ROUTE_LOUDEST_ONLY", OptionKind::boolean, "0",
         "pass on the audio of the loudest speakers alone", media},
        {"jvb-num-loudest", "JVB_NUM_LOUDEST", OptionKind::number, "3",
         "how many they are, beside the dominant speaker", media, 1, 1'000},
        {"jvb-http-address", "JVB_HTTP_ADDRESS", OptionKind::text, "127.0.0.1",
         "address of the private HTTP port (health, stats, metrics, shutdown)", http},
        {"jvb-http-port", "JVB_COLIBRI_PORT", OptionKind::number, "8080",
         "the private HTTP port; 0: none", http, 0, 65535},
        {"colibri-rest-enabled", "COLIBRI_REST_ENABLED", OptionKind::boolean, "1",
         "obey COLIBRI2 on the private HTTP port (/colibri/v2/conferences)", http},
        {"jvb-disable-xmpp", "JVB_DISABLE_XMPP", OptionKind::boolean, "0",
         "no XMPP: this bridge is driven over its private HTTP port alone", http},
        {"jvb-ws-domain", "JVB_WS_DOMAIN", OptionKind::list, "",
         "host[:port] in bridge channel URLs; unset: data channel only", http},
        {"jvb-ws-tls", "JVB_WS_TLS", OptionKind::boolean, "1", "wss:// in bridge channel URLs",
         http},
        {"jvb-ws-server-id", "JVB_WS_SERVER_ID", OptionKind::text, "",
         "this bridge's part of bridge channel URLs; unset: its name in the brewery", http},
        {"jvb-ws-port", "COLIBRI_WEBSOCKET_PORT", OptionKind::number, "9090",
         "port on which bridge channel WebSockets arrive (with jvb-ws-domain)", http, 1, 65535},
    };
}

std::string read_nickname(const Options& options) {
    if (options.is_set("jvb-muc-nickname")) return options.text("jvb-muc-nickname");
    std::random_device random;
    return fmt::format("{:08x}{:08x}", random(), random());
}

namespace {

Result<std::map<int, int>> read_last_n_limits(const Options& options) {
    constexpr const char* kOption = "jvb-conference-last-n-limits";
    std::map<int, int> limits;
    for (const auto& item : options.list(kOption)) {
        int size = 0;
        int videos = 0;
        const char* const end = item.data() + item.size();
        const auto [mid, bad_size] = std::from_chars(item.data(), end, size);
        const bool parted = bad_size == std::errc{} && mid != end && *mid == '=';
        const auto [rest, bad_videos] = std::from_chars(parted ? mid + 1 : end, end, videos);
        if (!parted || bad_videos != std::errc{} || rest != end || size < 1 || videos < -1) {
            return fail("option " + options.spelled(kOption) + ": '" + item +
                        "' is not size=videos, as 20=10");
        }
        limits[size] = videos;
    }
    return limits;
}

}  // namespace

Result<BridgeConfig> read_bridge_config(const Options& options, const std::string& nickname) {
    BridgeConfig config;
    config.media_port = static_cast<std::uint16_t>(options.number("jvb-port"));
    config.media_workers = static_cast<std::size_t>(options.number("jvb-media-threads"));
    if (config.media_workers == 0) {
        config.media_workers = std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1,
                                                       kMaxMediaWorkers);
    }
    config.advertise_addresses = options.list("jvb-advertise-ips");
    config.local_addresses = options.list("jvb-local-addresses");
    config.advertise_private_candidates = options.flag("jvb-advertise-private-candidates");
    config.loopback_candidates = options.flag("jvb-loopback-candidates");
    config.health_requires_valid_address = options.flag("jvb-require-valid-address");
    config.region = options.text("jvb-region");
    config.load_packets_per_second = static_cast<double>(options.number("jvb-load-threshold"));
    config.load_reducer = options.flag("jvb-load-reducer");
    config.allocation.trust_bwe = options.flag("jvb-cc-trust-bwe");
    auto limits = read_last_n_limits(options);
    if (!limits) return limits.error();
    config.allocation.conference_last_n_limits = std::move(*limits);
    config.loudest.route_loudest_only = options.flag("jvb-route-loudest-only");
    config.loudest.num_loudest = static_cast<std::size_t>(options.number("jvb-num-loudest"));
    config.version = "jmeet-" JMEET_VERSION;
    config.websocket_domains = options.list("jvb-ws-domain");
    config.websockets = !config.websocket_domains.empty();
    config.websocket_tls = options.flag("jvb-ws-tls");
    config.websocket_server_id = options.is_set("jvb-ws-server-id")
                                     ? options.text("jvb-ws-server-id")
                                     : nickname;
    if (config.websocket_server_id.find_first_of("/?#% ") != std::string::npos) {
        return fail("option " + options.spelled("jvb-ws-server-id") +
                    " stands in a URL: use letters, digits, '-', '.' and '_'");
    }
    return config;
}

Result<void> check_drivers(const Options& options) {
    if (!options.flag("jvb-disable-xmpp")) return {};
    if (options.flag("colibri-rest-enabled") && options.number("jvb-http-port") != 0) return {};
    return fail("nobody could drive this bridge: " + options.spelled("jvb-disable-xmpp") +
                " needs " + options.spelled("colibri-rest-enabled") + " on and a port in " +
                options.spelled("jvb-http-port"));
}

Result<std::vector<BreweryConfig>> read_brewery_configs(const Options& options,
                                                        const std::string& default_host,
                                                        const std::string& nickname) {
    if (options.flag("jvb-disable-xmpp")) return std::vector<BreweryConfig>{};
    const auto domains = xmpp::read_domains(options);
    if (!domains) return domains.error();
    const auto servers = xmpp::read_servers(options, default_host);
    if (!servers) return servers.error();
    if (options.text("jvb-auth-password").empty()) {
        return fail("the password of the bridges' account is missing: set " +
                    options.spelled("jvb-auth-password") +
                    " to the one that the MAIN host's .env has");
    }
    std::vector<BreweryConfig> configs;
    for (const auto& server : *servers) {
        BreweryConfig config;
        config.host = server.host;
        config.port = server.port;
        config.domain = domains->auth;
        config.username = options.text("jvb-auth-user");
        config.password = options.text("jvb-auth-password");
        config.mucs = {domains->brewery};
        config.nickname = nickname;
        config.verify_certificate = options.flag("xmpp-verify-certificate");
        configs.push_back(std::move(config));
    }
    return configs;
}

}  // namespace jmeet::bridge
