// FocusHttp: GET /stats, /metrics and /about/version.
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

void write_health(json::Writer& out, const HealthResult& health, std::uint64_t slow) {
    out.member("slow_health_check", slow).member("healthy", health.success);
    out.key("health").begin_object();
    out.member("success", health.success).member("hardFailure", health.hard_failure);
    out.key("responseCode");
    if (health.response_code) {
        out.value(*health.response_code);
    } else {
        out.null();
    }
    out.member("sticky", health.sticky).key("message");
    if (health.success) {
        out.null();
    } else {
        out.value(health.message);
    }
    out.end_object();
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
    const ConferenceCounts counts = count_conferences(services_.rooms());
    const ConferenceSizes& sizes = counts.sizes;
    const FocusCounters& counters = services_.counters();
    const BridgeCounts bridges = services_.bridges().counts();
    json::Writer out;
    out.begin_object();
    out.member("total_participants", counters.participants);
    out.member("total_conferences_created", counters.conferences_created);
    out.member("conferences", sizes.conferences());
    out.member("conferences_with_visitors", counts.with_visitors);
    out.key("bridge_failures").begin_object();
    out.member("participants_moved", counters.participants_moved);
    out.member("bridges_removed", counters.bridges_removed).end_object();
    out.key("participant_notifications").begin_object();
    out.member("ice_failed", counters.ice_failed);
    out.member("request_restart", counters.restarts_requested).end_object();
    out.member("largest_conference", sizes.largest());
    out.member("participants", sizes.participants()).member("visitors", counts.visitors);
    out.key("conference_sizes");
    sizes.write(out);
    out.member("endpoint_pairs", sizes.pairs());
    write_zeros(out, "jibri",
                {"total_sip_call_failures", "total_live_streaming_failures",
                 "total_recording_failures", "live_streaming_active", "recording_active",
                 "sip_call_active"});
    // Nothing waits between a stanza and its handler.
    out.key("queues").begin_object().end_object();
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
    if (services_.config().health.enabled) {
        write_health(out, services_.health(), services_.slow_health_checks());
    }
    out.end_object();
    return HttpResponse::json(out.str());
}

HttpResponse FocusHttp::metrics(const std::string& accept) const {
    const auto form = choose_metrics_form(accept);
    // COMPAT: Jicofo answers 500 here.
    if (!form) return HttpResponse::text("Not acceptable: " + accept, 406);
    if (*form == MetricsForm::json) return HttpResponse::json(metrics_json(services_));
    HttpResponse response;
    response.content_type = content_type(*form);
    response.body = write_metrics(read_metrics(services_), services_.config().version, *form);
    return response;
}

}  // namespace jmeet::focus
