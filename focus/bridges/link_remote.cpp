#include "focus/bridges/link_remote.hpp"

#include "xmpp/jitsi_control.hpp"
#include "xmpp/namespaces.hpp"

namespace jmeet::focus {
namespace {

using xmpp::colibri2::ConferenceModified;
using xmpp::colibri2::Refusal;

BridgeAnswer read_error(const xmpp::StanzaError& error) {
    if (error.origin == xmpp::ErrorOrigin::timeout) return NoAnswer{};
    if (error.origin == xmpp::ErrorOrigin::connection) return NotConnected{};
    Refusal refusal;
    refusal.condition = error.condition;
    refusal.text = error.text;
    if (error.application && error.application->is("error", xmpp::ns::kColibri2)) {
        refusal.reason = error.application->get("reason");
    }
    return refusal;
}

}  // namespace

awaitable<xmpp::IqResult<xmpp::Element>> LinkRemote::ask(xmpp::Element payload) {
    co_return co_await iq_.request(
        xmpp::make_iq("get", bridge_.to_string(), std::move(payload)), deadline_);
}

awaitable<BridgeAnswer> LinkRemote::modify(xmpp::colibri2::ConferenceModify request) {
    const auto answer = co_await ask(xmpp::colibri2::write(request));
    if (!answer) {
        BridgeAnswer error = read_error(answer.error());
        auto* const refusal = std::get_if<Refusal>(&error);
        // Which one is unknown: requests that can be refused so name a single endpoint.
        if (refusal && refusal->reason == "unknown_endpoint" && request.endpoints.size() == 1) {
            refusal->endpoint_id = request.endpoints.front().id;
        }
        co_return error;
    }
    const xmpp::Element* const modified =
        answer->child("conference-modified", xmpp::ns::kColibri2);
    if (!modified) co_return WrongAnswer{"the answer is no conference-modified"};
    auto parsed = xmpp::colibri2::parse_conference_modified(*modified);
    if (!parsed) co_return WrongAnswer{parsed.error().what};
    co_return std::move(*parsed);
}

awaitable<BridgeAnswer> LinkRemote::check_health() {
    const auto answer = co_await ask(xmpp::health_check());
    if (answer) co_return ConferenceModified{};
    co_return read_error(answer.error());
}

}  // namespace jmeet::focus
