// IceTransport: the ICE of one endpoint or relay: the agent in use, and during an ICE restart the
// pending one and the one that is on its way out. This is what an endpoint owns.
//
// Pure: datagrams and a time point in, IceOutput out. Called on the conference's media worker.
//   STUN in:  demux finds the endpoint, transport.on_stun(bytes, from, now, out)
//   time:     transport.tick(now, out) at or after next_deadline()
//   media:    transport.on_media(from, now) for each authenticated packet (one comparison)
//             validated(from) before a ClientHello is answered, send_address() to send
// After each call the owner sends out.datagrams(), acts on out.events() (bind and unbind in the
// demux, start DTLS on `writable`) and looks at next_deadline() again; also after
// set_remote_credentials() and add_remote_candidate(), which make it due at once.
//
// RFC 8445, RFC 7675; restart generations as Jitsi signals them (ice-restart, ice-generation):
// media stays on the old agent until the new one is connected, DTLS and SRTP are not touched.
#pragma once

#include <memory>
#include <optional>

#include "bridge/ice/agent.hpp"

namespace jmeet::bridge {

enum class RestartOutcome : std::uint8_t {
    started,        // describe() now gives the pending agent and its generation
    keep_existing,  // not established yet: the transport stays as it is
    unavailable,    // switched off: answer without a transport
};

struct IceTransportConfig {
    IceConfig agent;
    Duration restart_timeout = seconds(20);          // 0: no restarts
    Duration restart_transition = seconds(3);        // the old agent answers this long
};

class IceTransport {
 public:
    // `tag` comes back in the transaction ids of our checks (stun_tag), so that a response finds
    // its endpoint before its address is known: give the endpoint's token.
    IceTransport(const IceTransportConfig& config, IceRole role, IceCredentials local,
                 std::uint32_t tag);

    struct Description {
        const IceCredentials& local;
        std::optional<unsigned> generation;  // only while a restart is pending
    };
    Description describe() const;

    // The peer's ufrag and pwd. `generation` as the element carried it: none means the agent in
    // use; another number than the pending one is ignored (false). False also for malformed ones.
    bool set_remote_credentials(IceCredentials remote, std::optional<unsigned> generation,
                                TimePoint now);
    // Candidates are optional: browsers are found by their own checks. False: refused or ignored.
    bool add_remote_candidate(const RemoteCandidate& candidate,
                              std::optional<unsigned> generation, TimePoint now);

    // `fresh` is used when the outcome is started and nothing reusable was pending (compare
    // describe().local.ufrag); put describe().local.ufrag into the demux.
    RestartOutcome request_restart(IceCredentials fresh, TimePoint now, IceOutput& out);

    StunVerdict on_stun(BytesView datagram, const Address& from, TimePoint now, IceOutput& out);
    void tick(TimePoint now, IceOutput& out);
    TimePoint next_deadline() const;  // TimePoint::max() when nothing is waited for
    void on_media(const Address& from, TimePoint now);

    bool validated(const Address& from) const;
    std::optional<Address> send_address() const;
    std::optional<Address> selected() const { return current_->selected(); }
    IceState state() const { return current_->state(); }
    const IceAgent& agent() const { return *current_; }
    unsigned restarts_completed() const { return completed_; }

 private:
    std::unique_ptr<IceAgent> make_agent(IceRole role, IceCredentials local) const;
    IceAgent* owner_of(const StunMessage& message) const;
    void after_current(std::size_t events_before, IceOutput& out) const;
    void after_pending(std::size_t events_before, TimePoint now, IceOutput& out);
    void cut_over(TimePoint now, IceOutput& out);
    void release(std::unique_ptr<IceAgent>& agent, IceOutput& out);
    bool used_by_another(const Address& address, const IceAgent* agent) const;

    IceTransportConfig config_;
    std::uint32_t tag_;
    std::unique_ptr<IceAgent> current_;
    std::unique_ptr<IceAgent> pending_;
    std::unique_ptr<IceAgent> leaving_;  // answers checks, nothing more
    unsigned generation_ = 0;
    unsigned completed_ = 0;
    TimePoint pending_until_ = TimePoint::max();
    TimePoint leaving_until_ = TimePoint::max();
};

}  // namespace jmeet::bridge
