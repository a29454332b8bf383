// Who came with which version of which client: what GET /debug/xmpp-caps shows.
//
// A part of FocusCounters; control thread. XEP-0115.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "focus/features.hpp"
#include "xmpp/jitsi_presence.hpp"

namespace jmeet::focus {

// LIMIT: versions that are told apart, as many as Jicofo; a hostile client may invent more.
inline constexpr std::size_t kMaxCapsVersions = 1'000;
// LIMIT: of node and version together; a web client's has 60 characters.
inline constexpr std::size_t kMaxCapsName = 256;

class CapsStats {
 public:
    struct Version {
        std::uint64_t count = 0;
        Features features;  // as discovered last
    };
    void add(const xmpp::CapsRef& caps, const Features& features);
    // By "node#ver".
    const std::map<std::string, Version>& all() const { return versions_; }

 private:
    std::map<std::string, Version> versions_;
};

std::string to_string(const xmpp::CapsRef& caps);

}  // namespace jmeet::focus
