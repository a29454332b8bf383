#include "focus/bridges/reactions.hpp"

#include <algorithm>

namespace jmeet::focus {
using xmpp::colibri2::Refusal;

namespace {

using xmpp::colibri2::ConferenceModified;
using xmpp::colibri2::Endpoint;
using Conference = AllocationReaction::Conference;

AllocationReaction react_to_refusal(const Refusal& refusal) {
    const std::string why = describe(refusal);
    if (refusal.condition == "bad-request") {
        return {BridgeFlag::unchanged, Conference::drop_participant, why};
    }
    if (refusal.condition == "item-not-found") {
        // Without this reason it is the room that speaks: the bridge is not in it.
        const bool gone = refusal.reason == "conference_not_found";
        return {BridgeFlag::unchanged,
                gone ? Conference::reinvite_all : Conference::drop_participant, why};
    }
    if (refusal.condition == "conflict") {
        return {BridgeFlag::unchanged, Conference::reinvite_all, why};
    }
    if (refusal.condition == "service-unavailable" && refusal.reason == "graceful_shutdown") {
        return {BridgeFlag::graceful_shutdown, Conference::reinvite_all, why};
    }
    return {BridgeFlag::failed, Conference::reinvite_all, why};
}

AllocationReaction react_to_answer(const ConferenceModified& answer, const std::string& id,
                                   Sctp sctp) {
    const auto endpoint = std::find_if(answer.endpoints.begin(), answer.endpoints.end(),
                                       [&](const Endpoint& e) { return e.id == id; });
    if (endpoint == answer.endpoints.end() || !endpoint->transport || !endpoint->transport->ice) {
        return {BridgeFlag::unchanged, Conference::drop_participant, "no transport in the answer"};
    }
    const auto& offered = endpoint->transport->sctp;
    if (sctp == Sctp::wanted && !(offered && offered->port)) {
        return {BridgeFlag::unchanged, Conference::drop_participant, "no SCTP port in the answer"};
    }
    return {};
}

}  // namespace

std::string describe(const Refusal& refusal) {
    std::string text = refusal.condition;
    if (!refusal.reason.empty()) text += " (" + refusal.reason + ")";
    if (!refusal.text.empty()) text += ": " + refusal.text;
    return text;
}

AllocationReaction react_to_allocation(const BridgeAnswer& answer, const std::string& endpoint_id,
                                       Sctp sctp) {
    if (std::holds_alternative<NoAnswer>(answer)) {
        return {BridgeFlag::failed, Conference::reinvite_all, "no answer in time"};
    }
    if (std::holds_alternative<NotConnected>(answer)) {
        return {BridgeFlag::unchanged, Conference::drop_participant, "not connected"};
    }
    if (const auto* wrong = std::get_if<WrongAnswer>(&answer)) {
        return {BridgeFlag::failed, Conference::drop_participant, wrong->what};
    }
    if (const auto* refusal = std::get_if<Refusal>(&answer)) return react_to_refusal(*refusal);
    return react_to_answer(std::get<ConferenceModified>(answer), endpoint_id, sctp);
}

UpdateReaction react_to_update(const BridgeAnswer& answer) {
    using Update = UpdateReaction::Conference;
    if (std::holds_alternative<ConferenceModified>(answer)) return {};
    if (std::holds_alternative<NoAnswer>(answer)) {
        return {Update::carry_on, {}, "no answer in time"};
    }
    if (std::holds_alternative<NotConnected>(answer)) {
        return {Update::carry_on, {}, "not connected"};
    }
    if (const auto* wrong = std::get_if<WrongAnswer>(&answer)) {
        return {Update::reinvite_all, {}, wrong->what};
    }
    const auto& refusal = std::get<Refusal>(answer);
    if (refusal.reason == "unknown_endpoint" && !refusal.endpoint_id.empty()) {
        return {Update::reinvite_endpoint, refusal.endpoint_id, describe(refusal)};
    }
    return {Update::reinvite_all, {}, describe(refusal)};
}

HealthOutcome read_health(const BridgeAnswer& answer) {
    if (std::holds_alternative<ConferenceModified>(answer)) return HealthOutcome::passed;
    if (std::holds_alternative<NoAnswer>(answer)) return HealthOutcome::timed_out;
    const auto* refusal = std::get_if<Refusal>(&answer);
    if (!refusal) return HealthOutcome::not_about_the_bridge;
    const bool bridge_says_so = refusal->condition == "internal-server-error" ||
                                refusal->condition == "service-unavailable";
    return bridge_says_so ? HealthOutcome::failed : HealthOutcome::not_about_the_bridge;
}

}  // namespace jmeet::focus
