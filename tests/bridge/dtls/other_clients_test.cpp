// Clients that are not ours: a bare OpenSSL client with the settings that a test gives it.
#include <openssl/rsa.h>
#include <openssl/ssl.h>

#include <doctest/doctest.h>

#include "tests/bridge/dtls/dtls_pair.hpp"

namespace jmeet::bridge::test {
namespace {

struct Settings {
    const char* srtp = "SRTP_AES128_CM_SHA1_80:SRTP_AEAD_AES_256_GCM:SRTP_AEAD_AES_128_GCM";
    bool certificate = true;
    const char* ciphers = "ALL";
    // Instead of the usual one.
    X509* x509 = nullptr;
    EVP_PKEY* key = nullptr;
    X509* second = nullptr;  // sent after it
    int version = DTLS1_2_VERSION;
};

class BareClient {
 public:
    explicit BareClient(const Settings& settings) : ctx_(SSL_CTX_new(DTLS_client_method())) {
        SSL_CTX_set_min_proto_version(ctx_, settings.version);
        SSL_CTX_set_max_proto_version(ctx_, settings.version);
        SSL_CTX_set_security_level(ctx_, 0);
        SSL_CTX_set_cipher_list(ctx_, settings.ciphers);
        SSL_CTX_set_options(ctx_, SSL_OP_NO_QUERY_MTU);
        if (settings.srtp) SSL_CTX_set_tlsext_use_srtp(ctx_, settings.srtp);
        if (settings.certificate) {
            SSL_CTX_use_certificate(ctx_, settings.x509 ? settings.x509 : certificate(0).x509());
            SSL_CTX_use_PrivateKey(ctx_, settings.key ? settings.key : certificate(0).key());
            if (settings.second) SSL_CTX_add1_chain_cert(ctx_, settings.second);
        }
        ssl_ = SSL_new(ctx_);
        SSL_set_bio(ssl_, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
        BIO_set_mem_eof_return(SSL_get_rbio(ssl_), -1);
        SSL_set_mtu(ssl_, 1200);
        SSL_set_connect_state(ssl_);
    }
    ~BareClient() {
        SSL_free(ssl_);
        SSL_CTX_free(ctx_);
    }
    BareClient(const BareClient&) = delete;
    BareClient& operator=(const BareClient&) = delete;

    void talk_to(Peer& server) {
        for (int turn = 0; turn < 10; ++turn) {
            SSL_do_handshake(ssl_);
            std::uint8_t buffer[8192];
            const int size = BIO_read(SSL_get_wbio(ssl_), buffer, sizeof buffer);
            // A record is a datagram here: the memory BIO has lost the borders.
            for (int at = 0; at + 13 <= size;) {
                const int length = 13 + load_be16(&buffer[at + 11]);
                server.session.on_datagram({&buffer[at], static_cast<std::size_t>(length)},
                                           simulated_now());
                at += length;
            }
            for (const Datagram& datagram : std::exchange(server.out, {})) {
                BIO_write(SSL_get_rbio(ssl_), datagram.data(), static_cast<int>(datagram.size()));
                SSL_do_handshake(ssl_);
            }
        }
    }
    SSL* ssl() const { return ssl_; }

 private:
    SSL_CTX* ctx_;
    SSL* ssl_;
};

}  // namespace

TEST_CASE("a browser lists AES-CM first and still gets GCM") {
    BareClient browser({});
    Peer server(context(1));
    server.session.set_remote_fingerprints({certificate(0).fingerprint()});
    browser.talk_to(server);
    REQUIRE(server.connected == 1);
    CHECK(server.session.srtp_keys()->profile == SrtpProfile::aead_aes_128_gcm);
    CHECK(std::string_view(SSL_get_cipher_name(browser.ssl())) == "ECDHE-ECDSA-AES128-GCM-SHA256");
    CHECK(std::string_view(SSL_get_version(browser.ssl())) == "DTLSv1.2");
}

TEST_CASE("a client without GCM gets AES-CM with an 80-bit tag") {
    BareClient old({.srtp = "SRTP_AES128_CM_SHA1_80"});
    Peer server(context(1));
    server.session.set_remote_fingerprints({certificate(0).fingerprint()});
    old.talk_to(server);
    REQUIRE(server.connected == 1);
    const auto keys = server.session.srtp_keys();
    CHECK(keys->profile == SrtpProfile::aes128_cm_sha1_80);
    // RFC 5764 4.2: client key, server key, client salt, server salt.
    std::uint8_t material[60];
    REQUIRE(SSL_export_keying_material(old.ssl(), material, 60, "EXTRACTOR-dtls_srtp", 19, nullptr,
                                       0, 0) == 1);
    const BytesView all(material);
    const auto same = [](BytesView a, BytesView b) {
        return std::equal(a.begin(), a.end(), b.begin());
    };
    CHECK(same(all.subspan(0, 16), BytesView(keys->remote).first(16)));
    CHECK(same(all.subspan(16, 16), BytesView(keys->local).first(16)));
    CHECK(same(all.subspan(32, 14), BytesView(keys->remote).subspan(16)));
    CHECK(same(all.subspan(46, 14), BytesView(keys->local).subspan(16)));
}

TEST_CASE("a client without an SRTP profile in common is refused") {
    for (const char* srtp : {static_cast<const char*>(nullptr), "SRTP_AEAD_AES_256_GCM"}) {
        BareClient client({.srtp = srtp});
        Peer server(context(1));
        server.session.set_remote_fingerprints({certificate(0).fingerprint()});
        client.talk_to(server);
        CHECK(server.connected == 0);
        CHECK(server.failed == 1);
        CHECK(server.why.find("SRTP") != std::string::npos);
        CHECK_FALSE(server.session.srtp_keys());
    }
}

TEST_CASE("a client without a certificate is not let in") {
    BareClient anonymous({.certificate = false});
    Peer server(context(1));
    server.session.set_remote_fingerprints({certificate(0).fingerprint()});
    anonymous.talk_to(server);
    CHECK(server.connected == 0);
    CHECK(server.session.state() != DtlsState::awaiting_fingerprint);
    CHECK(server.session.counters().restarts > 0);
}

TEST_CASE("DTLS 1.0 is not spoken") {
    BareClient ancient({.version = DTLS1_VERSION});
    Peer server(context(1));
    server.session.set_remote_fingerprints({certificate(0).fingerprint()});
    ancient.talk_to(server);
    CHECK(server.connected == 0);
    CHECK(server.session.counters().restarts > 0);
}

namespace {

// A certificate of the test's making; days are counted from now.
struct OwnCertificate {
    EVP_PKEY* key;
    X509* x509 = X509_new();

    OwnCertificate(EVP_PKEY* k, int from_day, int to_day) : key(k) {
        ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
        X509_gmtime_adj(X509_getm_notBefore(x509), from_day * 86'400L);
        X509_gmtime_adj(X509_getm_notAfter(x509), to_day * 86'400L);
        X509_set_pubkey(x509, key);
        X509_sign(x509, key, EVP_sha256());
    }
    ~OwnCertificate() {
        X509_free(x509);
        EVP_PKEY_free(key);
    }
    OwnCertificate(const OwnCertificate&) = delete;
    OwnCertificate& operator=(const OwnCertificate&) = delete;

    Fingerprint fingerprint() const {
        std::uint8_t digest[32];
        unsigned size = 0;
        X509_digest(x509, EVP_sha256(), digest, &size);
        Fingerprint made{"sha-256", ""};
        for (unsigned i = 0; i < size; ++i) {
            static constexpr char kHex[] = "0123456789ABCDEF";
            if (i != 0) made.value += ':';
            made.value += kHex[digest[i] >> 4];
            made.value += kHex[digest[i] & 15];
        }
        return made;
    }
};

}  // namespace

TEST_CASE("whose clock is wrong is known by its fingerprint: an expired certificate is let in") {
    const OwnCertificate expired(EVP_EC_gen("P-256"), -30, -1);
    for (const bool signalled : {true, false}) {
        CAPTURE(signalled);
        BareClient client({.x509 = expired.x509, .key = expired.key});
        Peer server(context(1));
        server.session.set_remote_fingerprints(
            {signalled ? expired.fingerprint() : certificate(0).fingerprint()});
        client.talk_to(server);
        CHECK(server.connected == (signalled ? 1 : 0));
        CHECK(server.failed == (signalled ? 0 : 1));
        CHECK(server.session.srtp_keys().has_value() == signalled);
    }
}

TEST_CASE("an RSA key of 4,096 bits is let in by its own fingerprint only, and says why not") {
    const OwnCertificate rsa(EVP_RSA_gen(4096), -1, 7);
    for (const bool signalled : {true, false}) {
        CAPTURE(signalled);
        BareClient client({.x509 = rsa.x509, .key = rsa.key});
        Peer server(context(1));
        server.session.set_remote_fingerprints(
            {signalled ? rsa.fingerprint() : certificate(0).fingerprint()});
        client.talk_to(server);
        CHECK(server.connected == (signalled ? 1 : 0));
        CHECK(server.session.srtp_keys().has_value() == signalled);
        if (!signalled) CHECK(server.why.find("fingerprint") != std::string::npos);
    }
}

TEST_CASE("of two certificates the one that signs must be the signalled one") {
    const OwnCertificate own(EVP_EC_gen("P-256"), -1, 7);
    BareClient intruder({.x509 = own.x509, .key = own.key, .second = certificate(0).x509()});
    Peer server(context(1));
    server.session.set_remote_fingerprints({certificate(0).fingerprint()});
    intruder.talk_to(server);
    CHECK(server.connected == 0);
    CHECK(server.failed == 1);
    CHECK_FALSE(server.session.srtp_keys());
}

TEST_CASE("a handshake without encryption is not spoken") {
    BareClient naked({.ciphers = "eNULL"});
    Peer server(context(1));
    server.session.set_remote_fingerprints({certificate(0).fingerprint()});
    naked.talk_to(server);
    CHECK(server.connected == 0);
    CHECK(server.session.counters().restarts > 0);
}

}  // namespace jmeet::bridge::test
