// TLS ends here: what is behind sees plain bytes. Control thread only.
#pragma once

#include <boost/asio/ssl/context.hpp>

#include "base/http_stream.hpp"
#include "base/result.hpp"

namespace jmeet {

// The server's handshake, then every byte between the client and the plain side, until either ends.
// LIMIT: two buffers of 16 KiB and one pair of sockets a connection.
awaitable<void> run_tls_front(asio::ip::tcp::socket client, asio::ssl::context& tls,
                              HttpSocket plain);

// Reads both PEM files; an error sentence names the one that cannot be used.
Result<void> load_certificate(asio::ssl::context& tls, const std::string& certificate_chain,
                              const std::string& private_key);

}  // namespace jmeet
