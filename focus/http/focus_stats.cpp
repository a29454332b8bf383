// FocusHttp: GET /stats, /metrics, /debug, /rtcstats and /about/version.
#include "base/json.hpp"
#include "focus/http/focus_http.hpp"
#include "focus/http/focus_metrics.hpp"

namespace jmeet::focus {
namespace {

void write_counts(json::Writer& out, const std::map<std::string, std::uint64_t>& counts) {
    out.begin_object();
    for (const auto& [action, count] : counts) out.member(action, count);
    out.end_object();
}

std::string or_null(const std::optional<std::string>& text) { return text.value_or("null"); }

void write_bridge(json::Writer& out, Bridge& bridge) {
    const auto now = Clock::now();
    out.key(bridge.jid().to_string()).begin_object();
    out.member("corrected-stress", bridge.corrected_stress(now));
    out.member("drain", bridge.draining());
    out.member("endpoints", bridge.endpoints());
    out.member("endpoint-restart-requests", bridge.restart_requests());
    out.member("failing-ice", bridge.failing_ice(now));
    out.member("graceful-shutdown", bridge.in_graceful_shutdown());
    out.member("healthy", bridge.healthy());
    out.member("operational", bridge.operational(now));
    out.member("overloaded", bridge.overloaded(now));
    out.member("region", or_null(bridge.region()));
    out.member("relay-id", or_null(bridge.relay_id()));
    out.member("release", or_null(bridge.release()));
    out.member("shutting-down", bridge.shutting_down());
    out.member("stress", bridge.stress());
    out.member("version", or_null(bridge.version()));
    out.end_object();
}

void write_conference(json::Writer& out, const Conference& conference) {
    const auto document = json::parse(conference.debug_json());
    if (document) {
        out.copy(*document);
    } else {
        out.null();
    }
}

const char* authority_name(AuthConfig::Type type) {
    switch (type) {
        case AuthConfig::Type::none: return "null";
        case AuthConfig::Type::xmpp: return "XMPPDomainAuthAuthority";
        case AuthConfig::Type::jwt: return "ExternalJWTAuthority";
    }
    return "null";
}

// No recorder and no gateway is looked for: nothing can have failed.
void write_zeros(json::Writer& out, const char* name, std::initializer_list<const char*> keys) {
    out.key(name).begin_object();
    for (const char* key : keys) out.member(key, 0);
    out.end_object();
}

}  // namespace

HttpResponse FocusHttp::version() const {
    json::Writer out;
    out.begin_object();
    out.member("name", "JiCoFo").member("version", services_.config().version);
    out.member("os", "Linux").end_object();
    return HttpResponse::json(out.str());
}

HttpResponse FocusHttp::stats() const {
    const ConferenceSizes sizes = measure_conferences(services_.rooms());
    const FocusCounters& counters = services_.counters();
    const BridgeCounts bridges = services_.bridges().counts();
    json::Writer out;
    out.begin_object();
    out.member("total_participants", counters.participants);
    out.member("total_conferences_created", counters.conferences_created);
    out.member("conferences", sizes.conferences()).member("conferences_with_visitors", 0);
    out.key("bridge_failures").begin_object();
    out.member("participants_moved", counters.participants_moved);
    out.member("bridges_removed", counters.bridges_removed).end_object();
    out.key("participant_notifications").begin_object();
    out.member("ice_failed", counters.ice_failed);
    out.member("request_restart", counters.restarts_requested).end_object();
    out.member("largest_conference", sizes.largest());
    out.member("participants", sizes.participants()).member("visitors", 0);
    out.key("conference_sizes");
    sizes.write(out);
    out.member("endpoint_pairs", sizes.pairs());
    write_zeros(out, "jibri",
                {"total_sip_call_failures", "total_live_streaming_failures",
                 "total_recording_failures", "live_streaming_active", "recording_active",
                 "sip_call_active"});
    write_zeros(out, "jigasi",
                {"rejected_requests", "accepted_requests", "retries", "instance_errors",
                 "instance_timeout", "requests_failed_no_instance",
                 "requests_failed_xmpp_not_connected"});
    out.member("threads", thread_count());
    out.key("bridge_selector").begin_object();
    out.member("bridge_count", bridges.known);
    out.member("operational_bridge_count", bridges.operational);
    out.member("in_shutdown_bridge_count", bridges.in_shutdown);
    out.member("lost_bridges", bridges.lost);
    out.member("bridge_version_count", bridges.versions).end_object();
    out.key("jingle").begin_object();
    out.key("sent");
    write_counts(out, counters.jingle_sent);
    out.key("received");
    write_counts(out, counters.jingle_received);
    out.end_object();
    out.member("version", services_.config().version);
    if (services_.config().health_enabled) out.member("healthy", services_.health().empty());
    out.end_object();
    return HttpResponse::json(out.str());
}

HttpResponse FocusHttp::metrics(const std::string& accept) {
    if (accept.find("application/json") != std::string::npos) {
        return HttpResponse::json(metrics_json(services_));
    }
    fill_registry(metrics_, services_);
    return metrics_.exposition();
}

HttpResponse FocusHttp::rtcstats() const {
    json::Writer out;
    out.begin_object();
    for (const auto& [room, conference] : services_.rooms().all()) {
        if (!conference->state().options.rtcstats_enabled || !conference->ready()) continue;
        out.key(conference->state().meeting_id);
        write_conference(out, *conference);
    }
    out.end_object();
    return HttpResponse::json(out.str());
}

HttpResponse FocusHttp::debug(const HttpRequest& request) const {
    const bool full = request.parameter("full") == "true";
    json::Writer out;
    out.begin_object();
    out.key("focus_manager").begin_object();
    for (const auto& [room, conference] : services_.rooms().all()) {
        out.key(room.to_string());
        if (full) {
            write_conference(out, *conference);
        } else {
            out.value(static_cast<std::int64_t>(conference->state().participants.size()));
        }
    }
    out.end_object();
    out.key("bridge_selector").begin_object();
    out.member("strategy", services_.bridges().strategy_name());
    out.key("bridge").begin_object();
    for (Bridge* const bridge : services_.bridges().all()) write_bridge(out, *bridge);
    out.end_object().end_object();
    out.key("jibri_detector").null().key("sip_jibri_detector").null();
    out.key("jigasi_detector").null();
    const Components& components = services_.components();
    out.key("av_moderation").begin_object();
    out.member("address", components.av_moderation).end_object();
    out.key("conference_iq_handler").begin_object();
    out.member("breakout_address", components.breakout_rooms);
    out.member("focus_auth_jid", services_.client().jid().bare().to_string());
    out.member("jigasi_enabled", services_.config().sip_gateway_enabled);
    out.member("auth_authority", authority_name(services_.config().auth.type)).end_object();
    out.end_object();
    return HttpResponse::json(out.str());
}

HttpResponse FocusHttp::debug_conferences() const {
    json::Writer out;
    out.begin_array();
    for (const auto& [room, conference] : services_.rooms().all()) out.value(room.to_string());
    out.end_array();
    return HttpResponse::json(out.str());
}

HttpResponse FocusHttp::debug_conferences_full() const {
    json::Writer out;
    out.begin_object();
    for (const auto& [room, conference] : services_.rooms().all()) {
        out.key(room.to_string());
        write_conference(out, *conference);
    }
    out.end_object();
    return HttpResponse::json(out.str());
}

HttpResponse FocusHttp::debug_conference(const std::string& room) const {
    const auto jid = xmpp::Jid::parse(room);
    if (!jid || jid->node().empty()) return HttpResponse::text("Bad request: not a room JID", 400);
    const Conference* const conference = services_.rooms().find(jid->bare());
    return HttpResponse::json(conference ? conference->debug_json() : "{}");
}

}  // namespace jmeet::focus
