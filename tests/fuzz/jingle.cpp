// Jingle payloads: what is accepted can be written and is then read as the same; sources from it
// pass through validation, and a refusal changes nothing. Input: one XML element.
#include "xmpp/jingle.hpp"

#include <cstdlib>
#include <string_view>

#include "focus/source_wire.hpp"
#include "focus/sources.hpp"
#include "xmpp/element.hpp"

namespace {

void check(bool holds) {
    if (!holds) std::abort();
}

void check_sources(const jmeet::xmpp::Jingle& jingle) {
    using namespace jmeet::focus;
    const EndpointSourceSet set = sources_from_jingle(jingle.contents);
    ConferenceSources sources;
    const auto added = sources.try_add("one", set);
    check(added.has_value() || sources.map().empty());
    if (!added) return;
    check(sources.of("one") == *added);
    const auto media = media_sources("one", *added);
    std::size_t count = 0;
    for (const auto& source : media) count += source.sources.size();
    check(count == added->sources.size());
    check(!compact_json(sources.map().filtered({})).empty());
    const auto removed = sources.try_remove("one", *added);
    check(removed.has_value() && *removed == *added && sources.map().empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto element = jmeet::xmpp::parse_element(text, "urn:xmpp:jingle:1");
    if (!element) return 0;
    const auto jingle = jmeet::xmpp::parse_jingle(*element);
    if (!jingle) return 0;
    check_sources(*jingle);
    if (jmeet::xmpp::to_string(jingle->action).empty()) return 0;
    const auto again = jmeet::xmpp::parse_jingle(jmeet::xmpp::write_jingle(*jingle));
    check(again.has_value() && *again == *jingle);
    return 0;
}
