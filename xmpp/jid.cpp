#include "xmpp/jid.hpp"

#include "base/text.hpp"

namespace jmeet::xmpp {
namespace {

// LIMIT: RFC 7622 3.2-3.4, each part.
constexpr std::size_t kMaxPart = 1023;

bool has_control(std::string_view text) {
    for (const char c : text) {
        if (static_cast<unsigned char>(c) < 0x20) return true;
    }
    return false;
}

}  // namespace

Jid::Jid(std::string node, std::string domain, std::string resource)
    : node_(lower(node)),
      domain_(lower(domain)),
      resource_(std::move(resource)) {}

Result<Jid> Jid::parse(std::string_view text) {
    std::string_view resource;
    if (const auto slash = text.find('/'); slash != std::string_view::npos) {
        resource = text.substr(slash + 1);
        text = text.substr(0, slash);
        if (resource.empty()) return fail("JID with an empty resource");
    }
    std::string_view node;
    if (const auto at = text.find('@'); at != std::string_view::npos) {
        node = text.substr(0, at);
        text = text.substr(at + 1);
        if (node.empty()) return fail("JID with an empty node");
    }
    if (text.empty()) return fail("JID without a domain");
    if (node.size() > kMaxPart || text.size() > kMaxPart || resource.size() > kMaxPart) {
        return fail("JID part longer than 1023 bytes");
    }
    if (has_control(node) || has_control(text) || has_control(resource)) {
        return fail("JID with a control character");
    }
    return Jid(std::string(node), std::string(text), std::string(resource));
}

std::string Jid::to_string() const {
    std::string out;
    if (!node_.empty()) out += node_ + "@";
    out += domain_;
    if (!resource_.empty()) out += "/" + resource_;
    return out;
}

}  // namespace jmeet::xmpp
