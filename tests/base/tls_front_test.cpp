#include "base/tls_front.hpp"

#include <boost/asio/read.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <doctest/doctest.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <filesystem>

#include "base/http_server.hpp"
#include "tests/base/exchange.hpp"

using namespace jmeet;

namespace {

// A self-signed certificate and its key, in files that go with it.
class CertificateFiles {
 public:
    CertificateFiles() {
        std::string pattern = std::filesystem::temp_directory_path() / "jmeet-tls-XXXXXX";
        REQUIRE(mkdtemp(pattern.data()) != nullptr);
        folder_ = pattern;
        EVP_PKEY* const key = EVP_EC_gen("P-256");
        X509* const certificate = X509_new();
        X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
        X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
        X509_set_pubkey(certificate, key);
        X509_sign(certificate, key, EVP_sha256());
        write("chain.pem", [&](std::FILE* to) { PEM_write_X509(to, certificate); });
        write("key.pem", [&](std::FILE* to) {
            PEM_write_PrivateKey(to, key, nullptr, nullptr, 0, nullptr, nullptr);
        });
        X509_free(certificate);
        EVP_PKEY_free(key);
    }
    ~CertificateFiles() { std::filesystem::remove_all(folder_); }

    TlsFiles files() const { return {folder_ / "chain.pem", folder_ / "key.pem"}; }

 private:
    template <class Write>
    void write(const char* name, Write write) {
        std::FILE* const file = std::fopen((folder_ / name).c_str(), "w");
        REQUIRE(file != nullptr);
        write(file);
        std::fclose(file);
    }

    std::filesystem::path folder_;
};

awaitable<std::string> exchange_over_tls(std::uint16_t port, std::string request) {
    asio::ssl::context client(asio::ssl::context::tls_client);
    asio::ssl::stream<asio::ip::tcp::socket> stream(co_await asio::this_coro::executor, client);
    co_await stream.next_layer().async_connect({asio::ip::address_v4::loopback(), port},
                                               asio::use_awaitable);
    co_await stream.async_handshake(asio::ssl::stream_base::client, asio::use_awaitable);
    co_await asio::async_write(stream, asio::buffer(request), asio::use_awaitable);
    std::string answer;
    co_await asio::async_read(stream, asio::dynamic_buffer(answer), use_result);
    co_return answer;
}

}  // namespace

TEST_CASE("behind TLS the same routes answer, large bodies too, and no handshake is no service") {
    asio::io_context io;
    const CertificateFiles certificate;
    HttpServer server(io.get_executor());
    server.route("POST", "/echo", [](HttpRequest r) -> awaitable<HttpResponse> {
        co_return HttpResponse::text(r.body);
    });
    const auto port = server.listen("127.0.0.1", 0, certificate.files());
    REQUIRE(port.has_value());

    std::exception_ptr failure;
    asio::co_spawn(
        io,
        [](HttpServer& s, std::uint16_t p) -> awaitable<void> {
            const std::string body(300'000, 'x');
            const std::string request = "POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                                        "Content-Length: " + std::to_string(body.size()) +
                                        "\r\n\r\n" + body;
            const std::string answer = co_await exchange_over_tls(p, request);
            CHECK(answer.starts_with("HTTP/1.1 200"));
            CHECK(answer.ends_with("\r\n\r\n" + body));
            const std::string refused = co_await jmeet::testing::exchange(p, "GET / HTTP/1.1\r\n\r\n");
            CHECK(refused.find("HTTP/1.1") == std::string::npos);
            co_await s.stop();
        }(server, *port),
        [&](std::exception_ptr e) { failure = e; });
    io.run();
    if (failure) std::rethrow_exception(failure);
}

TEST_CASE("a certificate that cannot be read is a sentence that names the file") {
    asio::io_context io;
    HttpServer server(io.get_executor());
    const auto refused = server.listen("127.0.0.1", 0, TlsFiles{"/nowhere/chain.pem", "key.pem"});
    REQUIRE(refused.has_error());
    CHECK(refused.error().what.starts_with("cannot read the certificate /nowhere/chain.pem: "));
}
