#include "focus/bridges/reactions.hpp"

#include <doctest/doctest.h>

namespace jmeet::focus {
namespace {

using xmpp::colibri2::ConferenceModified;
using xmpp::colibri2::Refusal;
using Conference = AllocationReaction::Conference;

BridgeAnswer refusal(const char* condition, const char* reason = "") {
    return Refusal{condition, reason, "", ""};
}

ConferenceModified allocated(std::optional<std::uint16_t> sctp_port) {
    ConferenceModified answer;
    auto& endpoint = answer.endpoints.emplace_back();
    endpoint.id = "aa";
    endpoint.transport.emplace();
    endpoint.transport->ice.emplace();
    if (sctp_port) endpoint.transport->sctp = xmpp::colibri2::Sctp{sctp_port, "server"};
    return answer;
}

struct Row {
    BridgeAnswer answer;
    BridgeFlag flag;
    Conference conference;
};

TEST_CASE("answers to an allocation") {
    const Row rows[] = {
        {NoAnswer{}, BridgeFlag::failed, Conference::reinvite_all},
        {NotConnected{}, BridgeFlag::unchanged, Conference::drop_participant},
        {WrongAnswer{"odd"}, BridgeFlag::failed, Conference::drop_participant},
        {refusal("bad-request"), BridgeFlag::unchanged, Conference::drop_participant},
        {refusal("item-not-found", "conference_not_found"), BridgeFlag::unchanged,
         Conference::reinvite_all},
        {refusal("item-not-found"), BridgeFlag::unchanged, Conference::drop_participant},
        {refusal("item-not-found", "unspecified"), BridgeFlag::unchanged,
         Conference::drop_participant},
        {refusal("conflict"), BridgeFlag::unchanged, Conference::reinvite_all},
        {refusal("conflict", "conference_already_exists"), BridgeFlag::unchanged,
         Conference::reinvite_all},
        {refusal("service-unavailable", "graceful_shutdown"), BridgeFlag::graceful_shutdown,
         Conference::reinvite_all},
        {refusal("service-unavailable"), BridgeFlag::failed, Conference::reinvite_all},
        {refusal("internal-server-error"), BridgeFlag::failed, Conference::reinvite_all},
        {refusal("forbidden"), BridgeFlag::failed, Conference::reinvite_all},
        {refusal("feature-not-implemented", "feature_not_implemented"), BridgeFlag::failed,
         Conference::reinvite_all},
        {ConferenceModified{}, BridgeFlag::unchanged, Conference::drop_participant},
        {allocated({}), BridgeFlag::unchanged, Conference::allocated},
    };
    for (const Row& row : rows) {
        const AllocationReaction reaction = react_to_allocation(row.answer, "aa", Sctp::not_wanted);
        CAPTURE(reaction.why);
        CHECK(reaction.flag == row.flag);
        CHECK(reaction.conference == row.conference);
    }
}

TEST_CASE("SCTP that was wanted must be answered with a port") {
    CHECK(react_to_allocation(allocated({}), "aa", Sctp::wanted).conference ==
          Conference::drop_participant);
    CHECK(react_to_allocation(allocated(5000), "aa", Sctp::wanted).conference ==
          Conference::allocated);
    CHECK(react_to_allocation(allocated(5000), "bb", Sctp::wanted).conference ==
          Conference::drop_participant);
}

TEST_CASE("answers to everything else") {
    using Update = UpdateReaction::Conference;
    CHECK(react_to_update(ConferenceModified{}).conference == Update::carry_on);
    CHECK(react_to_update(NoAnswer{}).conference == Update::carry_on);
    CHECK(react_to_update(NotConnected{}).conference == Update::carry_on);
    CHECK(react_to_update(WrongAnswer{"odd"}).conference == Update::reinvite_all);
    CHECK(react_to_update(refusal("item-not-found", "conference_not_found")).conference ==
          Update::reinvite_all);
    CHECK(react_to_update(refusal("item-not-found", "unknown_endpoint")).conference ==
          Update::reinvite_all);
    const Refusal unknown{"item-not-found", "unknown_endpoint", "", "aa"};
    CHECK(react_to_update(unknown).conference == Update::reinvite_endpoint);
    CHECK(react_to_update(unknown).endpoint_id == "aa");
}

TEST_CASE("answers to a health check") {
    CHECK(read_health(ConferenceModified{}) == HealthOutcome::passed);
    CHECK(read_health(NoAnswer{}) == HealthOutcome::timed_out);
    CHECK(read_health(refusal("internal-server-error")) == HealthOutcome::failed);
    CHECK(read_health(refusal("service-unavailable")) == HealthOutcome::failed);
    CHECK(read_health(refusal("item-not-found")) == HealthOutcome::not_about_the_bridge);
    CHECK(read_health(refusal("forbidden")) == HealthOutcome::not_about_the_bridge);
    CHECK(read_health(NotConnected{}) == HealthOutcome::not_about_the_bridge);
}

}  // namespace
}  // namespace jmeet::focus
