// A peer and a network for ICE tests, in simulated time: an IceTransport under test on one side, a
// second one as the peer on the other, datagrams between them with a delay, from an address that
// the test may change, through a filter that may lose them.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "bridge/ice/transport.hpp"

namespace jmeet::bridge {

struct Side {
    IceTransport ice;
    Address address;
    std::vector<IceEvent> events;
    std::size_t sent = 0;

    bool saw(IceEventKind kind) const { return count(kind) != 0; }
    std::size_t count(IceEventKind kind) const {
        std::size_t n = 0;
        for (const IceEvent& e : events) n += e.kind == kind;
        return n;
    }
};

class Talk {
 public:
    explicit Talk(IceTransportConfig config = {}, IceRole bridge_role = IceRole::controlling,
                  IceRole peer_role = IceRole::controlled)
        : bridge{IceTransport(config, bridge_role, make_local_credentials(1'000'000), 77),
                 *Address::parse("192.0.2.10", 10'000), {}},
          peer{IceTransport(config, peer_role, make_local_credentials(2'000'000), 5),
               *Address::parse("198.51.100.20", 40'000), {}} {}

    void give_bridge_credentials() {
        bridge.ice.set_remote_credentials(peer.ice.describe().local, {}, now);
    }
    void give_peer_credentials() {
        peer.ice.set_remote_credentials(bridge.ice.describe().local, {}, now);
        peer.ice.add_remote_candidate({CandidateType::host, bridge.address, 2'130'706'431}, {},
                                      now);
    }
    void connect() {
        give_peer_credentials();
        run(milliseconds(100));
        give_bridge_credentials();
        run(milliseconds(300));
    }

    // Lets simulated time pass, one millisecond at a time.
    void run(Duration time) {
        const TimePoint until = now + time;
        for (; now < until; now += milliseconds(1)) {
            deliver();
            if (bridge.ice.next_deadline() <= now) drive(bridge);
            if (peer_asks && peer.ice.next_deadline() <= now) drive(peer);
        }
    }
    // A message from the peer's side as it is, and what the bridge says to it.
    StunVerdict inject(BytesView bytes, const Address& from) {
        out.clear();
        const StunVerdict verdict = bridge.ice.on_stun(bytes, from, now, out);
        take_events(bridge);
        return verdict;
    }

    Side bridge;
    Side peer;
    TimePoint now{seconds(1000)};
    Duration delay = milliseconds(10);
    IceOutput out;
    bool peer_asks = true;  // false: the peer answers only
    // false: the datagram is lost
    std::function<bool(const Address& from, const Address& to)> passes =
        [](const Address&, const Address&) { return true; };

 private:
    struct Flying {
        TimePoint at;
        Address from;
        Address to;
        std::vector<std::uint8_t> bytes;
    };

    void take_events(Side& side) {
        for (const IceEvent& e : out.events()) side.events.push_back(e);
    }
    void launch(Side& side) {
        take_events(side);
        for (const IceOutput::Datagram& d : out.datagrams()) {
            ++side.sent;
            if (!passes(side.address, d.to)) continue;
            flying_.push_back({now + delay, side.address, d.to,
                               {d.bytes().begin(), d.bytes().end()}});
        }
    }
    void drive(Side& side) {
        out.clear();
        side.ice.tick(now, out);
        launch(side);
    }
    void deliver() {
        std::vector<Flying> due;
        std::erase_if(flying_, [&](Flying& f) {
            if (f.at > now) return false;
            due.push_back(std::move(f));
            return true;
        });
        for (const Flying& f : due) {
            // An address that nobody has any more swallows what is sent to it.
            Side* side = f.to == bridge.address ? &bridge : f.to == peer.address ? &peer : nullptr;
            if (!side) continue;
            out.clear();
            side->ice.on_stun(f.bytes, f.from, now, out);
            launch(*side);
        }
    }

    std::vector<Flying> flying_;
};

}  // namespace jmeet::bridge
