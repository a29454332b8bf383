#include "focus/doctor/clock_offset.hpp"

#include <ctime>

namespace jmeet::doctor {

std::optional<double> clock_offset(const xmpp::Element& answer,
                                   std::chrono::system_clock::time_point now) {
    const xmpp::Element* const time = answer.child("time", kTimeNamespace);
    const xmpp::Element* const utc = time ? time->child("utc") : nullptr;
    if (!utc) return {};
    std::tm parts{};
    // "2026-08-20T13:06:42Z", perhaps with a fraction before the Z.
    if (!::strptime(std::string(utc->text()).c_str(), "%Y-%m-%dT%H:%M:%S", &parts)) return {};
    const auto theirs = std::chrono::system_clock::from_time_t(::timegm(&parts));
    return std::chrono::duration<double>(now - theirs).count();
}

}  // namespace jmeet::doctor
