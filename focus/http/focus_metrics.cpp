#include "focus/http/focus_metrics.hpp"

#include <algorithm>
#include <filesystem>

#include "base/json.hpp"

namespace jmeet::focus {
namespace {

using Kind = MetricValue::Kind;

void read_counters(std::vector<MetricValue>& out, const FocusCounters& c) {
    const auto add = [&](const char* name, const char* help, std::uint64_t value) {
        out.push_back({Kind::counter, name, help, static_cast<double>(value), {}});
    };
    add("conference_requests", "Number of conference requests received.", c.conference_requests);
    add("conference_requests_new", "Number of conference requests received for new conferences.",
        c.conferences_created);
    add("conferences_created", "Number of conferences created since the start.",
        c.conferences_created);
    add("participants", "Number of participants invited since the start.", c.participants);
    add("participants_moved", "Number of participants moved away from a failed bridge.",
        c.participants_moved);
    add("participants_ice_failed", "Number of participants that reported an ICE failure.",
        c.ice_failed);
    add("participants_restart_requested", "Number of restarts asked for by session-terminate.",
        c.restarts_requested);
    add("bridges_removed", "Number of times a bridge was removed from a conference.",
        c.bridges_removed);
    add("ice_restarts_requested", "In-place ICE restarts asked for.", c.ice_restarts_requested);
    add("ice_restarts_relayed", "In-place ICE restarts that a bridge granted.",
        c.ice_restarts_relayed);
    add("ice_restarts_not_needed", "In-place ICE restarts that a bridge found needless.",
        c.ice_restarts_not_needed);
    add("ice_restarts_failed", "In-place ICE restarts that failed.", c.ice_restarts_failed);
    add("xmpp_disconnects", "Number of times an XMPP connection was lost.", c.xmpp_disconnects);
    const auto jingle = [&](const auto& counts, const std::string& direction) {
        for (const auto& [action, count] : counts) {
            std::string name = action;
            std::transform(name.begin(), name.end(), name.begin(),
                           [](unsigned char l) { return static_cast<char>(std::tolower(l)); });
            out.push_back({Kind::counter, "jingle_" + name + "_" + direction,
                           "Number of " + action + " stanzas " + direction + ".",
                           static_cast<double>(count), {}});
        }
    };
    jingle(c.jingle_sent, "sent");
    jingle(c.jingle_received, "received");
}

void read_conferences(std::vector<MetricValue>& out, const Services& services) {
    const auto add = [&](const char* name, const char* help, std::int64_t value) {
        out.push_back({Kind::gauge, name, help, static_cast<double>(value), {}});
    };
    const ConferenceSizes sizes = measure_conferences(services.rooms());
    add("conferences", "Running conferences.", sizes.conferences());
    add("conferences_with_visitors", "Running conferences with at least one visitor.", 0);
    add("participants_current", "Participants now, visitors included.", sizes.participants());
    add("visitors_current", "Visitors now.", 0);
    add("largest_conference", "Participants of the largest conference.", sizes.largest());
    add("participants_pairs", "Sum of the squared sizes of conferences.", sizes.pairs());
    add("threads", "Threads of this process.", thread_count());
    add("healthy", "Whether a meeting can be served.", services.health().empty() ? 1 : 0);
}

void read_bridges(std::vector<MetricValue>& out, const Services& services) {
    const BridgeCounts counts = services.bridges().counts();
    const auto add = [&](Kind kind, const char* name, const char* help, double value,
                         const std::string& bridge = {}) {
        out.push_back({kind, name, help, value, bridge});
    };
    add(Kind::counter, "bridge_selector_lost_bridges", "Bridges that left unannounced.",
        static_cast<double>(counts.lost));
    add(Kind::gauge, "bridge_selector_bridge_count", "Bridges known.", counts.known);
    add(Kind::gauge, "bridge_selector_bridge_count_operational", "Operational bridges.",
        counts.operational);
    add(Kind::gauge, "bridge_selector_bridge_count_in_shutdown", "Bridges in graceful shutdown.",
        counts.in_shutdown);
    add(Kind::gauge, "bridge_selector_bridge_version_count", "Different bridge versions.",
        counts.versions);
    const auto now = Clock::now();
    for (Bridge* const bridge : services.bridges().all()) {
        const std::string nick = bridge->nick();
        add(Kind::gauge, "bridge_endpoints", "Endpoints of this focus on a bridge.",
            bridge->endpoints(), nick);
        add(Kind::gauge, "bridge_failing_ice", "Whether many clients of a bridge ask for restarts.",
            bridge->failing_ice(now) ? 1 : 0, nick);
        add(Kind::counter, "bridge_restart_requests", "Restarts asked for on a bridge.",
            bridge->restart_requests(), nick);
    }
}

}  // namespace

ConferenceSizes measure_conferences(const Rooms& rooms) {
    ConferenceSizes sizes;
    for (const auto& [room, conference] : rooms.all()) {
        sizes.add(static_cast<std::int64_t>(conference->state().participants.size()));
    }
    return sizes;
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
    read_bridges(values, services);
    return values;
}

std::string metrics_json(const Services& services) {
    json::Writer out;
    out.begin_object();
    out.member("version", services.config().version);
    for (const MetricValue& metric : read_metrics(services)) {
        if (!metric.bridge.empty()) continue;
        const bool counter = metric.kind == Kind::counter;
        out.member(metric.name + (counter ? "_total" : ""),
                   static_cast<std::int64_t>(metric.value));
    }
    out.end_object();
    return out.str();
}

void fill_registry(Metrics& registry, const Services& services) {
    registry.gauge("jitsi_jicofo_version_info", "Application version.",
                   {{"version", services.config().version}}).Set(1);
    for (const MetricValue& metric : read_metrics(services)) {
        prometheus::Labels labels;
        if (!metric.bridge.empty()) labels["jvb"] = metric.bridge;
        const std::string name = "jitsi_jicofo_" + metric.name;
        if (metric.kind == Kind::gauge) {
            registry.gauge(name, metric.help, labels).Set(metric.value);
            continue;
        }
        auto& counter = registry.counter(name + "_total", metric.help, labels);
        // A bridge that came back under its name begins anew; its counter does not.
        counter.Increment(std::max(0.0, metric.value - counter.Value()));
    }
}

}  // namespace jmeet::focus
