// The certificate that a server shows after STARTTLS. Blocking; the socket keeps its time-outs.
#pragma once

#include "focus/doctor/server_probe.hpp"

namespace jmeet::doctor {

// Certificates for XMPP are checked against the domain, not the host's name (RFC 6120 13.7.2).
Result<Certificate> read_certificate(int socket, const std::string& domain);

}  // namespace jmeet::doctor
