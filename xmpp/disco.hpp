// Service discovery (XEP-0030) and entity capabilities (XEP-0115): what we are, and what others
// are, asked once per version.
//
// Owned by a Client; control thread. DiscoResponder answers for us; CapsCache asks others.
#pragma once

#include <list>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "xmpp/iq.hpp"

namespace jmeet::xmpp {

struct DiscoIdentity {
    std::string category;
    std::string type;
    std::string lang;
    std::string name;
    auto operator<=>(const DiscoIdentity&) const = default;
};

// LIMIT: a web client names 25 features, a server about 60.
inline constexpr std::size_t kMaxDiscoFeatures = 1'000;
// LIMIT: a server sees a few dozen client versions; a hostile client may invent more.
inline constexpr std::size_t kMaxCachedCaps = 1'000;

struct DiscoInfo {
    std::vector<DiscoIdentity> identities;
    std::set<std::string> features;
    std::vector<Element> forms;  // jabber:x:data, part of the hash
    bool has(const std::string& feature) const { return features.contains(feature); }
    bool operator==(const DiscoInfo&) const = default;
};

Result<DiscoInfo> parse_disco_info(const Element& query);
Element write_disco_info(const DiscoInfo& info, const std::string& node = {});
// The verification string of XEP-0115 5.1 with SHA-1, in base64; empty where 5.4 says that the
// information is ill-formed (a repeated identity, feature or form type).
std::string caps_hash(const DiscoInfo& info);

// What <c xmlns='http://jabber.org/protocol/caps'/> in a presence says.
struct EntityCaps {
    std::string node;
    std::string ver;
    std::string hash;
    bool operator==(const EntityCaps&) const = default;
};
std::optional<EntityCaps> parse_caps(const Element& presence);

// Answers disco#info to us, with our node or without one; disco#items with nothing.
class DiscoResponder {
 public:
    DiscoResponder(IqRouter& iq, DiscoInfo own, std::string caps_node);

    // The <c/> for our own presences.
    const Element& caps() const { return caps_; }
    const DiscoInfo& own() const { return own_; }

 private:
    Element answer_info(const Element& iq) const;

    DiscoInfo own_;
    std::string node_;
    Element caps_;
};

class CapsCache {
 public:
    explicit CapsCache(IqRouter& iq) : iq_(iq) {}

    // The features of an entity. A version that is known (and whose hash was verified) is not
    // asked again; several askers of one version share one request.
    awaitable<IqResult<DiscoInfo>> info_of(Jid entity, std::optional<EntityCaps> caps,
                                           Duration deadline = kIqDeadline);
    // disco#info without any cache: of a server or a component.
    awaitable<IqResult<DiscoInfo>> request_info(Jid entity, std::string node = {},
                                                Duration deadline = kIqDeadline);
    std::size_t size() const { return known_.size(); }

 private:
    using Age = std::list<std::string>;  // least recently used first
    struct Entry {
        DiscoInfo info;
        Age::iterator age;
    };
    const DiscoInfo* find(const std::string& key);
    void remember(const std::string& key, DiscoInfo info);

    IqRouter& iq_;
    std::unordered_map<std::string, Entry> known_;
    Age by_age_;
    // Those who wait for the request of another asker of the same version.
    std::unordered_map<std::string, std::vector<asio::steady_timer*>> asking_;
};

}  // namespace jmeet::xmpp
