// The bridge channel over WebSocket, without HTTP: the sinks are ours.
#include <doctest/doctest.h>

#include "tests/bridge/recording_sink.hpp"

using namespace jmeet;
using namespace jmeet::bridge;
using namespace jmeet::bridge::test;

namespace {

struct ChannelOffer {
    Call call{web_socket_config()};
    std::string path;
    std::string password;

    // One endpoint that never connects: a WebSocket is usable before ICE.
    ChannelOffer() {
        xmpp::colibri2::Endpoint e;
        e.id = "aaaaaaaa";
        e.create = true;
        e.transport.emplace();
        e.capabilities = {"source-names"};
        auto request = call.request(e);
        request.create = true;
        const auto answer = call.modify(request);
        REQUIRE(answer.has_value());
        const ChannelUrl url(answer->endpoints[0]);
        path = url.path;
        password = url.password;
    }
};

}  // namespace

TEST_CASE("a channel URL is refused by path, server, and indistinguishably by the rest") {
    ChannelOffer f;
    const Bridge& bridge = f.call.bridge();
    CHECK(bridge.check_channel(f.path, f.password) == 101);
    CHECK(bridge.check_channel("/other/a/b/c", f.password) == 404);
    CHECK(bridge.check_channel("/colibri-ws/jvb1/only-two", f.password) == 404);
    CHECK(bridge.check_channel("/colibri-ws/jvb2" + f.path.substr(16), f.password) == 404);
    CHECK(bridge.check_channel(f.path, "wrong") == 403);
    CHECK(bridge.check_channel(f.path, "") == 403);
    CHECK(bridge.check_channel(f.path + "x", f.password) == 403);
    CHECK(bridge.check_channel("/colibri-ws/jvb1/0123/aaaaaaaa", f.password) == 403);
}

TEST_CASE("an opened channel is greeted and told the state, and its words are answered") {
    ChannelOffer f;
    RecordingSink sink;
    const auto id = f.call.bridge().open_channel(f.path, f.password, sink);
    REQUIRE(id != 0);
    REQUIRE(f.call.until([&] { return sink.texts.size() >= 2; }));
    CHECK(sink.texts[0] == R"({"colibriClass":"ServerHello"})");
    CHECK(sink.texts[1] == R"({"colibriClass":"ForwardedSources","forwardedSources":[]})");
    f.call.bridge().channel_text(id, R"({"colibriClass":"ClientHello"})");
    CHECK(f.call.until([&] { return sink.texts.size() == 3; }));
    f.call.bridge().channel_closed(id);
}

TEST_CASE("a second channel of the same endpoint replaces the first") {
    ChannelOffer f;
    RecordingSink first;
    RecordingSink second;
    const auto old_id = f.call.bridge().open_channel(f.path, f.password, first);
    const auto new_id = f.call.bridge().open_channel(f.path, f.password, second);
    REQUIRE(f.call.until([&] { return first.closed_with != 0 && second.heard("ServerHello"); }));
    CHECK(first.closed_with == 1000);
    CHECK(first.reason == "replaced");
    // The old one's late end does not take the new one away.
    f.call.bridge().channel_closed(old_id);
    const auto before = second.texts.size();
    f.call.bridge().channel_text(new_id, R"({"colibriClass":"ClientHello"})");
    CHECK(f.call.until([&] { return second.texts.size() > before; }));
    f.call.bridge().channel_closed(new_id);
}

TEST_CASE("the channel closes with 1001 when its endpoint goes, and the URL is dead then") {
    ChannelOffer f;
    RecordingSink sink;
    const auto id = f.call.bridge().open_channel(f.path, f.password, sink);
    xmpp::colibri2::Endpoint leave;
    leave.id = "aaaaaaaa";
    leave.expire = true;
    REQUIRE(f.call.modify(f.call.request(leave)).has_value());
    REQUIRE(f.call.until([&] { return sink.closed_with != 0; }));
    CHECK(sink.closed_with == 1001);
    CHECK(sink.reason == "endpoint closed");
    f.call.bridge().channel_closed(id);
    CHECK(f.call.bridge().check_channel(f.path, f.password) == 403);
    RecordingSink late;
    CHECK(f.call.bridge().open_channel(f.path, f.password, late) == 0);
}

TEST_CASE("a bridge is healthy after its check has come back from the media worker") {
    Call call;
    CHECK(call.bridge().health().has_value());
    CHECK(call.until([&] { return call.bridge().stats().threads > 1; }, seconds(3)));
    CHECK(call.bridge().health().has_value());
    CHECK(call.bridge().shutdown_state() == ShutdownState::running);
}
