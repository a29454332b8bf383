#include "bridge/colibri_transport.hpp"

#include <spdlog/fmt/fmt.h>

namespace jmeet::bridge {
namespace {

namespace c2 = xmpp::colibri2;

xmpp::Candidate to_xmpp(const LocalCandidate& candidate) {
    xmpp::Candidate out;
    out.id = candidate.id;
    out.foundation = candidate.foundation;
    out.priority = candidate.priority;
    out.type = std::string(to_string(candidate.type));
    out.ip = candidate.address.ip_string();
    out.port = candidate.address.port();
    if (candidate.type != CandidateType::host) {
        out.rel_addr = candidate.base.ip_string();
        out.rel_port = candidate.base.port();
    }
    return out;
}

std::optional<RemoteCandidate> to_remote(const xmpp::Candidate& candidate) {
    if (candidate.protocol != "udp" || candidate.generation != 0) return std::nullopt;
    const auto type = parse_candidate_type(candidate.type);
    const auto address = Address::parse(candidate.ip, candidate.port);
    if (!type || !address) return std::nullopt;
    return RemoteCandidate{*type, *address, candidate.priority};
}

const char* setup_of(const ControlEndpoint& endpoint) {
    if (!endpoint.dtls_role) return "actpass";
    return *endpoint.dtls_role == DtlsRole::server ? "passive" : "active";
}

}  // namespace

TransportUpdate to_update(const xmpp::IceUdpTransport& ice) {
    TransportUpdate update;
    update.ice_generation = ice.ice_generation;
    if (!ice.ufrag.empty() && !ice.pwd.empty()) update.remote = IceCredentials{ice.ufrag, ice.pwd};
    for (const auto& candidate : ice.candidates) {
        if (const auto remote = to_remote(candidate)) update.candidates.push_back(*remote);
    }
    for (const auto& f : ice.fingerprints) {
        if (!f.hash.empty() && !f.value.empty()) update.fingerprints.push_back({f.hash, f.value});
    }
    if (!ice.fingerprints.empty()) {
        const auto& setup = ice.fingerprints.front().setup;
        if (setup == "active") update.role = DtlsRole::server;
        if (setup == "passive") update.role = DtlsRole::client;
    }
    return update;
}

c2::Transport describe_transport(const BridgeConfig& config,
                                 std::span<const LocalCandidate> candidates,
                                 const ControlConference& conference,
                                 const ControlEndpoint& endpoint) {
    c2::Transport transport;
    xmpp::IceUdpTransport ice;
    ice.ufrag = endpoint.ice.ufrag;
    ice.pwd = endpoint.ice.pwd;
    ice.rtcp_mux = true;
    const Fingerprint& own = endpoint.dtls->fingerprint();
    ice.fingerprints.push_back({own.hash, setup_of(endpoint), own.value});
    if (config.websockets) {
        for (const auto& domain : config.websocket_domains) {
            ice.web_sockets.push_back(fmt::format(
                "{}://{}/colibri-ws/{}/{}/{}?pwd={}", config.websocket_tls ? "wss" : "ws", domain,
                config.websocket_server_id, conference.local_id, endpoint.id.value(),
                endpoint.channel_password));
        }
    }
    const bool hide_private = !config.advertise_private_candidates && !endpoint.private_addresses;
    const std::vector<LocalCandidate> shown =
        hide_private ? without_private(candidates)
                     : std::vector<LocalCandidate>(candidates.begin(), candidates.end());
    for (const auto& candidate : shown) ice.candidates.push_back(to_xmpp(candidate));
    transport.ice = std::move(ice);
    return transport;
}

}  // namespace jmeet::bridge
