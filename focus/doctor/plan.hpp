// What is to be examined: the effective settings of an installation, as the program would use them.
#pragma once

#include <string>
#include <vector>

#include "base/options.hpp"
#include "xmpp/options.hpp"

namespace jmeet::doctor {

struct Account {
    std::string user;
    std::string password;  // empty: not known on this host
    std::string password_option;
};

struct Plan {
    bool main = false;  // else a bridge's host
    xmpp::Domains domains;
    std::vector<xmpp::Server> servers;
    Account focus;
    Account bridge;
    bool verify_certificate = false;
    bool carries_media = true;
    std::uint16_t media_port = 0;
    std::vector<std::string> advertise;  // addresses, without ports
    std::vector<std::string> local;
};

// The role is the given one, else main where the focus' password is known.
Result<Plan> make_plan(const Options& options);

}  // namespace jmeet::doctor
