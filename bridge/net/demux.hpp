// Demux: whose datagram is this? First byte (RFC 7983), then the ufrag of a STUN request, the tag
// in the transaction id of a STUN response, or the source address.
//
// One per media worker, called by it only. An address gets into the table only when ICE has
// authenticated a check from it (IceEventKind::address_bound), so strangers cannot grow it. A
// STUN request goes by its ufrag whatever its address is bound to. Looking up does not allocate.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "bridge/ice/address.hpp"
#include "bridge/limits.hpp"
#include "bridge/net/drop_reason.hpp"

namespace jmeet::bridge {

// How a worker finds an endpoint or relay: made by the owner of the endpoints (a slot number with
// a generation, for example), opaque here. Also the tag of its IceTransport.
enum class EndpointToken : std::uint32_t {};

enum class DatagramKind : std::uint8_t { stun, dtls, rtp, rtcp, unknown };

// By the first bytes alone: 0-3 STUN, 20-63 DTLS, 128-191 RTP or RTCP; RTCP when the whole second
// byte is 192-223 (RFC 5761 section 4).
DatagramKind classify(BytesView datagram);

struct Route {
    DatagramKind kind = DatagramKind::unknown;
    std::optional<EndpointToken> token;            // empty: drop it
    DropReason reason = DropReason::unknown_first_byte;  // meaningful when the token is empty
};

// One change of a demux, for the demuxes of other workers.
struct DemuxNews {
    enum class What : std::uint8_t { added, taken, gone };
    What what;
    std::variant<EndpointToken, std::string, Address> key;  // the text is a ufrag
};

// For tables of text that are asked with a view.
struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view s) const { return std::hash<std::string_view>{}(s); }
};

class Demux {
 public:
    static constexpr std::size_t kMaxAddressesPerToken = limits::kAddressesPerEndpoint;
    static constexpr std::size_t kMaxUfragsPerToken = limits::kUfragsPerEndpoint;
    static constexpr std::size_t kMaxAddresses = limits::kAddresses;

    // From now on every change is noted there, by whoever has other workers to tell.
    void note_changes_in(std::vector<DemuxNews>& news) { news_ = &news; }

    Route route(BytesView datagram, const Address& from) const;

    // False when another endpoint has it: make another one. The oldest of a token's ufrags gives
    // way when there are too many.
    bool add_ufrag(std::string_view ufrag, EndpointToken token);
    // An authenticated check came from here (address_bound). A source address can be forged, so
    // this takes nothing from another endpoint: false then, and when a limit is reached.
    bool bind(const Address& address, EndpointToken token);
    // The address has answered a check of ours (connected, selected_changed): it is this
    // endpoint's, whoever had it before. False when a limit is reached.
    bool take(const Address& address, EndpointToken token);
    void unbind(const Address& address, EndpointToken token);
    // An endpoint of another worker has taken it.
    void give_up(const Address& address);
    // Everything of an endpoint that is gone.
    void remove(EndpointToken token);

    std::optional<EndpointToken> find(const Address& address) const;
    std::optional<EndpointToken> find_ufrag(std::string_view ufrag) const;
    std::size_t address_count() const { return addresses_.size(); }
    std::size_t token_count() const { return tokens_.size(); }

 private:
    struct Owned {
        std::vector<std::string> ufrags;
        std::vector<Address> addresses;
    };

    Route route_stun(BytesView datagram) const;
    Owned& owned_by(EndpointToken token);
    bool bind_as(const Address& address, EndpointToken token, DemuxNews::What what);
    template <class Key>
    void note(DemuxNews::What what, const Key& key) {
        if (news_) news_->push_back({what, key});
    }

    std::unordered_map<Address, EndpointToken> addresses_;
    std::unordered_map<std::string, EndpointToken, TextHash, std::equal_to<>> ufrags_;
    std::unordered_map<EndpointToken, Owned> tokens_;
    std::vector<DemuxNews>* news_ = nullptr;
};

}  // namespace jmeet::bridge
