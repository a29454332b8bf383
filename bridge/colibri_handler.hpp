// What a bridge does with a conference-modify: the control side of every conference.
//
// Owned by Bridge, control thread only. A request is handled whole in one call, so requests of a
// conference are serial in the order in which they came and a pipelined second create never sees
// a conference that is still being made. Media hears of changes through MediaControl.
//
// Order of checks and error conditions as in Jitsi Videobridge's Colibri2ConferenceHandler: the
// focus tears down a whole session on most errors, so each condition matters. State changes made
// before an error are kept, as there.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "bridge/bridge.hpp"
#include "bridge/control_conference.hpp"
#include "bridge/media_api.hpp"

namespace jmeet::bridge {

class ColibriHandler {
 public:
    struct Environment {
        const BridgeConfig& config;
        MediaControl& media;
        // What every endpoint is told: made at start, the certificate renewed daily.
        std::vector<LocalCandidate> candidates;
        std::shared_ptr<const DtlsContext> dtls;
        std::function<ShutdownState()> shutdown_state;
    };
    struct Totals {
        std::uint64_t conferences_created = 0;
        std::uint64_t conferences_completed = 0;
        std::uint64_t conference_seconds = 0;
        std::uint64_t participants = 0;
        std::uint64_t visitors = 0;
        std::uint64_t endpoints_lost = 0;
    };

    explicit ColibriHandler(Environment environment);

    // For a new ICE agent.
    static IceCredentials make_credentials();

    ModifyResult modify(const xmpp::colibri2::ConferenceModify& request, TimePoint now);
    // The endpoint whose ICE a request that was handled asks to restart; null: none.
    const ControlEndpoint* restart_asked(const xmpp::colibri2::ConferenceModify& request) const;
    // Puts the transport into the answer for that endpoint; none where the restart is not to be
    // had, or the endpoint has gone: the focus invites its participant anew then.
    void add_restart(const xmpp::colibri2::ConferenceModify& request,
                     const IceRestartAnswer& restart,
                     xmpp::colibri2::ConferenceModified& answer) const;
    void set_dtls(std::shared_ptr<const DtlsContext> dtls) { env_.dtls = std::move(dtls); }

    // The media side gave an endpoint up.
    void on_endpoint_lost(EndpointToken token, EndpointEnd reason, TimePoint now);
    // Empty conferences; every expiry_interval.
    void sweep(TimePoint now);
    void expire_all(TimePoint now);

    const ControlEndpoint* find_for_channel(std::string_view local_conference_id,
                                            std::string_view endpoint_id) const;
    const std::map<std::string, ControlConference>& conferences() const { return conferences_; }
    std::size_t endpoint_count() const { return endpoints_; }
    const Totals& totals() const { return totals_; }

 private:
    using Modify = xmpp::colibri2::ConferenceModify;
    using Refusal = xmpp::colibri2::Refusal;
    using AskedEndpoint = xmpp::colibri2::Endpoint;

    Result<ControlConference*, Refusal> look_up(const Modify& request, TimePoint now);
    ControlConference& create_conference(const Modify& request, TimePoint now);
    Result<xmpp::colibri2::Endpoint, Refusal> handle_endpoint(ControlConference& conference,
                                                              const AskedEndpoint& asked,
                                                              bool ignore_unknown);
    Result<ControlEndpoint*, Refusal> create_endpoint(ControlConference& conference,
                                                      const AskedEndpoint& asked);
    Result<void, Refusal> check_sctp(const AskedEndpoint& asked) const;
    Result<void, Refusal> update_endpoint(ControlEndpoint& endpoint, const AskedEndpoint& asked);
    void remove_endpoint(ControlConference& conference, const std::string& id);
    void remove_conference(std::map<std::string, ControlConference>::iterator it, TimePoint now);

    Environment env_;
    log::Logger log_;
    std::map<std::string, ControlConference> conferences_;                // by meeting-id
    std::unordered_map<std::string, ControlConference*> by_local_id_;     // for channel URLs
    std::unordered_map<EndpointToken, std::pair<ControlConference*, std::string>> by_token_;
    std::size_t endpoints_ = 0;
    std::uint32_t next_token_ = 0;
    Totals totals_;
};

// The shape rules of a request, before anything is done; empty = fine.
std::optional<xmpp::colibri2::Refusal> check_shape(
    const xmpp::colibri2::ConferenceModify& request);

}  // namespace jmeet::bridge
