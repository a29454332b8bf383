// COLIBRI2 requests, answers and errors: what is accepted can be written, and is then read as
// the same. Input: one XML element.
#include "xmpp/colibri2.hpp"

#include <cstdlib>
#include <string_view>

#include "xmpp/element.hpp"

namespace c2 = jmeet::xmpp::colibri2;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto element = jmeet::xmpp::parse_element(text, "jitsi:colibri2");
    if (!element) return 0;
    if (const auto request = c2::parse_conference_modify(*element)) {
        const auto again = c2::parse_conference_modify(c2::write(*request));
        if (!again || !(*again == *request)) std::abort();
    }
    if (const auto answer = c2::parse_conference_modified(*element)) {
        const auto again = c2::parse_conference_modified(c2::write(*answer));
        if (!again || !(*again == *answer)) std::abort();
    }
    const c2::Refusal refusal = c2::parse_error(*element);
    if (!refusal.condition.empty() && !(c2::parse_error(c2::write_error(refusal)) == refusal)) {
        std::abort();
    }
    return 0;
}
