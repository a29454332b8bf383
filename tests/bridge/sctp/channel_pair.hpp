// Two DataChannelTransports and a wire between them, in simulated time; and a client whose data
// channel messages a test writes byte by byte.
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "bridge/sctp/association.hpp"
#include "bridge/sctp/data_channel.hpp"

namespace jmeet::bridge::test {

// usrsctp's clock only goes forward, for the whole process: so does this one, which
// simulated_time_test.cpp shows it.
inline TimePoint& now() {
    static TimePoint at{seconds(1000)};
    return at;
}

inline BytesView view(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string text_of(BytesView bytes) { return {bytes.begin(), bytes.end()}; }

struct End final : DataChannelHandler {
    End(SctpContext& context, SctpRole role) : transport(context, role, *this) {}

    void on_sctp_outgoing(BytesView packet) override {
        largest = std::max(largest, packet.size());
        out.push_back(text_of(packet));
    }
    void on_channel_open(std::string_view l, std::string_view p) override {
        ++opened;
        label = l;
        protocol = p;
        if (when_open) when_open();
    }
    void on_channel_text(std::string_view text) override {
        received.emplace_back(text);
        if (when_text) when_text(text);
    }
    void on_channel_closed() override { ++closed; }

    std::deque<std::string> out;
    std::vector<std::string> received;
    std::string label, protocol;
    int opened = 0, closed = 0;
    std::size_t largest = 0;
    std::function<void()> when_open;
    std::function<void(std::string_view)> when_text;
    DataChannelTransport transport;
};

// A browser: an association whose every message is in the test's hand.
struct Browser {
    SctpAssociation association{{DataChannelTransport::kPort, 1024, DataChannelTransport::kSctpMtu,
                                 2 * DataChannelTransport::kMaxMessage}};
    std::deque<std::string> out;
    std::vector<SctpEvent> heard;

    void take() {
        for (SctpEvent& event : association.take_events()) {
            if (event.kind == SctpEvent::Kind::packet) {
                out.push_back(std::move(event.bytes));
            } else {
                heard.push_back(std::move(event));
            }
        }
    }
    int count(SctpEvent::Kind kind) const {
        return static_cast<int>(std::count_if(heard.begin(), heard.end(),
                                              [kind](const auto& e) { return e.kind == kind; }));
    }
    void open(std::uint16_t stream, std::string_view label, std::string_view protocol) {
        std::vector<std::uint8_t> bytes(12 + label.size() + protocol.size());
        ByteWriter writer(bytes);
        writer.u8(3);
        writer.zeros(7);
        writer.u16(static_cast<std::uint16_t>(label.size()));
        writer.u16(static_cast<std::uint16_t>(protocol.size()));
        writer.bytes(view(label));
        writer.bytes(view(protocol));
        association.send(stream, 50, text_of(bytes));
        take();
    }
    void say(std::uint16_t stream, std::uint32_t ppid, std::string_view payload) {
        association.send(stream, ppid, payload);
        take();
    }
};

// A browser in front of a bridge's end.
struct Meeting {
    SctpContext context;
    End bridge{context, SctpRole::server};
    Browser browser;

    void exchange() {
        browser.take();
        while (!browser.out.empty() || !bridge.out.empty()) {
            for (const auto& packet : std::exchange(browser.out, {})) {
                bridge.transport.on_packet(view(packet));
            }
            for (const auto& packet : std::exchange(bridge.out, {})) {
                browser.association.input(view(packet));
                browser.take();
            }
        }
    }
    void pass(Duration time) {
        for (const TimePoint until = now() + time; now() < until;) {
            now() += SctpContext::kTick;
            context.on_timer(now());
            exchange();
        }
    }
    void join() {
        bridge.transport.start();
        browser.association.connect();
        exchange();
    }
    void join_and_open() {
        join();
        browser.open(0, "JVB data channel", DataChannelTransport::kProtocol);
        exchange();
    }
};

// Two bridges.
struct Link {
    SctpContext context;
    End client{context, SctpRole::client};
    End server{context, SctpRole::server};
    std::function<int(const std::string&)> copies = [](const std::string&) { return 1; };
    bool newest_first = false;

    void start() {
        server.transport.start();
        client.transport.start();
        exchange();
    }
    void exchange() {
        while (!client.out.empty() || !server.out.empty()) {
            carry(client, server);
            carry(server, client);
        }
    }
    void pass(Duration time, const std::function<bool()>& done = [] { return false; }) {
        for (const TimePoint until = now() + time; now() < until && !done();) {
            now() += SctpContext::kTick;
            context.on_timer(now());
            exchange();
        }
    }

 private:
    void carry(End& from, End& to) {
        auto under_way = std::exchange(from.out, {});
        if (newest_first) std::reverse(under_way.begin(), under_way.end());
        for (const auto& packet : under_way) {
            for (int n = copies(packet); n > 0; --n) to.transport.on_packet(view(packet));
        }
    }
};

}  // namespace jmeet::bridge::test
