#include <algorithm>
#include <array>
#include <cctype>
#include <stdexcept>

#include "base/text.hpp"

#include "bridge/channel/messages.hpp"

namespace jmeet::bridge::channel {

namespace {

MessageError malformed(std::string what) { return {Refusal::malformed, std::move(what)}; }

// Empty: absent. The outer optional is empty when the member is there and wrong.
template <class T>
using Maybe = std::optional<std::optional<T>>;

std::optional<SourceName> read_name(const json::Value& value) {
    const auto text = json::as_string(value);
    if (!text || text->size() > kMaxNameLength) return std::nullopt;
    return SourceName(std::string(*text));
}

Maybe<std::vector<SourceName>> read_names(const json::Value& object, std::string_view member) {
    const json::Value* array = json::find(object, member);
    if (!array) return Maybe<std::vector<SourceName>>(std::in_place);
    if (!array->IsArray() || array->Size() > kMaxNames) return std::nullopt;
    std::vector<SourceName> out;
    for (const auto& value : array->GetArray()) {
        auto name = read_name(value);
        if (!name) return std::nullopt;
        out.push_back(std::move(*name));
    }
    return std::optional(std::move(out));
}

std::optional<VideoConstraints> read_constraints(const json::Value& value) {
    if (!value.IsObject()) return std::nullopt;
    VideoConstraints out;
    if (json::find(value, "maxHeight")) {
        const auto height = json::get_int(value, "maxHeight");
        if (!height || *height < -1 || *height > 1'000'000) return std::nullopt;
        out.max_height = static_cast<std::int32_t>(*height);
    }
    if (json::find(value, "maxFrameRate")) {
        const auto rate = json::get_double(value, "maxFrameRate");
        if (!rate || (*rate < 0 && *rate != -1)) return std::nullopt;
        out.max_frame_rate = *rate;
    }
    return out;
}

std::optional<ConstraintsMap> read_constraints_map(const json::Value& value) {
    if (!value.IsObject() || value.MemberCount() > kMaxNames) return std::nullopt;
    ConstraintsMap out;
    for (const auto& member : value.GetObject()) {
        const auto name = read_name(member.name);
        const auto constraints = read_constraints(member.value);
        if (!name || !constraints) return std::nullopt;
        out.emplace(*name, *constraints);
    }
    return out;
}

// Endpoint ids of clients without source names -> the names of their cameras.
void append_cameras(std::optional<std::vector<SourceName>>& sources,
                    const std::vector<SourceName>& endpoints) {
    if (!sources) sources.emplace();
    for (const SourceName& endpoint : endpoints) {
        sources->push_back(SourceName(endpoint.value() + "-v0"));
    }
}

bool read_legacy(const json::Value& object, ReceiverSettingsUpdate& update) {
    const auto selected = read_names(object, "selectedEndpoints");
    const auto on_stage = read_names(object, "onStageEndpoints");
    if (!selected || !on_stage) return false;
    if (!*selected && !*on_stage) return true;
    if (*selected) append_cameras(update.selected, **selected);
    if (*on_stage) append_cameras(update.on_stage, **on_stage);
    if (update.constraints) {
        ConstraintsMap by_source = *update.constraints;
        for (const auto& [endpoint, constraints] : *update.constraints) {
            by_source.emplace(SourceName(endpoint.value() + "-v0"), constraints);
        }
        update.constraints = std::move(by_source);
    }
    return true;
}

std::optional<int> read_last_n(const json::Value& object) {
    const auto n = json::get_int(object, "lastN");
    if (!n || *n < -1 || *n > 1'000'000) return std::nullopt;
    return static_cast<int>(*n);
}

MessageResult parse_receiver_constraints(const json::Value& object) {
    ReceiverVideoConstraints out;
    ReceiverSettingsUpdate& u = out.update;
    if (json::find(object, "lastN")) {
        u.last_n = read_last_n(object);
        if (!u.last_n) return malformed("lastN is not a number of sources");
    }
    auto selected = read_names(object, "selectedSources");
    auto on_stage = read_names(object, "onStageSources");
    if (!selected || !on_stage) return malformed("a source list is not a list of names");
    u.selected = std::move(*selected);
    u.on_stage = std::move(*on_stage);
    if (const json::Value* value = json::find(object, "defaultConstraints")) {
        u.default_constraints = read_constraints(*value);
        if (!u.default_constraints) return malformed("defaultConstraints are no constraints");
    }
    if (const json::Value* value = json::find(object, "constraints")) {
        u.constraints = read_constraints_map(*value);
        if (!u.constraints) return malformed("constraints are not a map of constraints");
    }
    if (json::find(object, "assumedBandwidthBps")) {
        u.assumed_bandwidth = json::get_int(object, "assumedBandwidthBps");
        if (!u.assumed_bandwidth) return malformed("assumedBandwidthBps is not a number");
    }
    if (!read_legacy(object, u)) return malformed("an endpoint list is not a list of ids");
    return Message(std::move(out));
}

MessageResult parse_last_n(const json::Value& object) {
    const auto n = read_last_n(object);
    if (!n) return malformed("lastN is not a number of sources");
    return Message(LastNChanged{*n});
}

std::optional<VideoType> read_video_type(const json::Value& object) {
    const auto text = json::get_string(object, "videoType");
    return text ? parse_video_type(*text) : std::nullopt;
}

MessageResult parse_source_video_type(const json::Value& object) {
    const json::Value* source = json::find(object, "sourceName");
    const auto name = source ? read_name(*source) : std::nullopt;
    const auto type = read_video_type(object);
    if (!name || !type) return malformed("SourceVideoTypeMessage needs sourceName and videoType");
    SourceVideoType out{*name, *type, std::nullopt};
    if (const auto endpoint = json::get_string(object, "endpointId")) {
        out.endpoint = EndpointId(std::string(*endpoint));
    }
    return Message(std::move(out));
}

MessageResult parse_endpoint_video_type(const json::Value& object) {
    const auto type = read_video_type(object);
    if (!type) return malformed("VideoTypeMessage needs videoType");
    return Message(EndpointVideoType{*type});
}

MessageResult parse_audio_subscription(const json::Value& object) {
    ReceiverAudioSubscription out;
    if (const auto mode = json::get_string(object, "mode")) {
        auto list = read_names(object, "list");
        if (!list) return malformed("list is not a list of names");
        auto names = list->value_or(std::vector<SourceName>{});
        if (equals_ignoring_case(*mode, "all")) {
            out.all = true;
        } else if (equals_ignoring_case(*mode, "include")) {
            out.include = std::move(names);
        } else if (equals_ignoring_case(*mode, "exclude")) {
            out.all = true;
            out.exclude = std::move(names);
        } else if (!equals_ignoring_case(*mode, "none")) {
            return malformed("unknown mode of audio subscription");
        }
        return Message(std::move(out));
    }
    if (json::find(object, "all")) {
        const auto all = json::get_bool(object, "all");
        if (!all) return malformed("all is not true or false");
        out.all = *all;
    }
    auto include = read_names(object, "include");
    auto exclude = read_names(object, "exclude");
    if (!include || !exclude) return malformed("a source list is not a list of names");
    out.include = include->value_or(std::vector<SourceName>{});
    out.exclude = exclude->value_or(std::vector<SourceName>{});
    return Message(std::move(out));
}

std::optional<EndpointId> read_from(const json::Value& object) {
    const auto from = json::get_string(object, "from");
    return from ? std::optional(EndpointId(std::string(*from))) : std::nullopt;
}

MessageResult parse_connectivity(const json::Value& object) {
    const auto endpoint = json::get_string(object, "endpoint");
    const auto active = json::get_string(object, "active");
    const bool is_true = active && equals_ignoring_case(*active, "true");
    const bool is_false = active && equals_ignoring_case(*active, "false");
    if (!endpoint || (!is_true && !is_false)) {
        return malformed("connectivity status needs endpoint and active");
    }
    return Message(ConnectivityStatus{EndpointId(std::string(*endpoint)), is_true});
}

MessageResult parse_add_receiver(const json::Value& object) {
    const json::Value* source = json::find(object, "sourceName");
    const json::Value* wish = json::find(object, "videoConstraints");
    const auto name = source ? read_name(*source) : std::nullopt;
    const auto constraints = wish ? read_constraints(*wish) : std::nullopt;
    if (!name || !constraints) return malformed("AddReceiver needs sourceName and constraints");
    const auto bridge = json::get_string(object, "bridgeId");
    return Message(AddReceiver{std::string(bridge.value_or("")), *name, *constraints});
}

MessageResult parse_server_hello(const json::Value& object) {
    ServerHello out;
    if (const auto version = json::get_string(object, "version")) out.version = *version;
    return Message(std::move(out));
}

using Parser = MessageResult (*)(const json::Value&);
struct Class {
    std::string_view name;
    Parser parse;
};
constexpr std::array<Class, 9> kClasses{{
    {"ClientHello", [](const json::Value&) { return MessageResult(Message(ClientHello{})); }},
    {"ServerHello", parse_server_hello},
    {"ReceiverVideoConstraints", parse_receiver_constraints},
    {"LastNChangedEvent", parse_last_n},
    {"SourceVideoTypeMessage", parse_source_video_type},
    {"VideoTypeMessage", parse_endpoint_video_type},
    {"ReceiverAudioSubscription", parse_audio_subscription},
    {"EndpointConnectivityStatusChangeEvent", parse_connectivity},
    {"AddReceiver", parse_add_receiver},
}};

// The two classes whose unknown members are kept and passed on.
MessageResult parse_opaque(std::string_view name, json::Document&& body) {
    if (name == "EndpointStats") {
        auto from = read_from(body);
        return Message(EndpointStats{std::move(from), std::move(body)});
    }
    const auto to = json::get_string(body, "to");
    if (!to) return malformed("EndpointMessage needs to");
    std::string receiver(*to);
    auto from = read_from(body);
    return Message(EndpointMessage{std::move(receiver), std::move(from), std::move(body)});
}

}  // namespace

void throw_exception_from_error(const MessageError& error, const boost::source_location&) {
    throw std::runtime_error(error.what);
}

bool EndpointMessage::broadcast() const {
    return to.find_first_not_of(" \t\r\n") == std::string::npos;
}

std::optional<VideoType> parse_video_type(std::string_view text) {
    for (const VideoType type : {VideoType::camera, VideoType::desktop, VideoType::desktop_high_fps,
                                 VideoType::none, VideoType::disabled}) {
        if (equals_ignoring_case(text, to_wire(type))) return type;
    }
    return std::nullopt;
}

MessageResult parse_message(std::string_view text) {
    auto document = json::parse_object(text);
    if (document.has_error()) return MessageError{Refusal::not_json, document.error().what};
    const auto found = json::get_string(*document, "colibriClass");
    if (!found) return MessageError{Refusal::no_class, "no colibriClass"};
    if (*found == "EndpointMessage" || *found == "EndpointStats") {
        const std::string name(*found);
        return parse_opaque(name, std::move(*document));
    }
    for (const Class& known : kClasses) {
        if (known.name == *found) return known.parse(*document);
    }
    return MessageError{Refusal::unknown_class, "unknown colibriClass"};
}

}  // namespace jmeet::bridge::channel
