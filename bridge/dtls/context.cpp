// DtlsContext: OpenSSL's settings for every session.
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "bridge/dtls/session.hpp"

namespace jmeet::bridge {
namespace {

// Forward secrecy and AEAD only, in the order that JVB uses.
constexpr char kCiphers[] =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
// As the server OpenSSL goes by our order. Browsers list AES-CM-SHA1-80 first, which costs twice
// as much per packet as GCM.
constexpr char kSrtpProfiles[] = "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80";
constexpr char kGroups[] = "X25519:P-256:P-384";
constexpr char kClientSignatures[] = "ECDSA+SHA256:ECDSA+SHA384:RSA-PSS+SHA256:RSA+SHA256";

// Peers sign their certificates themselves; the signalled fingerprint is what proves them.
int accept_any_certificate(X509_STORE_CTX*, void*) { return 1; }

bool configure(SSL_CTX* ctx, const Certificate& certificate) {
    SSL_CTX_set_options(ctx, SSL_OP_NO_QUERY_MTU | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET |
                                 SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    SSL_CTX_set_cert_verify_callback(ctx, accept_any_certificate, nullptr);
    return SSL_CTX_set_min_proto_version(ctx, DTLS1_2_VERSION) == 1 &&
           SSL_CTX_set_max_proto_version(ctx, DTLS1_2_VERSION) == 1 &&
           SSL_CTX_set_cipher_list(ctx, kCiphers) == 1 &&
           SSL_CTX_set1_groups_list(ctx, kGroups) == 1 &&
           SSL_CTX_set1_client_sigalgs_list(ctx, kClientSignatures) == 1 &&
           SSL_CTX_set_tlsext_use_srtp(ctx, kSrtpProfiles) == 0 &&  // this one answers 0 for done
           SSL_CTX_use_certificate(ctx, certificate.x509()) == 1 &&
           SSL_CTX_use_PrivateKey(ctx, certificate.key()) == 1 &&
           SSL_CTX_check_private_key(ctx) == 1;
}

}  // namespace

Result<DtlsContext> DtlsContext::make(const Certificate& certificate) {
    DtlsContext made;
    made.ssl_ctx_ = std::shared_ptr<SSL_CTX>(SSL_CTX_new(DTLS_method()), SSL_CTX_free);
    if (!made.ssl_ctx_ || !configure(made.ssl_ctx_.get(), certificate)) {
        const char* reason = ERR_reason_error_string(ERR_get_error());
        ERR_clear_error();
        return fail(std::string("OpenSSL refused the DTLS settings: ") +
                    (reason ? reason : "no reason given"));
    }
    made.fingerprint_ = certificate.fingerprint();
    return made;
}

}  // namespace jmeet::bridge
