// The one way in which the focus speaks to a bridge, whatever the bridge is: the embedded SFU (a
// function call) or any other (COLIBRI2 over XMPP to its occupant JID in the brewery).
//
// Owned by BridgeList, one per bridge. Control thread. Requests of one conference leave in the
// order of the calls: both implementations hand the request over before they first suspend.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <variant>

#include "base/asio.hpp"
#include "xmpp/colibri2.hpp"

namespace jmeet::focus {

// What came back: the answer, the bridge's (or its server's) error, silence, or nonsense.
struct NoAnswer {
    bool operator==(const NoAnswer&) const = default;
};
// Our own connection to the server is down: says nothing about the bridge.
struct NotConnected {
    bool operator==(const NotConnected&) const = default;
};
struct WrongAnswer {
    std::string what;
    bool operator==(const WrongAnswer&) const = default;
};
using BridgeAnswer = std::variant<xmpp::colibri2::ConferenceModified, xmpp::colibri2::Refusal,
                                  NoAnswer, NotConnected, WrongAnswer>;

class BridgeLink {
 public:
    virtual ~BridgeLink() = default;
    virtual awaitable<BridgeAnswer> modify(xmpp::colibri2::ConferenceModify request) = 0;
    // A health check: empty result, refusal, or silence.
    virtual awaitable<BridgeAnswer> check_health() = 0;
};

// The embedded SFU's two entry points, as the composition root hands them over.
struct LocalBridgeCalls {
    std::function<awaitable<Result<xmpp::colibri2::ConferenceModified, xmpp::colibri2::Refusal>>(
        xmpp::colibri2::ConferenceModify)>
        modify;
    // Empty: healthy; else what is wrong.
    std::function<std::string()> health;
};

}  // namespace jmeet::focus
