// FocusHttp: GET /stats, /metrics, /debug and /about/version.
#include <algorithm>

#include "base/json.hpp"
#include "focus/http/focus_http.hpp"

namespace jmeet::focus {
namespace {

struct Sizes {
    std::int64_t conferences = 0;
    std::int64_t participants = 0;
    std::int64_t largest = 0;
    std::int64_t pairs = 0;
};

// An empty conference counts as one participant in the pairs and the largest, as upstream.
Sizes measure(const Rooms& rooms) {
    Sizes sizes;
    for (const auto& [room, conference] : rooms.all()) {
        const auto count = static_cast<std::int64_t>(conference->state().participants.size());
        ++sizes.conferences;
        sizes.participants += count;
        sizes.largest = std::max(sizes.largest, count);
        sizes.pairs += count * count;
    }
    return sizes;
}

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

}  // namespace

HttpResponse FocusHttp::version() const {
    json::Writer out;
    out.begin_object();
    out.member("name", "JiCoFo").member("version", services_.config().version);
    out.member("os", "Linux").end_object();
    return HttpResponse::json(out.str());
}

HttpResponse FocusHttp::stats() const {
    const Sizes sizes = measure(services_.rooms());
    const FocusCounters& counters = services_.counters();
    const BridgeCounts bridges = services_.bridges().counts();
    json::Writer out;
    out.begin_object();
    out.member("total_participants", counters.participants);
    out.member("total_conferences_created", counters.conferences_created);
    out.member("conferences", sizes.conferences).member("conferences_with_visitors", 0);
    out.key("bridge_failures").begin_object();
    out.member("participants_moved", counters.participants_moved);
    out.member("bridges_removed", counters.bridges_removed).end_object();
    out.key("participant_notifications").begin_object();
    out.member("ice_failed", counters.ice_failed);
    out.member("request_restart", counters.restarts_requested).end_object();
    out.member("largest_conference", sizes.largest).member("participants", sizes.participants);
    out.member("visitors", 0).member("endpoint_pairs", sizes.pairs);
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

void FocusHttp::set_counter(const std::string& name, const std::string& help,
                            std::uint64_t value) {
    auto& counter = metrics_.counter("jitsi_jicofo_" + name + "_total", help);
    counter.Increment(static_cast<double>(value) - counter.Value());
}

HttpResponse FocusHttp::metrics() {
    const Sizes sizes = measure(services_.rooms());
    const FocusCounters& c = services_.counters();
    const BridgeCounts bridges = services_.bridges().counts();
    set_counter("conference_requests", "Conference requests received", c.conference_requests);
    set_counter("conferences_created", "Conferences created", c.conferences_created);
    set_counter("participants", "Participants invited", c.participants);
    set_counter("participants_moved", "Participants invited anew", c.participants_moved);
    set_counter("participants_ice_failed", "ICE failures told by clients", c.ice_failed);
    set_counter("participants_restart_requested", "Restarts asked for by clients",
                c.restarts_requested);
    set_counter("bridges_removed", "Sessions removed because of errors", c.bridges_removed);
    set_counter("bridge_selector_lost_bridges", "Bridges that left unannounced", bridges.lost);
    const auto gauge = [&](const std::string& name, const std::string& help, std::int64_t value) {
        metrics_.gauge("jitsi_jicofo_" + name, help).Set(static_cast<double>(value));
    };
    gauge("conferences", "Conferences now", sizes.conferences);
    gauge("participants_current", "Participants now", sizes.participants);
    gauge("largest_conference", "Participants of the largest conference", sizes.largest);
    gauge("participants_pairs", "Sum of squared conference sizes", sizes.pairs);
    gauge("bridge_selector_bridge_count", "Bridges known", bridges.known);
    gauge("bridge_selector_bridge_count_operational", "Bridges operational", bridges.operational);
    gauge("bridge_selector_bridge_count_in_shutdown", "Bridges shutting down",
          bridges.in_shutdown);
    gauge("bridge_selector_bridge_version_count", "Bridge versions", bridges.versions);
    gauge("healthy", "Whether a meeting can be served", services_.health().empty() ? 1 : 0);
    for (Bridge* const bridge : services_.bridges().all()) {
        metrics_
            .gauge("jitsi_jicofo_bridge_endpoints", "Endpoints of this focus on the bridge",
                   {{"jvb", bridge->nick()}})
            .Set(bridge->endpoints());
    }
    return metrics_.exposition();
}

HttpResponse FocusHttp::debug(const HttpRequest& request) const {
    const bool full = request.parameter("full") == "true";
    json::Writer out;
    out.begin_object();
    out.key("focus_manager").begin_object();
    for (const auto& [room, conference] : services_.rooms().all()) {
        out.key(room.to_string());
        if (full) {
            const auto document = json::parse(conference->debug_json());
            if (document) out.copy(*document);
            if (!document) out.null();
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
    out.member("focus_auth_jid", services_.client().jid().bare().to_string()).end_object();
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

HttpResponse FocusHttp::debug_conference(const std::string& room) const {
    const auto jid = xmpp::Jid::parse(room);
    if (!jid || jid->node().empty()) return HttpResponse::text("Bad request: not a room JID", 400);
    const Conference* const conference = services_.rooms().find(jid->bare());
    return HttpResponse::json(conference ? conference->debug_json() : "{}");
}

}  // namespace jmeet::focus
