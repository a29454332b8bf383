#include "focus/focus_context.hpp"

#include <algorithm>

#include "focus/random_id.hpp"

namespace jmeet::focus {

void send_iq(FocusContext& focus, const xmpp::Jid& to, xmpp::Element payload) {
    xmpp::Element iq = xmpp::make_iq("set", to.to_string(), std::move(payload));
    iq.set("id", "focus-" + xmpp::make_sid(random_u64()));
    focus.client.stream().send(iq);
}

void count_jingle(std::map<std::string, std::uint64_t>& counters, xmpp::JingleAction action) {
    // Upstream's enum names: SESSION_INITIATE, but SOURCEADD.
    std::string name(xmpp::to_string(action));
    const bool source = name.starts_with("source-");
    if (source) std::erase(name, '-');
    std::transform(name.begin(), name.end(), name.begin(), [](char c) {
        if (c == '-') return '_';
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    ++counters[name];
}

}  // namespace jmeet::focus
