#include "base/tls_front.hpp"

#include <boost/asio/ssl.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>

#include "base/byte_pump.hpp"

namespace jmeet {

namespace beast = boost::beast;

awaitable<void> run_tls_front(asio::ip::tcp::socket client, asio::ssl::context& tls,
                              HttpSocket plain) {
    beast::ssl_stream<beast::tcp_stream> stream(std::move(client), tls);
    HttpStream behind(std::move(plain));
    beast::get_lowest_layer(stream).expires_after(kRequestTimeout);
    const auto [failed] =
        co_await stream.async_handshake(asio::ssl::stream_base::server, use_result);
    if (!failed) co_await pump_both(stream, behind);
}

Result<void> load_certificate(asio::ssl::context& tls, const std::string& certificate_chain,
                              const std::string& private_key) {
    error_code failed;
    tls.set_options(asio::ssl::context::no_tlsv1 | asio::ssl::context::no_tlsv1_1, failed);
    tls.use_certificate_chain_file(certificate_chain, failed);
    if (failed) {
        return fail("cannot read the certificate " + certificate_chain + ": " + failed.message());
    }
    tls.use_private_key_file(private_key, asio::ssl::context::pem, failed);
    if (failed) return fail("cannot use the private key " + private_key + ": " + failed.message());
    return {};
}

}  // namespace jmeet
