#include "bridge/control/statistics.hpp"

#include <doctest/doctest.h>

#include <set>

#include "base/json.hpp"

using namespace jmeet;
using namespace jmeet::bridge;

namespace {

BridgeConfig quiet_config() {
    BridgeConfig config;
    config.media_port = 0;
    config.loopback_candidates = true;
    config.version = "2.3.1";
    config.region = "region1";
    return config;
}

}  // namespace

TEST_CASE("every key that a focus or an autoscaler reads is published, in presence and as JSON") {
    asio::io_context control;
    Bridge bridge(control, quiet_config());
    const auto statistics = make_statistics(bridge, {1, 1, 1});
    const auto presence = to_presence(statistics);
    for (const char* key :
         {"stress_level", "average_participant_stress", "graceful_shutdown", "shutting_down",
          "drain", "healthy", "version", "region", "conferences", "endpoints", "participants",
          "octo_endpoints", "largest_conference", "bit_rate_download", "bit_rate_upload",
          "packet_rate_download", "packet_rate_upload", "total_conferences_created",
          "total_conferences_completed", "total_participants", "total_ice_succeeded",
          "num_eps_oversending", "endpoints_with_suspended_sources", "tcc_unmatched_feedback",
          "num_eps_no_msg_transport_after_delay", "total_keyframes_received",
          "total_data_channel_messages_sent", "total_colibri_web_socket_messages_sent",
          "total_dominant_speaker_changes", "current_timestamp", "threads", "mucs_joined"}) {
        CHECK_MESSAGE(presence.find(key).has_value(), key);
    }
    CHECK(presence.find("version") == "2.3.1");
    CHECK(presence.find_double("stress_level") == 0.0);
    CHECK(presence.find_bool("healthy") == true);

    const auto json = json::parse_object(to_json(statistics));
    REQUIRE(json.has_value());
    CHECK((*json)["stress_level"].IsDouble());
    CHECK((*json)["conferences"].IsUint64());
    CHECK((*json)["drain"].IsBool());
    CHECK((*json)["region"].IsString());
}

TEST_CASE("no key is said twice") {
    asio::io_context control;
    Bridge bridge(control, quiet_config());
    std::set<std::string> seen;
    for (const auto& [name, value] : make_statistics(bridge, {})) {
        CHECK_MESSAGE(seen.insert(name).second, name);
    }
}

TEST_CASE("drain and graceful shutdown show in the statistics") {
    asio::io_context control;
    Bridge bridge(control, quiet_config());
    bridge.set_drain(true);
    CHECK(to_presence(make_statistics(bridge, {})).find_bool("drain") == true);
    bridge.start_shutdown(ShutdownKind::graceful);
    // Nobody is here to wait for.
    CHECK(to_presence(make_statistics(bridge, {})).find_bool("shutting_down") == true);
}
