// Fuzz target: bridge-channel messages. What is understood must be writable and readable again.
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <variant>

#include "bridge/channel/messages.hpp"

using namespace jmeet;
using namespace jmeet::bridge;

namespace {

void expect_readable(const std::string& text) {
    if (channel::parse_message(text).has_error()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    auto message = channel::parse_message(text);
    if (message.has_error()) return 0;
    if (const auto* m = std::get_if<channel::EndpointMessage>(&*message)) {
        expect_readable(channel::write_endpoint_message(*m, EndpointId("a")));
    } else if (const auto* s = std::get_if<channel::EndpointStats>(&*message)) {
        expect_readable(channel::write_endpoint_stats(*s, EndpointId("a")));
    } else if (const auto* t = std::get_if<channel::SourceVideoType>(&*message)) {
        expect_readable(channel::write_source_video_type(t->source, t->type, EndpointId("a")));
    } else if (const auto* r = std::get_if<channel::AddReceiver>(&*message)) {
        expect_readable(channel::write_add_receiver(r->bridge, r->source, r->constraints));
    } else if (const auto* c = std::get_if<channel::ReceiverVideoConstraints>(&*message)) {
        ReceiverSettings settings;
        settings.apply(c->update);
        if (settings.apply(c->update) != SettingsChange::none) std::abort();
    }
    return 0;
}
