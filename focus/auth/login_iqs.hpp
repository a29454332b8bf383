// <login-url/> and <logout/>: where a client logs in, and how it gives its session back.
//
// Registered by Services on each connection that clients reach the focus by, only where
// authentication is on. Control thread; the sessions outlive the connection.
#pragma once

#include "focus/auth/auth_sessions.hpp"
#include "xmpp/iq.hpp"

namespace jmeet::focus {

xmpp::Element answer_login_url(const AuthSessions& sessions, const xmpp::Element& iq);
xmpp::Element answer_logout(AuthSessions& sessions, const xmpp::Element& iq);

void handle_login_iqs(xmpp::IqRouter& iq, AuthSessions& sessions);

}  // namespace jmeet::focus
