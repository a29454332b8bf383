#include <doctest/doctest.h>

#include "bridge/channel/messages.hpp"

using namespace jmeet;
using namespace jmeet::bridge;
using namespace jmeet::bridge::channel;

namespace {

template <class T>
T get(std::string_view text) {
    auto message = parse_message(text);
    REQUIRE(message.has_value());
    T* typed = std::get_if<T>(&*message);
    REQUIRE(typed);
    return std::move(*typed);
}

Refusal refused(std::string_view text) {
    auto message = parse_message(text);
    REQUIRE(message.has_error());
    return message.error().kind;
}

SourceName name(const char* n) { return SourceName(n); }

}  // namespace

TEST_CASE("what is no message is refused by kind") {
    CHECK(refused("{invalid json") == Refusal::not_json);
    CHECK(refused("") == Refusal::not_json);
    CHECK(refused("[]") == Refusal::not_json);
    CHECK(refused("{}") == Refusal::no_class);
    CHECK(refused(R"({"colibriClass":5})") == Refusal::no_class);
    CHECK(refused(R"({"colibriClass":"invalid-colibri-class"})") == Refusal::unknown_class);
    CHECK(refused(R"({"colibriClass":"SelectedEndpointsChangedEvent"})") ==
          Refusal::unknown_class);
    CHECK(refused(R"({"colibriClass":"EndpointMessage","to":"","to":"a"})") == Refusal::not_json);
    CHECK(refused(R"({"colibriClass":"ClientHello","colibriClass":"ClientHello"})") ==
          Refusal::not_json);
    CHECK(refused(R"({"colibriClass":"LastNChangedEvent"})") == Refusal::malformed);
}

TEST_CASE("what no client says is refused: depth, size, nulls, odd numbers, broken UTF-8") {
    const auto message = [](const std::string& rest) {
        return R"({"colibriClass":"ReceiverVideoConstraints",)" + rest + "}";
    };
    const std::string deep = std::string(10'000, '[') + std::string(10'000, ']');
    CHECK(refused(message("\"x\":" + deep)) == Refusal::not_json);
    CHECK(refused(message("\"x\":\"" + std::string(1'000'000, 'a') + "\"")) == Refusal::not_json);
    CHECK(refused(message("\"x\":\"\xff\xfe\"")) == Refusal::not_json);
    CHECK(refused(message("\"x\":\"\xed\xa0\x80\"")) == Refusal::not_json);  // half a surrogate
    CHECK(refused(message("\"lastN\":1e999")) == Refusal::not_json);
    CHECK(refused(message("\"lastN\":1e300")) == Refusal::malformed);
    CHECK(refused(message("\"lastN\":null")) == Refusal::malformed);
    CHECK(refused(message("\"lastN\":\"5\"")) == Refusal::malformed);
    CHECK(refused(message("\"lastN\":-2147483648")) == Refusal::malformed);
    CHECK(refused(message("\"selectedSources\":{}")) == Refusal::malformed);
    CHECK(refused(message("\"selectedSources\":[null]")) == Refusal::malformed);
    CHECK(refused(message("\"constraints\":[]")) == Refusal::malformed);
    CHECK(refused(message("\"constraints\":{\"a\":null}")) == Refusal::malformed);
    std::string many = "\"constraints\":{\"s0\":{}";
    for (int i = 1; i < 100'000; ++i) many += ",\"s" + std::to_string(i) + "\":{}";
    CHECK(refused(message(many + "}")) == Refusal::not_json);
    std::string names = "\"selectedSources\":[\"s\"";
    for (int i = 0; i < 2'000; ++i) names += ",\"s\"";
    CHECK(refused(message(names + "]")) == Refusal::malformed);
}

TEST_CASE("the first constraints of a client: two numbers") {
    const auto m = get<ReceiverVideoConstraints>(
        R"({"colibriClass":"ReceiverVideoConstraints","assumedBandwidthBps":-1,"lastN":-1})");
    CHECK(m.update.last_n == -1);
    CHECK(m.update.assumed_bandwidth == -1);
    CHECK_FALSE(m.update.selected);
    CHECK_FALSE(m.update.default_constraints);
    CHECK_FALSE(m.update.constraints);
}

TEST_CASE("full constraints of a client with one source on stage") {
    const auto m = get<ReceiverVideoConstraints>(
        R"({"colibriClass":"ReceiverVideoConstraints","lastN":2,)"
        R"("selectedSources":["846c8026-v1"],"onStageSources":["846c8026-v1"],)"
        R"("defaultConstraints":{"maxHeight":180},)"
        R"("constraints":{"846c8026-v1":{"maxHeight":2160},"x-v0":{"maxFrameRate":15}}})");
    CHECK(m.update.last_n == 2);
    CHECK(m.update.selected == std::vector{name("846c8026-v1")});
    CHECK(m.update.on_stage == std::vector{name("846c8026-v1")});
    CHECK(m.update.default_constraints->max_height == 180);
    CHECK(m.update.default_constraints->max_frame_rate == -1);
    CHECK(m.update.constraints->at(name("846c8026-v1")).max_height == 2160);
    CHECK(m.update.constraints->at(name("x-v0")) == VideoConstraints{-1, 15});
}

TEST_CASE("an empty message leaves all fields absent, unknown members are ignored") {
    CHECK(get<ReceiverVideoConstraints>(R"({"colibriClass":"ReceiverVideoConstraints"})").update ==
          ReceiverSettingsUpdate{});
    CHECK(get<ReceiverVideoConstraints>(
              R"({"colibriClass":"ReceiverVideoConstraints","mine":{"a":[1]},"lastN":1,)"
              R"("defaultConstraints":{"maxHeight":180,"extra":true}})")
              .update.last_n == 1);
}

TEST_CASE("impossible constraints are refused as a whole") {
    for (const char* body :
         {R"("constraints":{"a":{"maxHeight":-2}})", R"("constraints":{"a":{"maxFrameRate":-0.5}})",
          R"("constraints":[])", R"("constraints":{"a":5})", R"("lastN":"1")", R"("lastN":1.5)",
          R"("lastN":-2)", R"("selectedSources":[5])", R"("onStageSources":"a-v0")",
          R"("defaultConstraints":null)", R"("assumedBandwidthBps":"x")",
          R"("selectedEndpoints":[{}])"}) {
        CAPTURE(body);
        CHECK(refused(std::string(R"({"colibriClass":"ReceiverVideoConstraints",)") + body + "}") ==
              Refusal::malformed);
    }
}

TEST_CASE("clients without source names mean the cameras of the endpoints they name") {
    const auto m = get<ReceiverVideoConstraints>(
        R"({"colibriClass":"ReceiverVideoConstraints","lastN":5,"selectedEndpoints":["aa","bb"],)"
        R"("onStageEndpoints":["bb"],"defaultConstraints":{"maxHeight":180},)"
        R"("constraints":{"bb":{"maxHeight":720}}})");
    CHECK(m.update.selected == std::vector{name("aa-v0"), name("bb-v0")});
    CHECK(m.update.on_stage == std::vector{name("bb-v0")});
    CHECK(m.update.constraints->at(name("bb-v0")).max_height == 720);
    CHECK(get<EndpointVideoType>(R"({"colibriClass":"VideoTypeMessage","videoType":"none"})")
              .type == VideoType::none);
    CHECK(get<LastNChanged>(R"({"colibriClass":"LastNChangedEvent","lastN":4})").last_n == 4);
}

TEST_CASE("video types in any case, and the form between bridges") {
    for (const char* text : {"none", "NONE", "None", "nOnE"}) {
        CHECK(parse_video_type(text) == VideoType::none);
    }
    CHECK(parse_video_type("desktop_high_fps") == VideoType::desktop_high_fps);
    CHECK_FALSE(parse_video_type("film"));
    const auto client = get<SourceVideoType>(
        R"({"colibriClass":"SourceVideoTypeMessage","sourceName":"a-v0","videoType":"camera"})");
    CHECK(client.source == name("a-v0"));
    CHECK(client.type == VideoType::camera);
    CHECK_FALSE(client.endpoint);
    const auto text = write_source_video_type(name("a-v1"), VideoType::desktop, EndpointId("a"));
    const auto relayed = get<SourceVideoType>(text);
    CHECK(relayed.type == VideoType::desktop);
    CHECK(relayed.endpoint == EndpointId("a"));
    CHECK(refused(R"({"colibriClass":"SourceVideoTypeMessage","sourceName":"a-v0"})") ==
          Refusal::malformed);
}

TEST_CASE("audio subscriptions in both forms") {
    const auto parse = [](const std::string& body) {
        return get<ReceiverAudioSubscription>(R"({"colibriClass":"ReceiverAudioSubscription")" +
                                              body + "}");
    };
    const auto empty = parse("");
    CHECK_FALSE(empty.all);
    CHECK(empty.include.empty());
    CHECK(empty.exclude.empty());
    const auto full = parse(R"(,"all":true,"include":["b-a0.de"],"exclude":["c-a0"])");
    CHECK(full.all);
    CHECK(full.include == std::vector{name("b-a0.de")});
    CHECK(full.exclude == std::vector{name("c-a0")});
    CHECK(parse(R"(,"mode":"All")").all);
    CHECK_FALSE(parse(R"(,"mode":"None")").all);
    const auto include = parse(R"(,"mode":"Include","list":["b-a0"])");
    CHECK_FALSE(include.all);
    CHECK(include.include == std::vector{name("b-a0")});
    const auto exclude = parse(R"(,"mode":"Exclude","list":["b-a0"])");
    CHECK(exclude.all);
    CHECK(exclude.exclude == std::vector{name("b-a0")});
    CHECK(refused(R"({"colibriClass":"ReceiverAudioSubscription","mode":"Some"})") ==
          Refusal::malformed);
}

TEST_CASE("an endpoint message goes on with its true sender and everything else kept") {
    const auto m = get<EndpointMessage>(
        R"({"colibriClass":"EndpointMessage","msgPayload":{"hello":"one"},"to":"14727d8e"})");
    CHECK(m.to == "14727d8e");
    CHECK_FALSE(m.broadcast());
    CHECK(write_endpoint_message(m, EndpointId("b664cfd3")) ==
          R"({"colibriClass":"EndpointMessage","to":"14727d8e","from":"b664cfd3",)"
          R"("msgPayload":{"hello":"one"}})");
    const auto forged = get<EndpointMessage>(
        R"({"colibriClass":"EndpointMessage","to":"","from":"other","x":null,"msgPayload":{}})");
    CHECK(forged.broadcast());
    CHECK(forged.from == EndpointId("other"));
    CHECK(write_endpoint_message(forged, EndpointId("me")) ==
          R"({"colibriClass":"EndpointMessage","to":"","from":"me","x":null,"msgPayload":{}})");
    CHECK(refused(R"({"colibriClass":"EndpointMessage","msgPayload":{}})") == Refusal::malformed);
}

TEST_CASE("statistics of a client go on with from first, as JVB writes them") {
    const auto m = get<EndpointStats>(
        R"({"colibriClass":"EndpointStats","bitrate":{"download":0,"upload":0},)"
        R"("connectionQuality":59.5,"jvbRTT":8})");
    CHECK(write_endpoint_stats(m, EndpointId("14727d8e")) ==
          R"({"colibriClass":"EndpointStats","from":"14727d8e",)"
          R"("bitrate":{"download":0,"upload":0},"connectionQuality":59.5,)"
          R"("jvbRTT":8})");
}

TEST_CASE("numbers of opaque messages keep their value") {
    const auto m = get<EndpointStats>(
        R"({"colibriClass":"EndpointStats","connectionQuality":27.636363636363637})");
    const auto again = json::parse(write_endpoint_stats(m, EndpointId("a")));
    REQUIRE(again.has_value());
    CHECK(json::get_double(*again, "connectionQuality") == 27.636363636363637);
}

TEST_CASE("messages of the bridge, as a client reads them") {
    CHECK(write_server_hello() == R"({"colibriClass":"ServerHello"})");
    CHECK(write_server_hello("2.3") == R"({"colibriClass":"ServerHello","version":"2.3"})");
    CHECK(write_sender_source_constraints(name("14727d8e-v0"), 0) ==
          R"({"colibriClass":"SenderSourceConstraints","sourceName":"14727d8e-v0","maxHeight":0})");
    CHECK(write_forwarded_sources({}) ==
          R"({"colibriClass":"ForwardedSources","forwardedSources":[]})");
    const SourceName sources[] = {name("a-v0"), name("a-v1")};
    CHECK(write_forwarded_sources(sources) ==
          R"({"colibriClass":"ForwardedSources","forwardedSources":["a-v0","a-v1"]})");
    CHECK(write_connection_stats(2'500'000) ==
          R"({"colibriClass":"ConnectionStats","estimatedDownlinkBandwidth":2500000})");
    CHECK(write_connectivity_status(EndpointId("b2c3d4e5"), false) ==
          R"({"colibriClass":"EndpointConnectivityStatusChangeEvent","endpoint":"b2c3d4e5",)"
          R"("active":"false"})");
    CHECK(write_sender_video_constraints(180) ==
          R"({"colibriClass":"SenderVideoConstraints","videoConstraints":{"idealHeight":180}})");
    const EndpointId endpoints[] = {EndpointId("a")};
    CHECK(write_last_n_endpoints(endpoints) ==
          R"({"colibriClass":"LastNEndpointsChangeEvent","lastNEndpoints":["a"]})");
}

TEST_CASE("source maps: SSRCs are numbers, mid and rtx only where they exist") {
    MappedSource video{name("b664cfd3-v0"), EndpointId("b664cfd3"), Ssrc(3633686660u),
                       Ssrc(1904296047u), VideoType::camera, std::nullopt};
    CHECK(write_video_sources_map({&video, 1}) ==
          R"({"colibriClass":"VideoSourcesMap","mappedSources":[{"source":"b664cfd3-v0",)"
          R"("owner":"b664cfd3","ssrc":3633686660,"rtx":1904296047,"videoType":"CAMERA"}]})");
    MappedSource audio{name("14727d8e-a0"), EndpointId("14727d8e"), Ssrc(1732384860u),
                       std::nullopt, std::nullopt, "a0"};
    CHECK(write_audio_sources_map({&audio, 1}) ==
          R"({"colibriClass":"AudioSourcesMap","mappedSources":[{"source":"14727d8e-a0",)"
          R"("owner":"14727d8e","ssrc":1732384860,"mid":"a0"}]})");
}

TEST_CASE("the dominant speaker comes with at most ten previous ones") {
    std::vector<EndpointId> recent{EndpointId("14727d8e"), EndpointId("b664cfd3")};
    CHECK(write_dominant_speaker(recent, ConferenceSilence::no) ==
          R"({"colibriClass":"DominantSpeakerEndpointChangeEvent",)"
          R"("dominantSpeakerEndpoint":"14727d8e","previousSpeakers":["b664cfd3"],)"
          R"("silence":false})");
    recent.assign(20, EndpointId("x"));
    const auto text = write_dominant_speaker(recent, ConferenceSilence::yes);
    const auto parsed = json::parse(text);
    REQUIRE(parsed.has_value());
    CHECK(json::get_array(*parsed, "previousSpeakers")->Size() == 10);
    CHECK(json::get_bool(*parsed, "silence") == true);
}

TEST_CASE("between bridges: wishes and connectivity survive the trip") {
    const auto text = write_add_receiver("jvb2", name("a-v0"), {360});
    CHECK(text == R"({"colibriClass":"AddReceiver","bridgeId":"jvb2","sourceName":"a-v0",)"
                  R"("videoConstraints":{"maxHeight":360,"maxFrameRate":-1.0}})");
    const auto wish = get<AddReceiver>(text);
    CHECK(wish.bridge == "jvb2");
    CHECK(wish.constraints == VideoConstraints{360});
    const auto status =
        get<ConnectivityStatus>(write_connectivity_status(EndpointId("b"), true));
    CHECK(status.active);
    CHECK(refused(R"({"colibriClass":"EndpointConnectivityStatusChangeEvent","endpoint":"b",)"
                  R"("active":true})") == Refusal::malformed);
    CHECK(get<ServerHello>(write_server_hello("1")).version == "1");
    get<ClientHello>(R"({"colibriClass":"ClientHello"})");
}
