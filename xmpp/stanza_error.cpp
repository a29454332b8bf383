#include "xmpp/stanza_error.hpp"

#include <array>
#include <stdexcept>

#include "xmpp/namespaces.hpp"

namespace jmeet::xmpp {
namespace {

struct Recommended {
    std::string_view condition;
    std::string_view type;
};

// RFC 6120 8.3.3; whatever is not here is "cancel".
constexpr std::array kRecommended{
    Recommended{"bad-request", "modify"},          Recommended{"forbidden", "auth"},
    Recommended{"internal-server-error", "wait"},  Recommended{"jid-malformed", "modify"},
    Recommended{"not-acceptable", "modify"},       Recommended{"not-authorized", "auth"},
    Recommended{"policy-violation", "modify"},     Recommended{"recipient-unavailable", "wait"},
    Recommended{"redirect", "modify"},             Recommended{"registration-required", "auth"},
    Recommended{"remote-server-timeout", "wait"},  Recommended{"resource-constraint", "wait"},
    Recommended{"subscription-required", "auth"},  Recommended{"unexpected-request", "wait"},
};

Element answer_to(const Element& iq, std::string_view type) {
    Element answer("iq", iq.ns());
    answer.set("type", type);
    answer.set("id", iq.get("id"));
    if (const auto from = iq.attribute("from")) answer.set("to", *from);
    if (const auto to = iq.attribute("to")) answer.set("from", *to);
    return answer;
}

}  // namespace

void throw_exception_from_error(const StanzaError& error, const boost::source_location&) {
    throw std::runtime_error(error.to_string());
}

std::string StanzaError::to_string() const {
    std::string out = condition + " (" + type + ")";
    if (application) out += " " + application->name();
    if (!text.empty()) out += ": " + text;
    return out;
}

StanzaError stanza_error(std::string condition, std::string text) {
    StanzaError error;
    for (const auto& r : kRecommended) {
        if (r.condition == condition) error.type = r.type;
    }
    error.condition = std::move(condition);
    error.text = std::move(text);
    return error;
}

StanzaError parse_stanza_error(const Element& stanza) {
    StanzaError error;
    const Element* element = stanza.child("error");
    if (!element) return error;
    if (const auto type = element->attribute("type")) error.type = *type;
    for (const auto& child : element->children()) {
        // COMPAT: Smack (the JVB, Jicofo) writes <text> without the namespace of RFC 6120 8.3.2.
        if (child.name() == "text" &&
            (child.ns() == ns::kStanzaErrors || child.ns() == element->ns())) {
            error.text = child.text();
        } else if (child.ns() != ns::kStanzaErrors) {
            if (!error.application) error.application = child;
        } else if (error.condition == "undefined-condition") {
            error.condition = child.name();
        }
    }
    return error;
}

Element write_stanza_error(const StanzaError& error, std::string_view stanza_ns) {
    Element element("error", std::string(stanza_ns));
    element.set("type", error.type);
    element.add(error.condition, ns::kStanzaErrors);
    if (!error.text.empty()) element.add("text", ns::kStanzaErrors).set_text(error.text);
    if (error.application) element.add(*error.application);
    return element;
}

Element make_result(const Element& iq) { return answer_to(iq, "result"); }

Element make_result(const Element& iq, Element payload) {
    return answer_to(iq, "result").with(std::move(payload));
}

Element make_error(const Element& iq, const StanzaError& error) {
    return answer_to(iq, "error").with(write_stanza_error(error, iq.ns()));
}

Element make_iq(std::string_view type, std::string_view to, Element payload) {
    Element iq("iq", ns::kClient);
    iq.set("type", type);
    if (!to.empty()) iq.set("to", to);
    iq.add(std::move(payload));
    return iq;
}

}  // namespace jmeet::xmpp
