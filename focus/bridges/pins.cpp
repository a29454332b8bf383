#include "focus/bridges/pins.hpp"

namespace jmeet::focus {

bool BridgePins::set(const xmpp::Jid& conference, std::string version,
                     std::chrono::minutes duration, Time now) {
    forget_expired(now);
    if (pins_.size() >= kMaxPins && !pins_.contains(conference)) return false;
    pins_[conference] = {conference, std::move(version),
                         std::chrono::floor<std::chrono::seconds>(now + duration)};
    return true;
}

std::optional<std::string> BridgePins::version_for(const xmpp::Jid& conference, Time now) {
    forget_expired(now);
    const auto pin = pins_.find(conference);
    if (pin == pins_.end()) return {};
    return pin->second.version;
}

std::vector<BridgePins::Pin> BridgePins::all(Time now) {
    forget_expired(now);
    std::vector<Pin> result;
    for (const auto& [conference, pin] : pins_) result.push_back(pin);
    return result;
}

void BridgePins::forget_expired(Time now) {
    std::erase_if(pins_, [&](const auto& entry) { return entry.second.expires <= now; });
}

}  // namespace jmeet::focus
