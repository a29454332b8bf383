// <error/> of a stanza (RFC 6120 8.3) as a value, and the answers to an IQ.
//
// Control thread; plain values. The defined condition is written first: clients of Jitsi Meet
// take the first child as the reason.
#pragma once

#include <optional>
#include <string>

#include "base/result.hpp"
#include "xmpp/element.hpp"

namespace jmeet::xmpp {

// Where an error was made: said by the peer, or here because no answer came or could come.
enum class ErrorOrigin { peer, timeout, connection };

struct StanzaError {
    std::string type = "cancel";  // auth, cancel, continue, modify, wait
    std::string condition = "undefined-condition";
    std::string text;
    std::optional<Element> application;  // the application-specific child
    ErrorOrigin origin = ErrorOrigin::peer;

    // "item-not-found (cancel): the text"
    std::string to_string() const;
    bool is(std::string_view a_condition) const { return condition == a_condition; }
    bool operator==(const StanzaError&) const = default;
};

[[noreturn]] void throw_exception_from_error(const StanzaError& error,
                                             const boost::source_location& where);

template <class T>
using IqResult = Result<T, StanzaError>;

// The error with the type that RFC 6120 8.3.3 recommends for the condition.
StanzaError stanza_error(std::string condition, std::string text = {});

// From a stanza of type "error"; an absent or odd <error/> is undefined-condition.
StanzaError parse_stanza_error(const Element& stanza);
Element write_stanza_error(const StanzaError& error, std::string_view stanza_ns);

// Answers to a received get or set: id as received, byte for byte; to its sender.
Element make_result(const Element& iq);
Element make_result(const Element& iq, Element payload);
Element make_error(const Element& iq, const StanzaError& error);

// A request to be sent: type "get" or "set", without an id (IqRouter gives one).
Element make_iq(std::string_view type, std::string_view to, Element payload);

}  // namespace jmeet::xmpp
