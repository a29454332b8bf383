#include "focus/caps_stats.hpp"

namespace jmeet::focus {

std::string to_string(const xmpp::CapsRef& caps) { return caps.node + "#" + caps.ver; }

void CapsStats::add(const xmpp::CapsRef& caps, const Features& features) {
    const std::string name = to_string(caps);
    if (name.size() > kMaxCapsName) return;
    if (versions_.size() >= kMaxCapsVersions && !versions_.contains(name)) return;
    Version& version = versions_[name];
    ++version.count;
    version.features = features;
}

}  // namespace jmeet::focus
