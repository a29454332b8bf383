// ColibriHandler: in-place ICE restarts. Whether there is one is the media worker's decision, so
// the rest of the request is handled first and this answer comes last.
#include "bridge/colibri_handler.hpp"
#include "bridge/colibri_transport.hpp"

namespace jmeet::bridge {

namespace c2 = xmpp::colibri2;

const ControlEndpoint* ColibriHandler::restart_asked(const Modify& request) const {
    // A request that touches a transport has one endpoint; a new one has nothing to restart.
    if (request.endpoints.size() != 1) return nullptr;
    const AskedEndpoint& asked = request.endpoints.front();
    if (asked.create || !asked.transport || !asked.transport->ice_restart) return nullptr;
    const auto conference = conferences_.find(request.meeting_id);
    if (conference == conferences_.end()) return nullptr;
    const auto endpoint = conference->second.endpoints.find(asked.id);
    return endpoint == conference->second.endpoints.end() ? nullptr : &endpoint->second;
}

void ColibriHandler::add_restart(const Modify& request, const IceRestartAnswer& restart,
                                 c2::ConferenceModified& answer) const {
    const ControlEndpoint* endpoint = restart_asked(request);
    if (!endpoint || restart.outcome == RestartOutcome::unavailable) return;
    ControlEndpoint shown = *endpoint;
    shown.ice = restart.local;
    auto transport = describe_transport(env_.config, env_.candidates,
                                        conferences_.at(request.meeting_id), shown);
    transport.ice->ice_generation = restart.generation;
    answer.endpoints.front().transport = std::move(transport);
}

}  // namespace jmeet::bridge
