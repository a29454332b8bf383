// COLIBRI2 as JSON, the form of a bridge's HTTP interface: the same elements, spelled otherwise.
//
// Both directions go over the element tree, so that a request over HTTP meets the same parser, the
// same limits and the same refusals as one over XMPP. Attributes keep their names; repeated
// elements become arrays under the plural; defaults are not written. A value of a wrong type is
// refused, an unknown member is ignored. Pure, any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "xmpp/element.hpp"

namespace jmeet::xmpp::colibri2 {

// A <conference-modify/> from its JSON object. LIMIT: the JSON limits of base/json.hpp, and the
// bounds of a stanza (kMaxStanzaElements) on what becomes of it.
Result<Element> read_json_request(std::string_view text);

// A <conference-modify/> or <conference-modified/> as JSON.
std::string write_json(const Element& element);

}  // namespace jmeet::xmpp::colibri2
