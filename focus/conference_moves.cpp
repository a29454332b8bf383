// Conference: participants are moved to another bridge because somebody wants it.
#include <algorithm>

#include "focus/conference.hpp"

namespace jmeet::focus {

int Conference::endpoints_on(const Bridge& bridge) const {
    return ready() ? static_cast<int>(bridges_->endpoints_on(bridge).size()) : 0;
}

int Conference::move_from(const Bridge& bridge, int count) {
    auto ids = bridges_->endpoints_on(bridge);
    if (count < static_cast<int>(ids.size())) {
        ids.resize(static_cast<std::size_t>(std::max(0, count)));
    } else {
        ids = bridges_->remove_bridge(bridge.jid());
    }
    if (ids.empty()) return 0;
    state_.log.info("Re-inviting [{}] because they are moved from {}", fmt::join(ids, ", "),
                    bridge.jid().to_string());
    inviter_->reinvite(ids);
    return static_cast<int>(ids.size());
}

bool Conference::move_endpoint(const std::string& id, const Bridge* from) {
    if (!ready()) return false;
    const auto bridge = bridges_->bridge_of(id);
    if (!bridge || (from && bridge.get() != from)) return false;
    inviter_->reinvite({id});
    return true;
}

}  // namespace jmeet::focus
