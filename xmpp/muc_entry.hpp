// One attempt to enter a room: waits for our own presence or a refusal. Private to muc*.cpp.
#pragma once

#include <optional>

#include "xmpp/muc.hpp"

namespace jmeet::xmpp {

struct MucRoom::Entry {
    explicit Entry(const asio::any_io_executor& executor, Duration deadline)
        : timer(executor, deadline) {}

    void admit(const MucPresence& presence) {
        if (!self && !error) self = presence;
        timer.cancel();
    }
    void refuse(const StanzaError& why) {
        if (!self && !error) error = why;
        timer.cancel();
    }

    asio::steady_timer timer;
    std::optional<MucPresence> self;
    std::optional<StanzaError> error;
};

}  // namespace jmeet::xmpp
