// COLIBRI2 requests as JSON: what is accepted can be written as JSON, and is then read as the same.
#include "xmpp/colibri2_json.hpp"

#include <cstdlib>

#include "xmpp/colibri2.hpp"

namespace c2 = jmeet::xmpp::colibri2;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto element = c2::read_json_request(text);
    if (!element) return 0;
    const auto request = c2::parse_conference_modify(*element);
    if (!request) return 0;
    const auto again = c2::read_json_request(c2::write_json(c2::write(*request)));
    if (!again) std::abort();
    const auto same = c2::parse_conference_modify(*again);
    if (!same || !(*same == *request)) std::abort();
    return 0;
}
