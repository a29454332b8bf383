// The login sessions as one XML element, so that people who are logged in stay so when another
// process goes on. Session ids are secrets: they stand in this file and in no log line.
//
// Pure; control thread. Times are the wall clock's there, because a steady clock is a process' own.
// What is unknown is passed over, what is missing has its default.
// LIMITS: kMaxLogins, those used last; a session with longer fields than kMaxLoginField is not kept.
#pragma once

#include <chrono>

#include "focus/auth/auth_sessions.hpp"
#include "xmpp/element.hpp"

namespace jmeet::focus {

inline constexpr std::size_t kMaxLogins = 2'000;
inline constexpr std::size_t kMaxLoginField = 256;

struct BothClocks {
    TimePoint steady = Clock::now();
    std::chrono::system_clock::time_point wall = std::chrono::system_clock::now();
};

xmpp::Element write_logins(const AuthSessions& sessions, const BothClocks& now);
void read_logins(const xmpp::Element& element, AuthSessions& sessions, const BothClocks& now);

}  // namespace jmeet::focus
