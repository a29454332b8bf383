#include "bridge/net/demux.hpp"

#include <algorithm>

#include "bridge/ice/agent.hpp"
#include "bridge/ice/stun.hpp"

namespace jmeet::bridge {

DatagramKind classify(BytesView datagram) {
    if (datagram.empty()) return DatagramKind::unknown;
    const std::uint8_t first = datagram[0];
    if (first <= 3) return DatagramKind::stun;
    if (first >= 20 && first <= 63) return DatagramKind::dtls;
    if (first < 128 || first > 191 || datagram.size() < 2) return DatagramKind::unknown;
    const std::uint8_t second = datagram[1];
    return second >= 192 && second <= 223 ? DatagramKind::rtcp : DatagramKind::rtp;
}

Route Demux::route(BytesView datagram, const Address& from) const {
    Route route;
    route.kind = classify(datagram);
    if (route.kind == DatagramKind::stun) return route_stun(datagram);
    if (route.kind == DatagramKind::unknown) {
        route.reason =
            datagram.empty() ? DropReason::empty_datagram : DropReason::unknown_first_byte;
        return route;
    }
    route.token = find(from);
    route.reason = DropReason::unknown_address;
    return route;
}

// Only the header and USERNAME matter here; the agent parses the message again and checks it.
Route Demux::route_stun(BytesView datagram) const {
    Route route;
    route.kind = DatagramKind::stun;
    route.reason = DropReason::stun_malformed;
    const std::optional<StunMessage> message = StunMessage::parse(datagram);
    if (!message || message->method() != kStunBinding) return route;
    if (message->message_class() == StunClass::request) {
        route.token = find_ufrag(message->receiver_ufrag());
        route.reason = DropReason::stun_unknown_user;
    } else if (message->message_class() != StunClass::indication) {
        const auto token = static_cast<EndpointToken>(stun_tag(message->transaction()));
        route.reason = DropReason::stun_unmatched;
        if (tokens_.contains(token)) route.token = token;
    }
    return route;
}

Demux::Owned& Demux::owned_by(EndpointToken token) {
    const auto [owner, is_new] = tokens_.try_emplace(token);
    if (is_new) note(DemuxNews::What::added, token);
    return owner->second;
}

bool Demux::add_ufrag(std::string_view ufrag, EndpointToken token) {
    const auto [entry, is_new] = ufrags_.try_emplace(std::string(ufrag), token);
    if (!is_new) return entry->second == token;
    std::vector<std::string>& owned = owned_by(token).ufrags;
    if (owned.size() == kMaxUfragsPerToken) {
        note(DemuxNews::What::gone, owned.front());
        ufrags_.erase(owned.front());
        owned.erase(owned.begin());
    }
    owned.emplace_back(ufrag);
    note(DemuxNews::What::added, owned.back());
    return true;
}

bool Demux::bind(const Address& address, EndpointToken token) {
    return bind_as(address, token, DemuxNews::What::added);
}

bool Demux::bind_as(const Address& address, EndpointToken token, DemuxNews::What what) {
    const auto known = addresses_.find(address);
    if (known != addresses_.end()) {
        if (what == DemuxNews::What::taken) note(what, address);
        return known->second == token;
    }
    std::vector<Address>& owned = owned_by(token).addresses;
    if (owned.size() >= kMaxAddressesPerToken || addresses_.size() >= kMaxAddresses) return false;
    owned.push_back(address);
    addresses_.emplace(address, token);
    note(what, address);
    return true;
}

bool Demux::take(const Address& address, EndpointToken token) {
    const std::optional<EndpointToken> owner = find(address);
    if (owner && *owner != token) unbind(address, *owner);
    return bind_as(address, token, DemuxNews::What::taken);
}

void Demux::unbind(const Address& address, EndpointToken token) {
    const auto known = addresses_.find(address);
    if (known == addresses_.end() || known->second != token) return;
    addresses_.erase(known);
    std::erase(tokens_[token].addresses, address);
    note(DemuxNews::What::gone, address);
}

void Demux::give_up(const Address& address) {
    const std::optional<EndpointToken> owner = find(address);
    if (owner) unbind(address, *owner);
}

void Demux::remove(EndpointToken token) {
    const auto owner = tokens_.find(token);
    if (owner == tokens_.end()) return;
    for (const Address& address : owner->second.addresses) {
        addresses_.erase(address);
        note(DemuxNews::What::gone, address);
    }
    for (const std::string& ufrag : owner->second.ufrags) {
        ufrags_.erase(ufrag);
        note(DemuxNews::What::gone, ufrag);
    }
    tokens_.erase(owner);
    note(DemuxNews::What::gone, token);
}

std::optional<EndpointToken> Demux::find(const Address& address) const {
    const auto found = addresses_.find(address);
    if (found == addresses_.end()) return {};
    return found->second;
}

std::optional<EndpointToken> Demux::find_ufrag(std::string_view ufrag) const {
    const auto found = ufrags_.find(ufrag);
    if (found == ufrags_.end()) return {};
    return found->second;
}

}  // namespace jmeet::bridge
