#include "focus/doctor/tls_probe.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <spdlog/fmt/fmt.h>

#include <memory>

namespace jmeet::doctor {
namespace {

template <class T, auto Free>
struct FreeWith {
    void operator()(T* object) const { Free(object); }
};
using Context = std::unique_ptr<SSL_CTX, FreeWith<SSL_CTX, SSL_CTX_free>>;
using Session = std::unique_ptr<SSL, FreeWith<SSL, SSL_free>>;
using Shown = std::unique_ptr<X509, FreeWith<X509, X509_free>>;

std::string common_name(const X509_NAME* name) {
    char text[256] = {};
    X509_NAME_get_text_by_NID(name, NID_commonName, text, sizeof text);
    return text;
}

std::string fingerprint(const X509& certificate) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int length = 0;
    X509_digest(&certificate, EVP_sha256(), digest, &length);
    return fmt::format("{:02x}", fmt::join(digest, digest + length, ""));
}

}  // namespace

Result<Certificate> read_certificate(int socket, const std::string& domain) {
    const Context context(SSL_CTX_new(TLS_client_method()));
    if (!context) return fail("OpenSSL gives no context");
    SSL_CTX_set_default_verify_paths(context.get());
    const Session session(SSL_new(context.get()));
    if (!session) return fail("OpenSSL gives no session");
    SSL_set_fd(session.get(), socket);
    SSL_set_tlsext_host_name(session.get(), domain.c_str());
    if (SSL_connect(session.get()) != 1) {
        const unsigned long code = ERR_get_error();
        const char* const reason = code ? ERR_reason_error_string(code) : nullptr;
        return fail(reason ? reason : "the handshake was not finished");
    }
    const Shown shown(SSL_get1_peer_certificate(session.get()));
    if (!shown) return fail("the server shows no certificate");
    Certificate result;
    result.subject = common_name(X509_get_subject_name(shown.get()));
    result.issuer = common_name(X509_get_issuer_name(shown.get()));
    result.sha256 = fingerprint(*shown);
    int days = 0;
    int seconds = 0;
    ASN1_TIME_diff(&days, &seconds, nullptr, X509_get0_notAfter(shown.get()));
    result.days_left = seconds < 0 ? days - 1 : days;
    result.names_domain =
        X509_check_host(shown.get(), domain.data(), domain.size(), 0, nullptr) == 1;
    const long verified = SSL_get_verify_result(session.get());
    if (verified != X509_V_OK) result.distrust = X509_verify_cert_error_string(verified);
    return result;
}

}  // namespace jmeet::doctor
