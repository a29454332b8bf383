#include "focus/options.hpp"

#include "base/option_binder.hpp"
#include "focus/signaling_delays.hpp"
#include "xmpp/options.hpp"

namespace jmeet::focus {
namespace {

void bind_conference(OptionBinder& to, ConferenceConfig& c, FocusConfig& config) {
    const OptionBinder::Range senders{1, 999'999};
    const OptionBinder::Range sources{1, 1000};
    to.group("Focus: conferences")
        .add(c.enable_auto_owner, "auto-owner", "ENABLE_AUTO_OWNER",
             "make the first participant a moderator")
        .add(c.initial_timeout, "initial-timeout", "JICOFO_CONF_INITIAL_PARTICIPANT_WAIT_TIMEOUT",
             "leave a room that nobody enters")
        .add(c.single_participant_timeout, "single-participant-timeout",
             "JICOFO_CONF_SINGLE_PARTICIPANT_TIMEOUT", "end the session of somebody left alone")
        .add(c.max_audio_senders, "max-audio-senders", "JICOFO_CONF_MAX_AUDIO_SENDERS",
             "unmuted microphones in a conference", senders)
        .add(c.max_video_senders, "max-video-senders", "JICOFO_CONF_MAX_VIDEO_SENDERS",
             "cameras in a conference", senders)
        .add(c.max_ssrcs_per_user, "max-ssrcs-per-user", "MAX_SSRCS_PER_USER",
             "SSRCs that one participant may signal", sources)
        .add({"max-ssrc-groups-per-user", "MAX_SSRC_GROUPS_PER_USER", OptionKind::number, "",
              "groups of them; unset: as max-ssrcs-per-user", "", sources.lowest,
              sources.highest},
             [&c](const Options& options) -> Result<void> {
                 const char* const name = "max-ssrc-groups-per-user";
                 c.max_ssrc_groups_per_user = options.is_set(name)
                                                  ? static_cast<int>(options.number(name))
                                                  : c.max_ssrcs_per_user;
                 return {};
             })
        .add(c.use_ssrc_rewriting, "ssrc-rewriting", "JICOFO_CONF_SSRC_REWRITING",
             "let bridges rewrite SSRCs for clients that can")
        .add(c.strip_simulcast, "strip-simulcast", "JICOFO_CONF_STRIP_SIMULCAST",
             "signal one SSRC per source to receivers")
        .add({"source-signaling-delays", "JICOFO_CONF_SOURCE_SIGNALING_DELAYS", OptionKind::text,
              "", "wait so many ms from so many participants on: { 50 = 500, 100 = 1000 }", ""},
             [&c](const Options& options) -> Result<void> {
                 const auto delays = parse_signaling_delays(
                     options.text("source-signaling-delays"));
                 if (!delays) {
                     return fail("option " + options.spelled("source-signaling-delays") + ": " +
                                 delays.error().what);
                 }
                 c.source_signaling_delays = *delays;
                 return {};
             })
        .add(c.restart_max_requests, "restart-request-max", "JICOFO_RESTART_REQUEST_MAX",
             "restarts that a participant may ask for in the interval", {1, 1000})
        .add(c.restart_interval, "restart-request-interval", "JICOFO_RESTART_REQUEST_INTERVAL",
             "that interval")
        .add(config.sctp_enabled, "sctp", "JICOFO_ENABLE_SCTP",
             "offer the bridge channel over SCTP; off for JVBs with "
             "videobridge.sctp.enabled=false");
}

void bind_codecs(OptionBinder& to, CodecConfig& codec) {
    to.add(codec.vp8, "codec-vp8", "ENABLE_CODEC_VP8", "offer VP8")
        .add(codec.vp9, "codec-vp9", "ENABLE_CODEC_VP9", "offer VP9")
        .add(codec.av1, "codec-av1", "ENABLE_CODEC_AV1", "offer AV1")
        .add(codec.h264, "codec-h264", "ENABLE_CODEC_H264", "offer H.264")
        .add(codec.opus_red, "codec-opus-red", "ENABLE_CODEC_OPUS_RED", "offer RED")
        .add(codec.mid, "mid", "JICOFO_ENABLE_MID", "offer the mid extension");
}

void bind_bridges(OptionBinder& to, BridgeConfig& c) {
    const OptionBinder::Range people{-1, 100'000};
    to.group("Focus: bridges")
        .add({"embedded-bridge", "JMEET_EMBEDDED_BRIDGE", OptionKind::boolean, "1",
              "off: this process forwards no media, bridges elsewhere do", ""})
        .add(c.selection_strategy, "bridge-selection-strategy", "OCTO_BRIDGE_SELECTION_STRATEGY",
             "Single, Split, RegionBased or IntraRegion with BridgeSelectionStrategy after it, or "
             "VisitorSelectionStrategy")
        .add(c.participant_strategy, "participant-selection-strategy",
             "JMEET_PARTICIPANT_SELECTION_STRATEGY", "of VisitorSelectionStrategy")
        .add(c.visitor_strategy, "visitor-selection-strategy", "JMEET_VISITOR_SELECTION_STRATEGY",
             "of VisitorSelectionStrategy")
        .add(c.octo_wanted, "octo", "ENABLE_OCTO",
             "let conferences span bridges; not built yet: each one stays on one bridge")
        .add(c.local_region, "local-region", "JICOFO_OCTO_REGION", "the region of this focus")
        .add({"region-groups", "JICOFO_BRIDGE_REGION_GROUPS", OptionKind::text, "",
              "regions near each other: [\"eu-west\",\"eu-central\"],[\"us-east\"]", ""},
             [&c](const Options& options) -> Result<void> {
                 const auto groups = parse_region_groups(options.text("region-groups"));
                 if (!groups) {
                     return fail("option " + options.spelled("region-groups") + ": " +
                                 groups.error().what);
                 }
                 c.region_groups = *groups;
                 return {};
             })
        .add(c.max_participants, "max-bridge-participants", "MAX_BRIDGE_PARTICIPANTS",
             "of one conference on one bridge, where a strategy may take another one; 0: any",
             people)
        .add(c.max_participants_per_interval, "max-bridge-participants-per-interval",
             "JMEET_MAX_BRIDGE_PARTICIPANTS_PER_INTERVAL", "who join in the interval; -1: any",
             people)
        .add(c.max_participants_interval, "max-bridge-participants-interval",
             "JMEET_MAX_BRIDGE_PARTICIPANTS_INTERVAL", "that interval")
        .add(c.health_checks, "bridge-health-checks", "JICOFO_ENABLE_BRIDGE_HEALTH_CHECKS",
             "ask bridges for their health")
        .add(c.health_use_presence, "bridge-health-by-presence",
             "JICOFO_HEALTH_CHECKS_USE_PRESENCE", "read it from their presence instead")
        .add(c.average_participant_stress, "bridge-participant-stress",
             "BRIDGE_AVG_PARTICIPANT_STRESS", "stress that one participant adds")
        .add(c.stress_threshold, "bridge-stress-threshold", "BRIDGE_STRESS_THRESHOLD",
             "stress above which a bridge counts as overloaded")
        .add(c.load_redistribution, "load-redistribution", "JICOFO_LOAD_REDISTRIBUTION",
             "move endpoints away from bridges above a stress of 0.9")
        .add(c.ice_failure_detection, "ice-failure-detection",
             "JICOFO_ENABLE_ICE_FAILURE_DETECTION",
             "avoid a bridge whose clients ask for restarts often")
        .add(c.ice_failure_interval, "ice-failure-interval", "JICOFO_ICE_FAILURE_INTERVAL",
             "how long such a request counts")
        .add(c.ice_failure_min_endpoints, "ice-failure-min-endpoints",
             "JICOFO_ICE_FAILURE_MIN_ENDPOINTS", "endpoints of a bridge from which on it is judged",
             people)
        .add(c.ice_failure_threshold, "ice-failure-threshold", "JICOFO_ICE_FAILURE_THRESHOLD",
             "requests per endpoint that are too many");
}

void bind_account(OptionBinder& to, FocusConfig& c) {
    to.group("Focus: account, component, HTTP")
        .add(c.xmpp.password, "jicofo-auth-password", "JICOFO_AUTH_PASSWORD",
             "password of focus@<XMPP_AUTH_DOMAIN>", OptionKind::secret)
        .add(c.xmpp.component_secret, "jicofo-component-secret", "JICOFO_COMPONENT_SECRET",
             "be reached as the component focus.<XMPP_DOMAIN>; unset: through mod_client_proxy",
             OptionKind::secret)
        .add(c.xmpp.component_port, "jicofo-component-port", "JICOFO_COMPONENT_PORT",
             "Prosody's component port")
        .add(c.xmpp.trusted_domains, "trusted-domains", "JICOFO_TRUSTED_DOMAINS",
             "domains of recorders and gateways, separated by commas")
        .add({"jicofo-http-address", "JICOFO_HTTP_ADDRESS", OptionKind::text, "127.0.0.1",
              "address of the focus' HTTP port (health, stats, metrics)", ""})
        .add({"jicofo-rest", "JICOFO_ENABLE_REST", OptionKind::boolean, "0",
              "that address is 0.0.0.0 unless it is set: for probes and scrapers elsewhere", ""})
        .add({"jicofo-http-port", "JICOFO_REST_PORT", OptionKind::number, "8888",
              "the focus' HTTP port; 0: none", "", 0, 65535})
        .add(c.state_folder, "state-folder", "STATE_DIRECTORY",
             "note running conferences there, so that a restarted focus goes on with them; unset: "
             "off")
        .add(c.health.enabled, "jicofo-health-checks", "JICOFO_ENABLE_HEALTH_CHECKS",
             "check every ten seconds whether a meeting could be held, and answer /about/health")
        .add(c.rest.prometheus, "jicofo-rest-metrics", "JICOFO_REST_METRICS", "answer /metrics")
        .add(c.rest.conference_request, "jicofo-rest-conference-request",
             "JICOFO_REST_CONFERENCE_REQUEST", "take conference requests over HTTP")
        .add(c.rest.move_endpoints, "jicofo-rest-move-endpoints", "JICOFO_REST_MOVE_ENDPOINTS",
             "move people between bridges on request")
        .add(c.rest.debug, "jicofo-rest-debug", "JICOFO_REST_DEBUG", "answer /debug")
        .add(c.rest.pin, "jicofo-rest-pin", "JICOFO_REST_PIN",
             "let conferences be tied to a version of bridges");
}

// ENABLE_AUTH and AUTH_TYPE are Prosody's as well; the names with JICOFO_ before them are ours
// alone and win.
void bind_auth(OptionBinder& to, AuthConfig& auth) {
    to.group("Focus: authentication")
        .add({"auth", "ENABLE_AUTH", OptionKind::boolean, "0",
              "only who has logged in at XMPP_DOMAIN may open a room (secure domain)", ""})
        .add({"jicofo-auth", "JICOFO_ENABLE_AUTH", OptionKind::boolean, "",
              "the same, where it differs from what Prosody does", ""})
        .add({"auth-type", "AUTH_TYPE", OptionKind::text, "internal",
              "jwt: people log in with a token from elsewhere; others: with a password", ""})
        .add({"jicofo-auth-type", "JICOFO_AUTH_TYPE", OptionKind::text, "",
              "the same, where it differs from what Prosody does", ""},
             [&auth](const Options& options) -> Result<void> {
                 const auto either = [&](const char* own, const char* shared) {
                     return options.is_set(own) ? own : shared;
                 };
                 if (!options.flag(either("jicofo-auth", "auth"))) return {};
                 const bool jwt = options.text(either("jicofo-auth-type", "auth-type")) == "jwt";
                 auth.type = jwt ? AuthConfig::Type::jwt : AuthConfig::Type::xmpp;
                 return {};
             })
        .add(auth.auto_login, "auto-login", "ENABLE_AUTO_LOGIN",
             "a login outlives its conference")
        .add(auth.lifetime, "auth-lifetime", "JICOFO_AUTH_LIFETIME",
             "how long it lives after its last conference");
}

// What each option is called, means and sets: the one list of them.
OptionBinder bind(FocusConfig& config) {
    OptionBinder binder;
    bind_account(binder, config);
    bind_auth(binder, config.auth);
    bind_conference(binder, config.conference, config);
    bind_codecs(binder, config.codec);
    bind_bridges(binder, config.bridge);
    return binder;
}

}  // namespace

std::vector<Option> focus_options() {
    FocusConfig standard;
    std::vector<Option> all = bind(standard).table();
    for (auto& option : meet_options()) all.push_back(std::move(option));
    return all;
}

std::string read_http_address(const Options& options) {
    const char* const address = "jicofo-http-address";
    if (options.flag("jicofo-rest") && !options.is_set(address)) return "0.0.0.0";
    return options.text(address);
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
    FocusConfig config;
    if (const auto read = bind(config).read(options); !read) return read.error();
    auto& account = config.xmpp;
    if (account.password.empty()) {
        return fail("the password of focus@" + domains->auth + " is missing: set " +
                    options.spelled("jicofo-auth-password"));
    }
    account.host = servers->front().host;
    account.port = servers->front().port;
    account.domain = domains->auth;
    account.xmpp_domain = domains->main;
    account.verify_certificate = options.flag("xmpp-verify-certificate");
    if (account.component_secret.empty()) {
        account.client_proxy = "focus." + domains->main;
    } else {
        account.component_domain = "focus." + domains->main;
    }
    account.conference_muc = domains->muc;
    config.auth.domain = domains->main;
    config.bridge.brewery_jid = domains->brewery;
    config.version = "jmeet-" JMEET_VERSION;
    return config;
}

}  // namespace jmeet::focus
