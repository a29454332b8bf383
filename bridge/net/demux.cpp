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

bool Demux::add_ufrag(std::string_view ufrag, EndpointToken token) {
    const auto [entry, is_new] = ufrags_.try_emplace(std::string(ufrag), token);
    if (!is_new) return entry->second == token;
    std::vector<std::string>& owned = tokens_[token].ufrags;
    if (owned.size() == kMaxUfragsPerToken) {
        ufrags_.erase(owned.front());
        owned.erase(owned.begin());
    }
    owned.emplace_back(ufrag);
    return true;
}

bool Demux::bind(const Address& address, EndpointToken token) {
    const auto known = addresses_.find(address);
    if (known != addresses_.end()) return known->second == token;
    std::vector<Address>& owned = tokens_[token].addresses;
    if (owned.size() >= kMaxAddressesPerToken || addresses_.size() >= kMaxAddresses) return false;
    owned.push_back(address);
    addresses_.emplace(address, token);
    return true;
}

bool Demux::take(const Address& address, EndpointToken token) {
    const std::optional<EndpointToken> owner = find(address);
    if (owner && *owner != token) unbind(address, *owner);
    return bind(address, token);
}

void Demux::unbind(const Address& address, EndpointToken token) {
    const auto known = addresses_.find(address);
    if (known == addresses_.end() || known->second != token) return;
    addresses_.erase(known);
    std::erase(tokens_[token].addresses, address);
}

void Demux::remove(EndpointToken token) {
    const auto owner = tokens_.find(token);
    if (owner == tokens_.end()) return;
    for (const Address& address : owner->second.addresses) addresses_.erase(address);
    for (const std::string& ufrag : owner->second.ufrags) ufrags_.erase(ufrag);
    tokens_.erase(owner);
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
