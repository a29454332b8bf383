// Why a connection failed, and the one sentence about it for an operator.
//
// libstrophe tells most of its reasons only in its log; notice_log_line() picks them out. Pure:
// no socket, no clock, testable without a server. Control thread.
#pragma once

#include <string>
#include <string_view>

#include "xmpp/connection.hpp"

namespace jmeet::xmpp {

struct ConnectionFailure {
    std::string resolve_error;      // no address for the host
    int system_error = 0;           // errno of connect, read or write
    bool connect_failed = false;    // the TCP connection did not come to be
    bool no_low_descriptor = false; // every number below FD_SETSIZE is taken
    std::string sasl_mechanism;     // the last that was tried
    std::string sasl_condition;     // of the first <failure/>: "not-authorized"
    bool challenged = false;        // before it: the server knows the account
    bool no_mechanism = false;      // nothing left to try
    bool tls_not_offered = false;
    bool tls_failed = false;
    std::string certificate_error;
    std::string stream_error;       // condition: "host-unknown"
    std::string stream_error_text;
    bool login_timed_out = false;
    std::string given_up;           // reconnect() was called with this reason
    bool was_connected = false;
    std::string library_error;      // the last error line of libstrophe
};

// What the log lines also tell of a session's life.
struct SessionNotes {
    bool resumed = false;     // the stream that is being opened continues the old one
    bool can_resume = false;  // the server has promised to keep the session
    bool sm_offered = false;  // stream management, on the stream that is being opened
    bool sm_answered = false; // ... and it said yes or no to our request for it
    bool sm_refused = false;  // it said no
    bool resume_refused = false;
};

void notice_log_line(std::string_view line, bool is_error, ConnectionFailure& failure,
                     SessionNotes& notes);

std::string explain(const ConnectionConfig& config, const ConnectionFailure& failure);

// The host and port in use: "127.0.0.1:5222".
std::string address_text(const ConnectionConfig& config);
std::string host_of(const ConnectionConfig& config);
std::uint16_t port_of(const ConnectionConfig& config);

}  // namespace jmeet::xmpp
