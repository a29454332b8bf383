#include "focus/http/focus_metrics.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <initializer_list>

#include "base/json.hpp"
#include "base/text.hpp"

namespace jmeet::focus {
namespace {

using Kind = MetricValue::Kind;

struct Named {
    const char* name;
    const char* help;
    double value;
};

void add(std::vector<MetricValue>& out, Kind kind, std::initializer_list<Named> all,
         const std::string& bridge = {}) {
    for (const Named& one : all) out.push_back({kind, one.name, one.help, one.value, bridge});
}

double real(std::uint64_t count) { return static_cast<double>(count); }
double real(std::int64_t count) { return static_cast<double>(count); }

void read_jingle(std::vector<MetricValue>& out, const std::map<std::string, std::uint64_t>& counts,
                 const std::string& direction) {
    for (const auto& [action, count] : counts) {
        out.push_back({Kind::counter, "jingle_" + lower(action) + "_" + direction,
                       "Number of " + action + " stanzas " + direction + ".", real(count), {}});
    }
}

void read_counters(std::vector<MetricValue>& out, const FocusCounters& c) {
    add(out, Kind::counter,
        {{"conference_requests", "Conference requests received.", real(c.conference_requests)},
         {"conference_requests_new", "Conference requests received for new conferences.",
          real(c.conference_requests_new)},
         {"conferences_created", "Conferences created since the start.",
          real(c.conferences_created)},
         {"participants", "Participants invited since the start.", real(c.participants)},
         {"participants_no_start_muted_rmd",
          "Participants whose client does not know start-muted in the room's metadata.",
          real(c.participants_no_start_muted_rmd)},
         {"participants_moved", "Participants moved away from a failed bridge.",
          real(c.participants_moved)},
         {"participants_ice_failed", "Participants that reported an ICE failure.",
          real(c.ice_failed)},
         {"participants_restart_requested", "Restarts asked for by session-terminate.",
          real(c.restarts_requested)},
         {"bridges_removed", "Times that a bridge was removed from a conference.",
          real(c.bridges_removed)},
         {"ice_restarts_requested", "In-place ICE restarts asked for.",
          real(c.ice_restarts_requested)},
         {"ice_restarts_relayed", "In-place ICE restarts that a bridge granted.",
          real(c.ice_restarts_relayed)},
         {"ice_restarts_not_needed", "In-place ICE restarts that a bridge found needless.",
          real(c.ice_restarts_not_needed)},
         {"ice_restarts_failed", "In-place ICE restarts that failed.", real(c.ice_restarts_failed)},
         {"xmpp_disconnects", "Times that an XMPP connection was lost.", real(c.xmpp_disconnects)}});
    add(out, Kind::gauge,
        {{"conferences_seconds", "Duration of the conferences that have ended, summed.",
          c.conferences_seconds},
         {"endpoint_seconds", "Time that participants who have gone were in conferences, summed.",
          c.endpoint_seconds}});
    read_jingle(out, c.jingle_sent, "sent");
    read_jingle(out, c.jingle_received, "received");
}

void read_conferences(std::vector<MetricValue>& out, const Services& services) {
    const ConferenceCounts counts = count_conferences(services.rooms());
    const ConferenceSizes& sizes = counts.sizes;
    add(out, Kind::gauge,
        {{"conferences", "Running conferences.", real(sizes.conferences())},
         {"conferences_with_visitors", "Running conferences with at least one visitor.",
          real(counts.with_visitors)},
         {"participants_current", "Participants now, visitors included.",
          real(sizes.participants())},
         {"visitors_current", "Visitors now.", real(counts.visitors)},
         {"largest_conference", "Participants of the largest conference.", real(sizes.largest())},
         {"participants_pairs", "Sum of the squared sizes of conferences.", real(sizes.pairs())},
         {"threads", "Threads of this process.", real(thread_count())},
         {"healthy", "Whether a meeting can be served.", services.health().success ? 1.0 : 0.0}});
}

// No recorder and no gateway is looked for: there is none, and nothing of theirs can have failed.
// Dashboards ask for the names all the same.
void read_services(std::vector<MetricValue>& out) {
    for (const char* name :
         {"jibri_sip_failures", "jibri_recording_failures", "jibri_live_streaming_failures",
          "jibri_no_instance_failures", "jigasi_iq_handler_rejected_requests",
          "jigasi_iq_handler_accepted_requests", "jigasi_iq_handler_retries",
          "jigasi_iq_handler_instance_errors", "jigasi_iq_handler_instance_timeouts"}) {
        add(out, Kind::counter, {{name, "Always 0: no Jibri and no Jigasi is served.", 0}});
    }
    for (const char* name :
         {"jibri_instances", "jibri_instances_available", "sip_jibri_instances",
          "sip_jibri_instances_available", "jibri_recording_active", "jibri_live_streaming_active",
          "jibri_sip_active", "jigasi_sip_count", "jigasi_sip_in_graceful_shutdown_count",
          "jigasi_transcriber_count"}) {
        add(out, Kind::gauge, {{name, "Always 0: no Jibri and no Jigasi is served.", 0}});
    }
}

void read_bridges(std::vector<MetricValue>& out, const Services& services) {
    const BridgeCounts counts = services.bridges().counts();
    add(out, Kind::counter,
        {{"bridge_selector_lost_bridges", "Bridges that left unannounced.", real(counts.lost)},
         {"bridge_selection_rate_limited",
          "Times that a selection met a bridge to which the conference had just sent too many.",
          real(counts.rate_limited)},
         {"load_redistributor_endpoints_moved",
          "Endpoints moved away from overloaded bridges by load redistribution.",
          real(services.mover().redistributed())}});
    add(out, Kind::gauge,
        {{"bridge_selector_bridge_count", "Bridges known.", double(counts.known)},
         {"bridge_selector_bridge_count_operational", "Operational bridges.",
          double(counts.operational)},
         {"bridge_selector_bridge_count_in_shutdown", "Bridges in graceful shutdown.",
          double(counts.in_shutdown)},
         {"bridge_selector_bridge_version_count", "Different bridge versions.",
          double(counts.versions)}});
    const auto now = Clock::now();
    for (Bridge* const bridge : services.bridges().all()) {
        const std::string nick = bridge->nick();
        add(out, Kind::gauge,
            {{"bridge_endpoints", "Endpoints of this focus on a bridge.",
              double(bridge->endpoints())},
             {"bridge_failing_ice", "Whether many clients of a bridge ask for restarts.",
              bridge->failing_ice(now) ? 1.0 : 0.0}},
            nick);
        add(out, Kind::counter,
            {{"bridge_restart_requests", "Restarts asked for on a bridge.",
              double(bridge->restart_requests())},
             {"bridge_endpoints_moved", "Endpoints moved away from a bridge by load redistribution.",
              real(bridge->moved())}},
            nick);
    }
}

}  // namespace

ConferenceCounts count_conferences(const Rooms& rooms) {
    ConferenceCounts counts;
    for (const auto& [room, conference] : rooms.all()) {
        const ConferenceState& state = conference->state();
        const int visitors = state.members.visitors();
        const auto people = static_cast<std::int64_t>(state.participants.size()) + visitors;
        counts.sizes.add(std::max<std::int64_t>(people, 1));
        counts.visitors += visitors;
        counts.with_visitors += visitors > 0 ? 1 : 0;
    }
    return counts;
}

std::int64_t thread_count() {
    std::error_code ignored;
    const std::filesystem::directory_iterator tasks("/proc/self/task", ignored);
    return std::distance(begin(tasks), end(tasks));
}

std::vector<MetricValue> read_metrics(const Services& services) {
    std::vector<MetricValue> values;
    read_counters(values, services.counters());
    read_conferences(values, services);
    read_services(values);
    read_bridges(values, services);
    return values;
}

std::string metrics_json(const Services& services) {
    json::Writer out;
    out.begin_object();
    out.member("version", services.config().version);
    for (const MetricValue& metric : read_metrics(services)) {
        if (!metric.bridge.empty()) continue;
        out.key(metric.name + (metric.kind == Kind::counter ? "_total" : ""));
        if (std::floor(metric.value) == metric.value) {
            out.value(static_cast<std::int64_t>(metric.value));
        } else {
            out.value(metric.value);
        }
    }
    out.end_object();
    return out.str();
}

}  // namespace jmeet::focus
