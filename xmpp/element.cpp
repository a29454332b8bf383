#include "xmpp/element.hpp"

#include <expat.h>

#include <algorithm>
#include <charconv>
#include <memory>

#include "base/text.hpp"

namespace jmeet::xmpp {
namespace {

const std::string kEmpty;

template <class Int>
std::optional<Int> parse_int(std::string_view text) {
    Int value{};
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || failed != std::errc{} || end != text.data() + text.size()) return {};
    return value;
}

// expat joins namespace and local name with this.
constexpr char kSeparator = '\x01';

struct TreeBuilder {
    XML_Parser parser;
    std::string default_ns;
    std::vector<Element> open;
    std::optional<Element> root;
    std::size_t elements = 0;
    const char* refusal = nullptr;

    void refuse(const char* why) {
        refusal = why;
        XML_StopParser(parser, XML_FALSE);
    }

    std::pair<std::string, std::string> split(const char* qualified) const {
        const std::string_view name(qualified);
        const auto at = name.find(kSeparator);
        if (at == std::string_view::npos) return {std::string(name), {}};
        return {std::string(name.substr(at + 1)), std::string(name.substr(0, at))};
    }

    static void XMLCALL on_start(void* self, const char* name, const char** attributes) {
        auto& b = *static_cast<TreeBuilder*>(self);
        if (b.open.size() >= kMaxStanzaDepth) return b.refuse("nested too deeply");
        if (++b.elements > kMaxStanzaElements) return b.refuse("too many elements");
        auto [local, ns] = b.split(name);
        if (ns.empty()) ns = b.default_ns;
        Element element(std::move(local), std::move(ns));
        for (; *attributes; attributes += 2) {
            auto [key, key_ns] = b.split(attributes[0]);
            if (key_ns == "http://www.w3.org/XML/1998/namespace") key = "xml:" + key;
            element.set(key, attributes[1]);
        }
        b.open.push_back(std::move(element));
    }
    static void XMLCALL on_end(void* self, const char*) {
        auto& b = *static_cast<TreeBuilder*>(self);
        Element done = std::move(b.open.back());
        b.open.pop_back();
        if (b.open.empty()) {
            b.root = std::move(done);
        } else {
            b.open.back().add(std::move(done));
        }
    }
    static void XMLCALL on_text(void* self, const char* text, int length) {
        auto& b = *static_cast<TreeBuilder*>(self);
        if (!b.open.empty()) {
            b.open.back().append_text({text, static_cast<std::size_t>(length)});
        }
    }
    static void XMLCALL on_doctype(void* self, const char*, const char*, const char*, int) {
        static_cast<TreeBuilder*>(self)->refuse("a DTD is not allowed");
    }
};

}  // namespace

std::optional<std::string> Element::attribute(std::string_view name) const {
    for (const auto& [key, value] : attributes_) {
        if (key == name) return value;
    }
    return {};
}

const std::string& Element::get(std::string_view name) const {
    for (const auto& [key, value] : attributes_) {
        if (key == name) return value;
    }
    return kEmpty;
}

std::optional<std::int64_t> Element::get_int(std::string_view name) const {
    return parse_int<std::int64_t>(get(name));
}

std::optional<std::uint32_t> Element::get_u32(std::string_view name) const {
    return parse_int<std::uint32_t>(get(name));
}

bool Element::get_bool(std::string_view name, bool absent) const {
    const auto value = attribute(name);
    return value ? equals_ignoring_case(*value, "true") : absent;
}

Element& Element::set(std::string_view name, std::string_view value) {
    for (auto& [key, old] : attributes_) {
        if (key == name) {
            old = value;
            return *this;
        }
    }
    attributes_.emplace_back(name, value);
    return *this;
}

Element& Element::set(std::string_view name, std::int64_t value) {
    return set(name, std::string_view(std::to_string(value)));
}

void Element::remove_attribute(std::string_view name) {
    std::erase_if(attributes_, [&](const auto& a) { return a.first == name; });
}

Element& Element::set_text(std::string text) {
    text_ = std::move(text);
    return *this;
}

const Element* Element::child(std::string_view name, std::string_view ns) const {
    for (const auto& c : children_) {
        if (c.name_ == name && (ns.empty() || c.ns_ == ns)) return &c;
    }
    return nullptr;
}

std::vector<const Element*> Element::children_named(std::string_view name,
                                                    std::string_view ns) const {
    std::vector<const Element*> found;
    for (const auto& c : children_) {
        if (c.name_ == name && (ns.empty() || c.ns_ == ns)) found.push_back(&c);
    }
    return found;
}

const std::string& Element::child_text(std::string_view name, std::string_view ns) const {
    const Element* found = child(name, ns);
    return found ? found->text_ : kEmpty;
}

Element& Element::add(Element child) {
    if (child.ns_.empty()) child.ns_ = ns_;
    children_.push_back(std::move(child));
    return children_.back();
}

Element& Element::add(std::string name, std::string ns) {
    return add(Element(std::move(name), std::move(ns)));
}

Element&& Element::with(Element child) && {
    add(std::move(child));
    return std::move(*this);
}

Element&& Element::with(std::string_view attribute_name, std::string_view value) && {
    set(attribute_name, value);
    return std::move(*this);
}

std::string Element::to_xml(std::string_view parent_ns) const {
    std::string out;
    write(out, parent_ns);
    return out;
}

void Element::write(std::string& out, std::string_view parent_ns) const {
    out += '<';
    out += name_;
    if (!ns_.empty() && ns_ != parent_ns) out += " xmlns='" + escape_xml(ns_) + "'";
    for (const auto& [key, value] : attributes_) out += " " + key + "='" + escape_xml(value) + "'";
    if (children_.empty() && text_.empty()) {
        out += "/>";
        return;
    }
    out += '>';
    out += escape_xml(text_);
    for (const auto& c : children_) c.write(out, ns_.empty() ? parent_ns : ns_);
    out += "</" + name_ + ">";
}

std::string escape_xml(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        switch (c) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '\'': out += "&apos;"; break;
            case '"': out += "&quot;"; break;
            default:
                // XML 1.0 has no way to say the other control characters.
                if (static_cast<unsigned char>(c) >= 0x20 || c == '\t' || c == '\n' || c == '\r') {
                    out += c;
                }
        }
    }
    return out;
}

Result<Element> parse_element(std::string_view xml, std::string_view default_ns) {
    if (xml.size() > kMaxStanzaBytes) return fail("XML is larger than the limit");
    const std::unique_ptr<XML_ParserStruct, decltype(&XML_ParserFree)> parser(
        XML_ParserCreateNS("UTF-8", kSeparator), &XML_ParserFree);
    if (!parser) return fail("out of memory for an XML parser");
    TreeBuilder builder{parser.get(), std::string(default_ns), {}, {}, 0, nullptr};
    XML_SetUserData(parser.get(), &builder);
    XML_SetElementHandler(parser.get(), &TreeBuilder::on_start, &TreeBuilder::on_end);
    XML_SetCharacterDataHandler(parser.get(), &TreeBuilder::on_text);
    XML_SetStartDoctypeDeclHandler(parser.get(), &TreeBuilder::on_doctype);
    if (XML_Parse(parser.get(), xml.data(), static_cast<int>(xml.size()), XML_TRUE) !=
        XML_STATUS_OK) {
        if (builder.refusal) return fail(std::string("XML refused: ") + builder.refusal);
        return fail(std::string("not XML: ") + XML_ErrorString(XML_GetErrorCode(parser.get())));
    }
    if (!builder.root) return fail("not XML: no element");
    return std::move(*builder.root);
}

}  // namespace jmeet::xmpp
