// A JID by value (RFC 7622), already in the form that the server gave it: node and domain
// compare ignoring ASCII case, the resource exactly.
#pragma once

#include <compare>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace jmeet::xmpp {

class Jid {
 public:
    Jid() = default;
    // Refuses an empty domain, parts over 1,023 bytes, and control characters.
    static Result<Jid> parse(std::string_view text);
    // For parts that are known to be right (configuration, tests).
    Jid(std::string node, std::string domain, std::string resource = {});

    const std::string& node() const { return node_; }
    const std::string& domain() const { return domain_; }
    const std::string& resource() const { return resource_; }
    bool empty() const { return domain_.empty(); }
    bool is_bare() const { return resource_.empty(); }
    Jid bare() const { return Jid(node_, domain_); }
    Jid with_resource(std::string resource) const { return Jid(node_, domain_, std::move(resource)); }
    std::string to_string() const;

    auto operator<=>(const Jid&) const = default;
    bool operator==(const Jid&) const = default;

 private:
    std::string node_;    // lower case
    std::string domain_;  // lower case
    std::string resource_;
};

}  // namespace jmeet::xmpp

template <>
struct std::hash<jmeet::xmpp::Jid> {
    std::size_t operator()(const jmeet::xmpp::Jid& jid) const {
        return std::hash<std::string>{}(jid.to_string());
    }
};
