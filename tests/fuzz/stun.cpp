// STUN from the network: the view on its own, and what an agent makes of it in each of its states.
//
// The first byte picks the state and the way in. Random bytes never pass an integrity check, so
// one way in is to sign what the fuzzer wrote.
#include <array>
#include <cstdlib>
#include <vector>

#include "bridge/ice/transport.hpp"

using namespace jmeet;
using namespace jmeet::bridge;

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

const IceCredentials kLocal{"local0", "0123456789012345678901"};
const IceCredentials kRemote{"remote0", "abcdefghijklmnopqrstuv"};
const Address kPeer = *Address::parse("198.51.100.20", 40'000);
constexpr TimePoint kStart{seconds(1000)};

// Everything that a view gives lies in the datagram.
void look_at(BytesView bytes) {
    const std::optional<StunMessage> message = StunMessage::parse(bytes);
    if (!message) return;
    const std::string_view user = message->username();
    const auto* begin = reinterpret_cast<const char*>(bytes.data());
    require(user.empty() || (user.data() >= begin &&
                             user.data() + user.size() <= begin + bytes.size()));
    require(message->receiver_ufrag().size() + message->sender_ufrag().size() <= user.size());
    require(message->unknown_required().size() <= kMaxUnknownAttributes);
    message->check_integrity(IntegrityKey(kLocal.pwd));
}

// A message with these attributes, signed and with FINGERPRINT.
std::vector<std::uint8_t> sign(std::uint16_t type, const TransactionId& id, BytesView attributes,
                               std::string_view password) {
    std::vector<std::uint8_t> out(kStunHeaderSize);
    store_be16(&out[0], type);
    store_be32(&out[4], kStunMagicCookie);
    for (std::size_t i = 0; i < id.size(); ++i) out[8 + i] = id[i];
    for (const std::uint8_t b : attributes) out.push_back(b);
    while (out.size() % 4 != 0) out.push_back(0);
    store_be16(&out[2], static_cast<std::uint16_t>(out.size() - kStunHeaderSize + 24));
    IntegrityKey::Digest digest{};
    const BytesView all = out;
    IntegrityKey(password).sign(all.first(kStunHeaderSize), all.subspan(kStunHeaderSize), digest);
    for (const std::uint8_t b : {0x00, 0x08, 0x00, 0x14}) out.push_back(b);
    for (const std::uint8_t b : digest) out.push_back(b);
    return out;
}

void check(const IceTransport& ice, const IceOutput& out) {
    require(out.datagrams().size() <= IceOutput::kMaxDatagrams);
    for (const IceOutput::Datagram& d : out.datagrams()) {
        require(StunMessage::parse(d.bytes()).has_value());
    }
    require(ice.agent().pair_count() <= IceAgent::kMaxPairs);
}

// An agent in the state that the selector names; the transaction id of its open check, if any.
TransactionId prepare(IceTransport& ice, std::uint8_t selector, IceOutput& out) {
    TransactionId id{};
    if (selector & 1) return id;
    ice.set_remote_credentials(kRemote, {}, kStart);
    ice.add_remote_candidate({CandidateType::host, kPeer, 1}, {}, kStart);
    ice.tick(kStart, out);
    if (!out.datagrams().empty()) {
        id = StunMessage::parse(out.datagrams()[0].bytes())->transaction();
    }
    out.clear();
    return id;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const BytesView input(data + 1, size - 1);
    look_at(input);

    const std::uint8_t selector = data[0];
    const IceRole role = selector & 2 ? IceRole::controlled : IceRole::controlling;
    IceTransport ice({}, role, kLocal, 7);
    IceOutput out;
    const TransactionId id = prepare(ice, selector, out);
    TimePoint now = kStart + milliseconds(5);
    if (selector & 4) {
        if (ice.on_stun(input, kPeer, now, out) != StunVerdict::handled) {
            require(!ice.validated(kPeer));
        }
        check(ice, out);
        return 0;
    }
    const bool response = selector & 0x10;
    const std::uint16_t type = !response ? 0x0001 : selector & 0x20 ? 0x0111 : 0x0101;
    const auto message = sign(type, id, input, response ? kRemote.pwd : kLocal.pwd);
    look_at(message);
    for (int i = 0; i < 3; ++i) {
        out.clear();
        ice.on_stun(message, kPeer, now, out);
        check(ice, out);
        out.clear();
        now += milliseconds(700);
        ice.tick(now, out);
        check(ice, out);
    }
    return 0;
}
