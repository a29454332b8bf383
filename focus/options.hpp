// The options of the focus, under docker-jitsi-meet's names, and those of the meeting page.
// Set-up only.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/http_server.hpp"
#include "base/options.hpp"
#include "base/result.hpp"
#include "focus/focus_config.hpp"

namespace jmeet::focus {

std::vector<Option> focus_options();

Result<FocusConfig> read_focus_config(const Options& options);
// Of the focus' own HTTP port.
std::string read_http_address(const Options& options);

// Where the meeting page is served, and what it must know.
struct MeetConfig {
    std::string folder;  // of the built page; empty: no page
    std::string http_address;
    std::uint16_t http_port = 0;  // 0: no plain HTTP
    std::uint16_t https_port = 0;
    std::optional<TlsFiles> tls;
    std::string prosody_host;  // of Prosody's own HTTP port, for /xmpp-websocket
    std::uint16_t prosody_port = 5280;
    std::string domain;
    std::string muc_domain;
};
std::vector<Option> meet_options();
Result<MeetConfig> read_meet_config(const Options& options);

}  // namespace jmeet::focus
