// How far a server's clock is from ours, by its answer to "what time is it" (XEP-0202). Pure.
#pragma once

#include <chrono>
#include <optional>

#include "xmpp/element.hpp"

namespace jmeet::doctor {

inline constexpr char kTimeNamespace[] = "urn:xmpp:time";

// Seconds that `now` is ahead of the answer's <utc/>; empty where it has none.
std::optional<double> clock_offset(const xmpp::Element& answer,
                                   std::chrono::system_clock::time_point now);

}  // namespace jmeet::doctor
