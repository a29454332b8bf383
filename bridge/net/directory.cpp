#include "bridge/net/directory.hpp"

#include "bridge/ice/agent.hpp"
#include "bridge/ice/stun.hpp"

namespace jmeet::bridge {

namespace {

template <class Map, class Key>
std::optional<WorkerIndex> look_up(const Map& map, const Key& key) {
    const auto found = map.find(key);
    if (found == map.end()) return std::nullopt;
    return found->second;
}

template <class Map, class Key>
bool change(Map& map, const Key& key, WorkerIndex worker, DemuxNews::What what) {
    const auto known = map.find(key);
    if (what == DemuxNews::What::gone) {
        if (known == map.end() || known->second != worker) return false;
        map.erase(known);
        return true;
    }
    if (known == map.end()) {
        map.emplace(key, worker);
        return true;
    }
    // What has only been heard from takes nothing from who had it before, as in a demux.
    if (what == DemuxNews::What::added || known->second == worker) return false;
    known->second = worker;
    return true;
}

}  // namespace

bool Directory::apply(WorkerIndex worker, const DemuxNews& news) {
    if (const auto* address = std::get_if<Address>(&news.key)) {
        return change(addresses_, *address, worker, news.what);
    }
    if (const auto* ufrag = std::get_if<std::string>(&news.key)) {
        return change(ufrags_, *ufrag, worker, news.what);
    }
    return change(tokens_, std::get<EndpointToken>(news.key), worker, news.what);
}

std::optional<WorkerIndex> Directory::find(BytesView datagram, const Address& from) const {
    switch (classify(datagram)) {
        case DatagramKind::stun: return find_stun(datagram);
        case DatagramKind::unknown: return std::nullopt;
        default: return look_up(addresses_, from);
    }
}

std::optional<WorkerIndex> Directory::find_stun(BytesView datagram) const {
    const std::optional<StunMessage> message = StunMessage::parse(datagram);
    if (!message || message->method() != kStunBinding) return std::nullopt;
    switch (message->message_class()) {
        case StunClass::request: return look_up(ufrags_, message->receiver_ufrag());
        case StunClass::indication: return std::nullopt;
        default:
            return look_up(tokens_,
                           static_cast<EndpointToken>(stun_tag(message->transaction())));
    }
}

}  // namespace jmeet::bridge
