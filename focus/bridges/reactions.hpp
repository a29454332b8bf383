// What an answer of a bridge means for the bridge, the conference's session on it, and the
// participant: Jicofo's tables as two pure functions. COLIBRI2 errors and their reasons.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "focus/bridges/bridge_link.hpp"

namespace jmeet::focus {

enum class BridgeFlag : std::uint8_t { unchanged, failed, graceful_shutdown };

// Of an answer to an endpoint allocation, the only request that is waited for.
struct AllocationReaction {
    enum class Conference : std::uint8_t {
        allocated,       // go on with the answer
        drop_participant,  // give up for this one, no retry
        reinvite_all,    // remove the session, invite everybody on it again
    };
    BridgeFlag flag = BridgeFlag::unchanged;
    Conference conference = Conference::allocated;
    std::string why;  // for the log
};

// sctp_wanted: the request had an <sctp/>.
enum class Sctp : std::uint8_t { not_wanted, wanted };
AllocationReaction react_to_allocation(const BridgeAnswer& answer, const std::string& endpoint_id,
                                       Sctp sctp);

// Of an answer to any other request.
struct UpdateReaction {
    enum class Conference : std::uint8_t { carry_on, reinvite_endpoint, reinvite_all };
    Conference conference = Conference::carry_on;
    std::string endpoint_id;  // with reinvite_endpoint
    std::string why;
};

UpdateReaction react_to_update(const BridgeAnswer& answer);

// For the log: condition, reason, text.
std::string describe(const xmpp::colibri2::Refusal& refusal);

// Of an answer to a health check.
enum class HealthOutcome : std::uint8_t { passed, failed, timed_out, not_about_the_bridge };
HealthOutcome read_health(const BridgeAnswer& answer);

}  // namespace jmeet::focus
