#include "focus/auth/login_iqs.hpp"

#include <spdlog/fmt/fmt.h>

#include "xmpp/namespaces.hpp"

namespace jmeet::focus {
namespace {

using xmpp::stanza_error;

// The attribute travels percent-encoded as a whole.
std::string percent_encoded(const std::string& text) {
    constexpr std::string_view kPlain = "-._*";
    std::string result;
    for (const char c : text) {
        const bool alphanumeric = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                                  (c >= 'A' && c <= 'Z');
        if (alphanumeric || kPlain.find(c) != std::string_view::npos) {
            result += c;
        } else {
            result += fmt::format("%{:02X}", static_cast<unsigned char>(c));
        }
    }
    return result;
}

}  // namespace

xmpp::Element answer_login_url(const AuthSessions& sessions, const xmpp::Element& iq) {
    xmpp::LoginUrl login = xmpp::parse_login_url(iq.children().front());
    if (login.room.empty()) return xmpp::make_error(iq, stanza_error("not-acceptable"));
    if (login.machine_uid.empty()) return xmpp::make_error(iq, stanza_error("bad-request"));
    if (!sessions.external()) {
        const std::string name = login.room.substr(0, login.room.find('@'));
        login.url = percent_encoded("./" + name + "?login=true");
    }
    return xmpp::make_result(iq, xmpp::write_login_url(login));
}

xmpp::Element answer_logout(AuthSessions& sessions, const xmpp::Element& iq) {
    const xmpp::Logout logout = xmpp::parse_logout(iq.children().front());
    if (sessions.destroy(logout.session_id)) return xmpp::make_result(iq, xmpp::write_logout({}));
    auto error = stanza_error("not-acceptable", "invalid session");
    error.application = xmpp::session_invalid();
    return xmpp::make_error(iq, error);
}

void handle_login_iqs(xmpp::IqRouter& iq, AuthSessions& sessions) {
    iq.handle_sync(xmpp::IqType::get, "login-url", xmpp::ns::kFocus,
                   [&sessions](const xmpp::Element& request) {
                       return answer_login_url(sessions, request);
                   });
    iq.handle_sync(xmpp::IqType::set, "logout", xmpp::ns::kFocus,
                   [&sessions](const xmpp::Element& request) {
                       return answer_logout(sessions, request);
                   });
}

}  // namespace jmeet::focus
