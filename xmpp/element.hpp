// An XML element by value: what comes out of the stream and what goes into it.
//
// Namespaces are resolved: every element knows its own, a child made without one has its
// parent's. Unknown elements and attributes are kept and ignored by those who read.
// Control thread only; plain values, no identity.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace jmeet::xmpp {

// LIMIT: a stanza of a 500-person room's sources stays below 1 MiB; Prosody's own limit for
// clients is 512 KiB. Depth: Jingle with sources needs 7.
inline constexpr std::size_t kMaxStanzaBytes = 2 * 1024 * 1024;
inline constexpr std::size_t kMaxStanzaDepth = 40;
inline constexpr std::size_t kMaxStanzaElements = 50'000;

class Element {
 public:
    Element() = default;
    explicit Element(std::string name, std::string ns = {})
        : name_(std::move(name)), ns_(std::move(ns)) {}

    const std::string& name() const { return name_; }
    const std::string& ns() const { return ns_; }
    bool is(std::string_view name, std::string_view ns) const { return name_ == name && ns_ == ns; }

    // Attributes, in the order in which they were set. "xml:lang" is spelled so.
    const std::vector<std::pair<std::string, std::string>>& attributes() const {
        return attributes_;
    }
    std::optional<std::string> attribute(std::string_view name) const;
    // The attribute or "" where it is absent.
    const std::string& get(std::string_view name) const;
    // Decimal; empty where absent, malformed or out of range.
    std::optional<std::int64_t> get_int(std::string_view name) const;
    std::optional<std::uint32_t> get_u32(std::string_view name) const;
    // As Jitsi reads booleans: "true" ignoring case, anything else is false.
    bool get_bool(std::string_view name, bool absent = false) const;
    Element& set(std::string_view name, std::string_view value);
    Element& set(std::string_view name, std::int64_t value);
    void remove_attribute(std::string_view name);

    const std::string& text() const { return text_; }
    Element& set_text(std::string text);
    void append_text(std::string_view text) { text_.append(text); }

    const std::vector<Element>& children() const { return children_; }
    std::vector<Element>& children() { return children_; }
    // The first child of that name (and namespace, unless it is empty); nullptr without one.
    const Element* child(std::string_view name, std::string_view ns = {}) const;
    std::vector<const Element*> children_named(std::string_view name,
                                               std::string_view ns = {}) const;
    // Text of the first such child, "" without one.
    const std::string& child_text(std::string_view name, std::string_view ns = {}) const;
    // Appends; a child without a namespace takes this element's. Returns the child in its place
    // (valid until the next append).
    Element& add(Element child);
    Element& add(std::string name, std::string ns = {});
    // For building by value: e.with(child).with(child).
    Element&& with(Element child) &&;
    Element&& with(std::string_view attribute_name, std::string_view value) &&;

    // Canonical enough to send: xmlns where it differs from the parent's.
    std::string to_xml(std::string_view parent_ns = {}) const;

    bool operator==(const Element&) const = default;

 private:
    void write(std::string& out, std::string_view parent_ns) const;

    std::string name_;
    std::string ns_;
    std::vector<std::pair<std::string, std::string>> attributes_;
    std::string text_;
    std::vector<Element> children_;
};

// One complete element from text, within the limits above (DTDs and entities are refused).
// For tests, talks and HTTP bodies; the stream has its own parser.
Result<Element> parse_element(std::string_view xml, std::string_view default_ns = {});

std::string escape_xml(std::string_view text);

}  // namespace jmeet::xmpp
