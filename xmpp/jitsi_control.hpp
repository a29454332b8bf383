// Small IQs between focus and bridge: health check and the two shutdown requests.
//
// Plain values; control thread. The answer to a health check is an empty result, or the error
// internal-server-error with a text that says what is wrong.
#pragma once

#include <cstdint>
#include <optional>

#include "xmpp/element.hpp"

namespace jmeet::xmpp {

// <healthcheck xmlns='http://jitsi.org/protocol/healthcheck'/>
Element health_check();
bool is_health_check(const Element& element);

// <graceful-shutdown/> and <force-shutdown/> in http://jitsi.org/protocol/colibri.
enum class ShutdownKind : std::uint8_t { graceful, force };
std::optional<ShutdownKind> parse_shutdown(const Element& element);
Element write_shutdown(ShutdownKind kind);

}  // namespace jmeet::xmpp
