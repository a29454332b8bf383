#include "xmpp/jitsi_control.hpp"

#include "xmpp/namespaces.hpp"

namespace jmeet::xmpp {

Element health_check() { return Element("healthcheck", ns::kHealth); }

bool is_health_check(const Element& element) { return element.is("healthcheck", ns::kHealth); }

std::optional<ShutdownKind> parse_shutdown(const Element& element) {
    if (element.is("graceful-shutdown", ns::kColibri)) return ShutdownKind::graceful;
    if (element.is("force-shutdown", ns::kColibri)) return ShutdownKind::force;
    return {};
}

Element write_shutdown(ShutdownKind kind) {
    return Element(kind == ShutdownKind::graceful ? "graceful-shutdown" : "force-shutdown",
                   ns::kColibri);
}

}  // namespace jmeet::xmpp
