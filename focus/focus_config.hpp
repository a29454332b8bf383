// Everything that the focus may be told: plain values, filled once from options before the
// services are made, never changed afterwards. Defaults are Jicofo's.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "focus/bridges/heartbeat_state.hpp"
#include "focus/bridges/region_groups.hpp"

namespace jmeet::focus {

using std::chrono::milliseconds;
using std::chrono::seconds;

// The XMPP account, and how clients reach it.
struct XmppConfig {
    std::string host = "localhost";
    std::uint16_t port = 5222;
    std::string domain;       // the login domain: auth.DOMAIN
    std::string xmpp_domain;  // DOMAIN; its disco#info names the server's components
    std::string username = "focus";  // also the nick in rooms: clients know the focus by "focus"
    std::string resource;            // empty: the user name
    std::string password;
    bool use_tls = true;
    bool verify_certificate = true;
    // (a) Jitsi's mod_client_proxy: IQs of clients come from CLIENT_PROXY/<real full JID>.
    std::string client_proxy;  // "focus.DOMAIN" or empty
    // (b) the XEP-0114 component, used when a secret is given.
    std::string component_secret;
    std::string component_domain;  // "focus.DOMAIN"
    std::string component_host;    // empty: host
    std::uint16_t component_port = 5347;
    std::string conference_muc;  // "conference.DOMAIN" or "muc.DOMAIN": health-check rooms only
    std::vector<std::string> trusted_domains;  // whose jibri and jigasi marks count
    seconds reply_timeout{15};
};

// Who may open a room, where not everybody may: users of a domain whose accounts the server knows.
struct AuthConfig {
    enum class Type : std::uint8_t {
        none,  // everybody
        xmpp,  // users of the domain, who log in at the server with a password
        jwt,   // users of the domain, who log in at the server with a token from elsewhere
    };
    Type type = Type::none;
    std::string domain;
    milliseconds lifetime{24 * 3'600'000};  // since the last conference request
    bool auto_login = true;                 // off: a session ends with its conference
};

struct BridgeConfig {
    std::string brewery_jid;  // empty: no bridges are looked for
    std::string selection_strategy = "SingleBridgeSelectionStrategy";
    // Of VisitorSelectionStrategy, for each kind.
    std::string participant_strategy = "RegionBasedBridgeSelectionStrategy";
    std::string visitor_strategy = "RegionBasedBridgeSelectionStrategy";
    std::optional<std::string> local_region;  // of this focus
    RegionGroups region_groups;
    // Of one conference on one bridge; steer the region strategies, refuse nobody. 0 or less: off.
    int max_participants = 80;
    int max_participants_per_interval = -1;
    milliseconds max_participants_interval{60'000};
    bool octo_wanted = false;  // the operator's switch
    // LIMIT: off until bridges are connected with each other; the strategies are ready for it.
    bool several_bridges = false;
    double average_participant_stress = 0.01;
    double stress_threshold = 0.8;
    milliseconds participant_rampup_interval{20'000};
    seconds failure_reset_threshold{60};
    bool health_checks = true;
    milliseconds health_interval{10'000};
    std::optional<milliseconds> health_retry_delay;  // empty: half the interval; 0: no retry
    bool health_use_presence = false;
    seconds presence_timeout{45};
    HeartbeatTimes heartbeat;
    bool load_redistribution = false;
    milliseconds redistribution_interval{60'000};
    seconds redistribution_timeout{180};
    double redistribution_stress_threshold = 0.9;
    int redistribution_endpoints = 10;
    bool allow_mixed_versions = false;
    // A client's restart requests against the bridge that it was on.
    bool ice_failure_detection = false;
    seconds ice_failure_interval{120};
    int ice_failure_min_endpoints = 30;
    double ice_failure_threshold = 0.1;
    seconds ice_failure_timeout{600};
};

struct ConferenceConfig {
    bool enable_auto_owner = true;
    milliseconds initial_timeout{15'000};
    milliseconds single_participant_timeout{20'000};
    int min_participants = 2;
    int max_ssrcs_per_user = 20;
    int max_ssrc_groups_per_user = 20;
    int max_audio_senders = 999'999;
    int max_video_senders = 999'999;
    bool strip_simulcast = true;
    bool use_ssrc_rewriting = true;
    bool use_rtp_mid_demux = true;
    bool use_json_encoded_sources = true;
    // Participants -> delay: the value of the largest key that is not above their number.
    std::map<int, milliseconds> source_signaling_delays;
    bool random_shared_document_name = false;
    seconds visitor_notification_interval{15};  // between two visitor-counts
    bool enable_ice_restart = true;
    milliseconds restart_min_interval{5'000};
    int restart_max_requests = 5;
    seconds restart_interval{60};
};

// The offer's codecs and header extensions; ids are the same for everybody in a conference,
// because a bridge does not translate them.
struct CodecConfig {
    bool opus = true;
    bool opus_red = false;
    bool use_inband_fec = true;
    bool telephone_event = true;
    bool av1 = true;
    bool vp8 = true;
    bool h264 = true;
    bool vp9 = true;
    bool rtx = true;
    bool audio_level = true;
    bool dependency_descriptor = true;
    bool mid = true;
    bool abs_send_time = true;
    bool transport_cc = true;
    bool extmap_allow_mixed = true;
};

// GET /about/health, and the checks behind it.
struct HealthConfig {
    bool enabled = true;
    milliseconds interval{10'000};
    milliseconds timeout{30'000};       // a last check that is older is a failure
    milliseconds max_duration{20'000};  // a check that takes longer is one
};

// Which of the focus' HTTP paths exist.
struct RestConfig {
    bool prometheus = true;          // GET /metrics
    bool conference_request = true;  // POST /conference-request/v1
    bool move_endpoints = true;
    bool debug = true;
    bool pin = true;
};

struct FocusConfig {
    XmppConfig xmpp;
    AuthConfig auth;
    BridgeConfig bridge;
    ConferenceConfig conference;
    CodecConfig codec;
    bool sctp_enabled = true;
    HealthConfig health;
    RestConfig rest;
    bool sip_gateway_enabled = false;  // said in conference answers; no dialling yet
    // Where running conferences are noted for a successor; empty: they are not.
    std::string state_folder;
    std::string version = "1.1.0";   // in presence and HTTP answers
};

}  // namespace jmeet::focus
