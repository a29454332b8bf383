#include "focus/options.hpp"

#include <filesystem>

#include "xmpp/options.hpp"

namespace jmeet::focus {
namespace {

std::vector<Option> conference_options() {
    const std::string group = "Focus: conferences";
    return {
        {"auto-owner", "ENABLE_AUTO_OWNER", OptionKind::boolean, "1",
         "make the first participant a moderator", group},
        {"initial-timeout", "JICOFO_CONF_INITIAL_PARTICIPANT_WAIT_TIMEOUT", OptionKind::duration,
         "15s", "leave a room that nobody enters", group},
        {"single-participant-timeout", "JICOFO_CONF_SINGLE_PARTICIPANT_TIMEOUT",
         OptionKind::duration, "20s", "end the session of somebody left alone", group},
        {"max-audio-senders", "JICOFO_CONF_MAX_AUDIO_SENDERS", OptionKind::number, "999999",
         "unmuted microphones in a conference", group, 1, 999'999},
        {"max-video-senders", "JICOFO_CONF_MAX_VIDEO_SENDERS", OptionKind::number, "999999",
         "cameras in a conference", group, 1, 999'999},
        {"max-ssrcs-per-user", "MAX_SSRCS_PER_USER", OptionKind::number, "20",
         "SSRCs that one participant may signal", group, 1, 1000},
        {"max-ssrc-groups-per-user", "MAX_SSRC_GROUPS_PER_USER", OptionKind::number, "",
         "groups of them; unset: as max-ssrcs-per-user", group, 1, 1000},
        {"ssrc-rewriting", "JICOFO_CONF_SSRC_REWRITING", OptionKind::boolean, "1",
         "let bridges rewrite SSRCs for clients that can", group},
        {"strip-simulcast", "JICOFO_CONF_STRIP_SIMULCAST", OptionKind::boolean, "1",
         "signal one SSRC per source to receivers", group},
        {"codec-vp8", "ENABLE_CODEC_VP8", OptionKind::boolean, "1", "offer VP8", group},
        {"codec-vp9", "ENABLE_CODEC_VP9", OptionKind::boolean, "1", "offer VP9", group},
        {"codec-av1", "ENABLE_CODEC_AV1", OptionKind::boolean, "1", "offer AV1", group},
        {"codec-h264", "ENABLE_CODEC_H264", OptionKind::boolean, "1", "offer H.264", group},
        {"codec-opus-red", "ENABLE_CODEC_OPUS_RED", OptionKind::boolean, "0", "offer RED", group},
        {"mid", "JICOFO_ENABLE_MID", OptionKind::boolean, "1", "offer the mid extension", group},
        {"sctp", "JICOFO_ENABLE_SCTP", OptionKind::boolean, "1",
         "offer the bridge channel over SCTP; off for JVBs with videobridge.sctp.enabled=false",
         group},
    };
}

std::vector<Option> selection_options() {
    const std::string group = "Focus: bridges";
    return {
        {"embedded-bridge", "JMEET_EMBEDDED_BRIDGE", OptionKind::boolean, "1",
         "off: this process forwards no media, bridges elsewhere do", group},
        {"bridge-health-checks", "JICOFO_ENABLE_BRIDGE_HEALTH_CHECKS", OptionKind::boolean, "1",
         "ask bridges for their health", group},
        {"bridge-health-by-presence", "JICOFO_HEALTH_CHECKS_USE_PRESENCE", OptionKind::boolean,
         "0", "read it from their presence instead", group},
        {"bridge-participant-stress", "BRIDGE_AVG_PARTICIPANT_STRESS", OptionKind::real, "0.01",
         "stress that one participant adds", group},
        {"bridge-stress-threshold", "BRIDGE_STRESS_THRESHOLD", OptionKind::real, "0.8",
         "stress above which a bridge counts as overloaded", group},
    };
}

std::vector<Option> entry_options() {
    const std::string entry = "Focus: account, component, HTTP";
    const std::string page = "Meeting page";
    return {
        {"jicofo-auth-password", "JICOFO_AUTH_PASSWORD", OptionKind::secret, "",
         "password of focus@<XMPP_AUTH_DOMAIN>", entry},
        {"jicofo-component-secret", "JICOFO_COMPONENT_SECRET", OptionKind::secret, "",
         "be reached as the component focus.<XMPP_DOMAIN>; unset: through mod_client_proxy", entry},
        {"jicofo-component-port", "JICOFO_COMPONENT_PORT", OptionKind::number, "5347",
         "Prosody's component port", entry, 1, 65535},
        {"trusted-domains", "JICOFO_TRUSTED_DOMAINS", OptionKind::list, "",
         "domains of recorders and gateways, separated by commas", entry},
        {"jicofo-http-address", "JICOFO_HTTP_ADDRESS", OptionKind::text, "127.0.0.1",
         "address of the focus' HTTP port (health, stats, metrics)", entry},
        {"jicofo-http-port", "JICOFO_REST_PORT", OptionKind::number, "8888",
         "the focus' HTTP port; 0: none", entry, 0, 65535},
        {"jicofo-health-checks", "JICOFO_ENABLE_HEALTH_CHECKS", OptionKind::boolean, "1",
         "answer /about/health", entry},
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

int number_of(const Options& options, const char* name) {
    return static_cast<int>(options.number(name));
}

void read_conference(const Options& options, ConferenceConfig& conference, CodecConfig& codec) {
    conference.enable_auto_owner = options.flag("auto-owner");
    conference.initial_timeout = milliseconds(options.milliseconds("initial-timeout"));
    conference.single_participant_timeout =
        milliseconds(options.milliseconds("single-participant-timeout"));
    conference.max_audio_senders = number_of(options, "max-audio-senders");
    conference.max_video_senders = number_of(options, "max-video-senders");
    conference.max_ssrcs_per_user = number_of(options, "max-ssrcs-per-user");
    conference.max_ssrc_groups_per_user =
        number_of(options, options.is_set("max-ssrc-groups-per-user") ? "max-ssrc-groups-per-user"
                                                                      : "max-ssrcs-per-user");
    conference.use_ssrc_rewriting = options.flag("ssrc-rewriting");
    conference.strip_simulcast = options.flag("strip-simulcast");
    codec.vp8 = options.flag("codec-vp8");
    codec.vp9 = options.flag("codec-vp9");
    codec.av1 = options.flag("codec-av1");
    codec.h264 = options.flag("codec-h264");
    codec.opus_red = options.flag("codec-opus-red");
    codec.mid = options.flag("mid");
}

}  // namespace

std::vector<Option> focus_options() {
    std::vector<Option> all = entry_options();
    for (auto& option : conference_options()) all.push_back(std::move(option));
    for (auto& option : selection_options()) all.push_back(std::move(option));
    return all;
}

Result<FocusConfig> read_focus_config(const Options& options) {
    const auto domains = xmpp::read_domains(options);
    if (!domains) return domains.error();
    const auto servers = xmpp::read_servers(options, "localhost");
    if (!servers) return servers.error();
    if (servers->size() != 1) {
        return fail("option " + options.spelled("xmpp-server") +
                    " names several servers: a focus has one, only a bridge may have more");
    }
    if (options.text("jicofo-auth-password").empty()) {
        return fail("the password of focus@" + domains->auth + " is missing: set " +
                    options.spelled("jicofo-auth-password"));
    }
    FocusConfig config;
    auto& account = config.xmpp;
    account.host = servers->front().host;
    account.port = servers->front().port;
    account.domain = domains->auth;
    account.xmpp_domain = domains->main;
    account.password = options.text("jicofo-auth-password");
    account.verify_certificate = options.flag("xmpp-verify-certificate");
    account.component_secret = options.text("jicofo-component-secret");
    account.component_port = static_cast<std::uint16_t>(options.number("jicofo-component-port"));
    if (account.component_secret.empty()) {
        account.client_proxy = "focus." + domains->main;
    } else {
        account.component_domain = "focus." + domains->main;
    }
    account.conference_muc = domains->muc;
    account.trusted_domains = options.list("trusted-domains");
    config.bridge.brewery_jid = domains->brewery;
    config.bridge.average_participant_stress = options.real("bridge-participant-stress");
    config.bridge.stress_threshold = options.real("bridge-stress-threshold");
    config.bridge.health_checks = options.flag("bridge-health-checks");
    config.bridge.health_use_presence = options.flag("bridge-health-by-presence");
    read_conference(options, config.conference, config.codec);
    config.sctp_enabled = options.flag("sctp");
    config.health_enabled = options.flag("jicofo-health-checks");
    config.version = "jmeet-" JMEET_VERSION;
    return config;
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
