// IceAgent: one full ICE agent of one component behind a port that all agents share (RFC 8445),
// with consent checks (RFC 7675). Owned by an IceTransport; see there for how it is driven.
//
// Every local candidate is the same pair of sockets, so a pair is a remote address. The agent
// answers checks from birth; it checks on its own when the remote credentials are known, first
// the addresses that it heard from. It nominates the first valid pair by a second check with
// USE-CANDIDATE (controlling), or follows the last valid nomination (controlled). An authenticated
// peer may come from a new address at any time: the agent validates that address and moves there
// when the selected one no longer answers.
//
// Nothing changes for a message that fails its integrity check, and it gets no answer.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/clock.hpp"
#include "bridge/ice/candidate.hpp"
#include "bridge/ice/credentials.hpp"
#include "bridge/ice/output.hpp"
#include "bridge/ice/stun.hpp"
#include "bridge/limits.hpp"

namespace jmeet::bridge {

enum class IceRole : std::uint8_t { controlling, controlled };

// waiting: no remote credentials yet. disconnected: was connected, consent is lost, still answers.
// failed: no pair works; a new authenticated check brings it back to checking.
enum class IceState : std::uint8_t { waiting, checking, connected, disconnected, failed };

struct IceConfig {
    AddressPolicy addresses;
    Duration pace = milliseconds(20);            // Ta: between two new checks
    Duration rto_first = milliseconds(100);      // doubles
    Duration rto_max = milliseconds(1600);
    unsigned retransmissions = 6;
    Duration relay_patience = milliseconds(800); // a relayed pair is nominated only after this
    Duration failure_wait = seconds(5);          // all pairs failed: wait for others this long
    Duration consent_interval = seconds(5);      // times 0.8 to 1.2
    Duration consent_rto = milliseconds(500);
    unsigned consent_retransmissions = 5;
    Duration consent_expiry = seconds(30);       // RFC 7675 section 5.1
    // The selected pair is asked early when it is silent this long while another one is heard
    // (browsers check every 2.7 s), or when media comes on another one.
    Duration suspect_silence = seconds(3);
    Duration suspect_silence_media = milliseconds(500);
    unsigned suspect_transmissions = 3;          // unanswered ones, then move
};

// Our transaction ids carry a 32-bit tag; see IceTransport.
TransactionId make_transaction(std::uint32_t tag);
std::uint32_t stun_tag(const TransactionId& id);

class IceAgent {
 public:
    // LIMIT: pairs; the oldest that never proved itself makes room for a new one, then the oldest
    // that is not selected.
    static constexpr std::size_t kMaxPairs = limits::kAddressesPerAgent;

    IceAgent(const IceConfig& config, IceRole role, IceCredentials local, std::uint32_t tag,
             std::uint64_t tie_breaker);

    const IceCredentials& local() const { return local_; }
    const IceCredentials& remote() const { return remote_; }
    IceRole role() const { return role_; }
    IceState state() const { return state_; }

    // Once; a second call is ignored (false), as is a malformed pair of strings.
    bool set_remote_credentials(IceCredentials remote, TimePoint now);
    bool add_remote_candidate(const RemoteCandidate& candidate, TimePoint now);

    // Whether this message is this agent's: a request to its ufrag, a response to its check.
    bool owns(const StunMessage& message) const;
    StunVerdict on_stun(const StunMessage& message, const Address& from, TimePoint now,
                        IceOutput& out);
    void tick(TimePoint now, IceOutput& out);
    TimePoint next_deadline() const;
    void on_media(const Address& from, TimePoint now);

    // The peer sent a check with our password from here: a ClientHello may be answered.
    bool validated(const Address& from) const;
    // Every address for which validated() is true.
    template <class Function>
    void for_each_validated(Function&& function) const {
        for (const Pair& pair : pairs()) {
            if (pair.heard_check) function(pair.remote);
        }
    }
    std::optional<Address> selected() const;
    // The selected pair, before that the best valid one: where media may go.
    std::optional<Address> send_address() const;
    // As the peer saw us, from the last success response.
    std::optional<Address> mapped_address() const { return mapped_; }
    std::uint64_t checks_received() const { return checks_received_; }
    Duration round_trip() const { return round_trip_; }  // zero before the first response
    std::size_t pair_count() const { return count_; }

 private:
    enum class PairState : std::uint8_t { waiting, in_progress, succeeded, failed };
    // nominate: a second check with USE-CANDIDATE. consent: on the selected pair, with it too.
    enum class Purpose : std::uint8_t { check, nominate, consent };

    struct Pair {
        Address remote;
        CandidateType type = CandidateType::prflx;
        PairState state = PairState::waiting;
        Purpose purpose = Purpose::check;           // of the open request
        IceRole role_asked = IceRole::controlling;  // as the open request says
        bool heard_check = false;     // an authenticated request came from there
        bool triggered = false;       // is checked before the others
        bool valid = false;           // a check of ours was answered
        bool peer_nominated = false;  // select it when it is valid
        bool open = false;            // a request is under way
        std::uint32_t remote_priority = 0;
        unsigned sent = 0;            // transmissions of the open request
        std::uint64_t birth = 0;
        TransactionId transaction{};
        TimePoint sent_at{};          // the last transmission
        TimePoint resend_at{};
        TimePoint valid_at{};
        TimePoint heard_at{};         // anything authentic from there
    };

    Pair* find(const Address& remote);
    const Pair* find(const Address& remote) const;
    // Null when full and nothing may go (without `out`, nothing that is routed may).
    Pair* add_pair(const Address& remote, CandidateType type, std::uint32_t priority,
                   IceOutput* out);
    std::size_t pair_to_evict(const IceOutput* out) const;
    void remove_pair(std::size_t index, IceOutput* out);
    Pair* selected_pair() { return selected_ < count_ ? &pairs_[selected_] : nullptr; }
    const Pair* selected_pair() const { return selected_ < count_ ? &pairs_[selected_] : nullptr; }
    std::span<Pair> pairs() { return std::span(pairs_).first(count_); }
    std::span<const Pair> pairs() const { return std::span(pairs_).first(count_); }

    // agent.cpp: what the peer asks
    StunVerdict on_request(const StunMessage& message, const Address& from, TimePoint now,
                           IceOutput& out);
    StunVerdict refuse(const StunMessage& message, const Address& to, std::uint16_t code,
                       IceOutput& out) const;
    void answer(const StunMessage& message, const Address& to, IceOutput& out) const;
    bool keeps_role(const StunMessage& message);
    void note_check(Pair& pair, const StunMessage& message, TimePoint now, IceOutput& out);

    // agent_checks.cpp: what we ask
    StunVerdict on_response(const StunMessage& message, const Address& from, TimePoint now,
                            IceOutput& out);
    void on_success(Pair& pair, const StunMessage& message, TimePoint now, IceOutput& out);
    void on_error(Pair& pair, std::uint16_t code);
    void start_check(Pair& pair, Purpose purpose, TimePoint now, IceOutput& out);
    void transmit(Pair& pair, TimePoint now, IceOutput& out);
    void resend_or_give_up(Pair& pair, TimePoint now, IceOutput& out);
    void on_timeout(Pair& pair, TimePoint now, IceOutput& out);
    Duration wait_after(const Pair& pair) const;
    const Pair* next_to_check() const;
    void check_next(TimePoint now, IceOutput& out);
    bool all_failed() const;
    void fail_if_hopeless(TimePoint now, IceOutput& out);
    std::uint64_t priority_of(const Pair& pair) const;

    // agent_selection.cpp: which pair carries media
    void nominate_if_due(TimePoint now, IceOutput& out);
    bool nominating() const;
    TimePoint nomination_due(const Pair& pair) const;
    void select(Pair& pair, TimePoint now, IceOutput& out);
    void watch_consent(TimePoint now, IceOutput& out);
    void lose_consent(IceOutput& out);
    const Pair* best_other_valid() const;
    const Pair* heard_since_selected() const;
    TimePoint suspicion_due() const;
    void look_for_move(TimePoint now, IceOutput& out);
    void forget_stale(TimePoint now);
    Duration jittered_interval() const;
    Pair* mutable_pair(const Pair* pair) { return pair ? &pairs_[pair - pairs_.data()] : nullptr; }

    IceConfig config_;
    IceRole role_;
    IceState state_ = IceState::waiting;
    IceCredentials local_;
    IceCredentials remote_;
    IntegrityKey local_key_;
    IntegrityKey remote_key_;
    std::uint32_t tag_;
    std::uint64_t tie_breaker_;

    std::array<Pair, kMaxPairs> pairs_{};
    std::size_t count_ = 0;
    std::size_t selected_ = kMaxPairs;
    std::uint64_t births_ = 0;
    bool writable_ = false;
    bool media_elsewhere_ = false;  // media came on a valid pair that is not selected
    std::uint64_t checks_received_ = 0;
    std::optional<Address> mapped_;
    Duration round_trip_{};

    TimePoint next_check_{};                       // pacing
    TimePoint consent_at_ = TimePoint::max();      // the next consent check
    TimePoint consent_until_ = TimePoint::max();   // lost then
    TimePoint hopeless_since_ = TimePoint::max();
};

}  // namespace jmeet::bridge
