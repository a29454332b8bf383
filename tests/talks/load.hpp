// Recorded stanzas of Jicofo, JVB and lib-jitsi-meet for tests, and a form in which two elements
// compare: attributes sorted, white space between elements gone, traceparent left out.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>

#include "xmpp/element.hpp"

namespace jmeet::talks {

// The first element of tests/talks/<name>.xml.
inline xmpp::Element load(const std::string& name) {
    std::ifstream file(std::string(JMEET_SOURCE_DIR) + "/tests/talks/" + name + ".xml");
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    REQUIRE_MESSAGE(!text.empty(), "no talk ", name);
    auto element = xmpp::parse_element(text, "jabber:client");
    REQUIRE_MESSAGE(element.has_value(), name);
    return *element;
}

// The first child of the first element: what an IQ carries.
inline xmpp::Element load_payload(const std::string& name) {
    const xmpp::Element stanza = load(name);
    REQUIRE(!stanza.children().empty());
    return stanza.children().front();
}

inline xmpp::Element parse(const std::string& xml, const std::string& ns = "jabber:client") {
    auto element = xmpp::parse_element(xml, ns);
    REQUIRE_MESSAGE(element.has_value(), xml);
    return *element;
}

inline xmpp::Element canonical(const xmpp::Element& element) {
    xmpp::Element out(element.name(), element.ns());
    auto attributes = element.attributes();
    std::sort(attributes.begin(), attributes.end());
    for (const auto& [name, value] : attributes) out.set(name, value);
    const bool is_blank = element.text().find_first_not_of(" \t\r\n") == std::string::npos;
    if (!is_blank) out.set_text(element.text());
    for (const xmpp::Element& child : element.children()) {
        if (child.name() != "traceparent") out.add(canonical(child));
    }
    return out;
}

inline std::string canonical_xml(const xmpp::Element& element) {
    return canonical(element).to_xml("jabber:client");
}

}  // namespace jmeet::talks
