#include "bridge/http/debug_json.hpp"

#include <algorithm>
#include <chrono>

#include "bridge/allocation/explain.hpp"

namespace jmeet::bridge {

namespace {

std::int64_t unix_ms(TimePoint at) {
    const auto since = std::chrono::system_clock::now().time_since_epoch() - (Clock::now() - at);
    return std::chrono::duration_cast<milliseconds>(since).count();
}

template <class Names>
void write_names(json::Writer& out, const char* key, const Names& names) {
    out.key(key).begin_array();
    for (const auto& name : names) out.value(name.value());
    out.end_array();
}

void write_constraints(json::Writer& out, const VideoConstraints& constraints) {
    out.begin_object();
    out.member("maxHeight", constraints.max_height);
    out.member("maxFrameRate", constraints.max_frame_rate);
    out.end_object();
}

void write_layer(json::Writer& out, const char* key, LayerIndex index, int height,
                 std::uint64_t bitrate) {
    out.key(key);
    if (index == kSuspended) {
        out.null();
        return;
    }
    out.begin_object();
    out.member("height", height);
    out.member("index", static_cast<std::int64_t>(index));
    out.member("bitrate_bps", bitrate);
    out.end_object();
}

void write_allocation(json::Writer& out, const Allocation& allocation) {
    out.key("allocation").begin_object();
    out.member("idealBps", allocation.ideal_bitrate);
    out.member("targetBps", allocation.target_bitrate);
    out.member("oversending", allocation.oversending);
    out.member("has_suspended_sources", allocation.has_suspended);
    out.key("allocations").begin_object();
    for (const SourceAllocation& source : allocation.sources) {
        out.key(source.name.value()).begin_object();
        write_layer(out, "target", source.target, source.target_height, source.target_bitrate);
        write_layer(out, "ideal", source.ideal, source.ideal_height, source.ideal_bitrate);
        out.end_object();
    }
    out.end_object();
    out.end_object();
}

void write_settings(json::Writer& out, const ReceiverSettings& settings) {
    out.key("allocationSettings").begin_object();
    write_names(out, "on_stage_sources", settings.on_stage());
    write_names(out, "selected_sources", settings.selected());
    out.key("video_constraints").begin_object();
    for (const auto& [name, constraints] : settings.constraints()) {
        out.key(name.value());
        write_constraints(out, constraints);
    }
    out.end_object();
    out.member("last_n", settings.last_n());
    out.key("default_constraints");
    write_constraints(out, settings.default_constraints());
    out.member("assumed_bandwidth_bps", settings.assumed_bandwidth());
    out.end_object();
}

void write_endpoint(json::Writer& out, const EndpointView& view, const std::string& stats_id) {
    out.begin_object();
    out.member("stats_id", stats_id);
    out.key("bitrate_controller").begin_object();
    out.key("bitrate_allocator").begin_object();
    out.member("bweBps", view.estimate_bps.value_or(-1));
    write_allocation(out, view.allocation);
    write_settings(out, view.settings);
    out.key("effectiveConstraints").begin_object();
    for (const SourceAllocation& source : view.allocation.sources) {
        out.key(source.name.value());
        write_constraints(out, source.effective);
    }
    out.end_object();
    out.end_object();
    out.end_object();
    out.key("explanation").begin_array();
    for (const auto& line : explain(view.allocation, view.bandwidth_rule)) out.value(line);
    out.end_array();
    out.member("outgoing_loss", view.outgoing_loss);
    out.key("rtt_ms");
    if (view.round_trip) {
        out.value(std::chrono::duration<double, std::milli>(*view.round_trip).count());
    } else {
        out.null();
    }
    out.member("dtls_connected", view.dtls_connected);
    out.member("channel_open", view.channel_open);
    out.member("sending_audio", view.sends_audio);
    out.member("sending_video", view.sends_video);
    out.end_object();
}

void write_head(json::Writer& out, const ConferenceListing& conference) {
    out.member("id", conference.local_id);
    out.member("rtcstatsEnabled", false);
    out.member("name", conference.name);
    out.member("meeting_id", conference.meeting_id);
}

}  // namespace

void begin_debug(json::Writer& out, const Bridge& bridge) {
    constexpr const char* kStates[] = {"RUNNING", "GRACEFUL_SHUTDOWN", "SHUTTING_DOWN"};
    out.begin_object();
    out.member("shutdown_state", kStates[static_cast<int>(bridge.shutdown_state())]);
    out.member("drain", bridge.drain());
    out.member("time", unix_ms(Clock::now()));
    const LoadManager& load = bridge.load();
    const bool reduces = load.use() == ReducerUse::on;
    out.key("load_management").begin_object();
    out.member("state", to_string(load.state()));
    out.member("stress", std::to_string(bridge.stats().stress_level));
    out.member("reducer_enabled", reduces ? "true" : "false");
    if (reduces) out.key("reducer").begin_object().member("jvbLastN", load.last_n()).end_object();
    out.end_object();
    out.key("conferences").begin_object();
}

void end_debug(json::Writer& out, const Bridge& bridge) {
    out.end_object();
    const auto health = bridge.health();
    out.key("health").begin_object();
    out.member("success", health.has_value());
    out.member("hardFailure", true);
    out.key("responseCode").null();
    out.key("message");
    if (health) {
        out.null();
    } else {
        out.value(health.error().what);
    }
    out.end_object();
    out.end_object();
}

void write_short(json::Writer& out, const ConferenceListing& conference) {
    out.key(conference.local_id).begin_object();
    write_head(out, conference);
    out.key("endpoints").begin_object();
    for (const auto& [id, stats_id] : conference.endpoints) out.member(id, stats_id);
    out.end_object();
    out.key("relays").begin_object().end_object();
    out.end_object();
}

void write_speech(json::Writer& out, const ConferenceView& view) {
    out.begin_object();
    out.key("dominantEndpoint");
    if (view.dominant) {
        out.value(view.dominant->value());
    } else {
        out.null();
    }
    out.key("dominantSpeakerIdentification").null();
    write_names(out, "endpointsBySpeechActivity", view.by_speech_activity);
    write_names(out, "endpointsInLastNOrder", view.last_n_order);
    out.end_object();
}

void write_full(json::Writer& out, const ConferenceListing& conference, const ConferenceView& view,
                const std::string& endpoint) {
    out.key(conference.local_id).begin_object();
    write_head(out, conference);
    out.member("expired", false);
    out.member("creation_time", unix_ms(conference.created));
    out.key("speech_activity");
    write_speech(out, view);
    out.key("endpoints").begin_object();
    bool found = endpoint.empty();
    for (const EndpointView& one : view.endpoints) {
        const std::string& id = one.id.value();
        if (!endpoint.empty() && endpoint != id) continue;
        const auto listed = std::find_if(conference.endpoints.begin(), conference.endpoints.end(),
                                         [&](const auto& e) { return e.first == id; });
        if (listed == conference.endpoints.end()) continue;
        out.key(id);
        write_endpoint(out, one, listed->second);
        found = true;
    }
    if (!found) out.member(endpoint, "null");
    out.end_object();
    out.key("relays").begin_object().end_object();
    out.end_object();
}

}  // namespace jmeet::bridge
