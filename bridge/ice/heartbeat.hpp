// Is a bridge's media port alive? A STUN binding (RFC 8489, short-term credentials) that a focus
// asks and the media worker answers: no session, no state, no other effect than the answer.
//
// A frozen process, a closed port and a cut network all show within a second or two, where the
// XMPP server takes its hibernation time to notice. The credentials are one pair per process, so a
// bridge that came back under its old name is told from the one before. An answer is never longer
// than its question. Pure; each object belongs to one thread.
#pragma once

#include <optional>

#include "bridge/ice/credentials.hpp"
#include "bridge/ice/stun.hpp"

namespace jmeet::bridge {

class HeartbeatResponder {
 public:
    // Empty credentials: nothing is answered.
    explicit HeartbeatResponder(const IceCredentials& credentials)
        : ufrag_(credentials.ufrag), key_(credentials.pwd) {}

    // The length of the answer in `out`; 0 when this is no heartbeat for this process.
    std::size_t answer(BytesView request, const Address& from, Bytes out) const;

 private:
    std::string ufrag_;
    IntegrityKey key_;
};

class HeartbeatAsker {
 public:
    explicit HeartbeatAsker(const IceCredentials& credentials)
        : ufrag_(credentials.ufrag), key_(credentials.pwd) {}

    // The length of the request in `out`, or 0. Every number is asked once.
    std::size_t ask(std::uint64_t number, Bytes out) const;
    // The number of the question that this is the authentic answer to.
    std::optional<std::uint64_t> read(BytesView answer) const;

 private:
    TransactionId transaction_of(std::uint64_t number) const;

    std::string ufrag_;
    IntegrityKey key_;
    std::uint32_t salt_ = static_cast<std::uint32_t>(random_u64());
};

}  // namespace jmeet::bridge
