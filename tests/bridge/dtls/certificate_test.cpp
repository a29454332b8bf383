#include "bridge/dtls/certificate.hpp"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <doctest/doctest.h>

namespace jmeet::bridge {
namespace {

const auto kNow = std::chrono::system_clock::from_time_t(1'790'000'000);

std::string fingerprint_by(const EVP_MD* digest, const Certificate& certificate) {
    std::uint8_t bytes[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    X509_digest(certificate.x509(), digest, bytes, &size);
    std::string text;
    for (unsigned i = 0; i < size; ++i) {
        char pair[4];
        std::snprintf(pair, sizeof pair, "%02X:", bytes[i]);
        text += pair;
    }
    text.pop_back();
    return text;
}

}  // namespace

TEST_CASE("the certificate is P-256, signed by itself, valid from a day ago for a week") {
    const auto made = Certificate::make(kNow);
    REQUIRE(made.has_value());
    const Certificate& certificate = made.value();
    CHECK(EVP_PKEY_get_bits(certificate.key()) == 256);
    CHECK(EVP_PKEY_get_base_id(certificate.key()) == EVP_PKEY_EC);
    CHECK(X509_verify(certificate.x509(), certificate.key()) == 1);
    std::time_t start = 1'790'000'000 - 86'400;
    std::time_t end = 1'790'000'000 + 7 * 86'400;
    CHECK(X509_cmp_time(X509_get0_notBefore(certificate.x509()), &start) == -1);
    CHECK(X509_cmp_time(X509_get0_notAfter(certificate.x509()), &end) == -1);
    end -= 1;
    CHECK(X509_cmp_time(X509_get0_notAfter(certificate.x509()), &end) == 1);
    CHECK_FALSE(certificate.is_due_for_renewal(kNow + std::chrono::hours(23)));
    CHECK(certificate.is_due_for_renewal(kNow + std::chrono::hours(24)));
}

TEST_CASE("the fingerprint is sha-256 in upper-case pairs, and every certificate has its own") {
    const auto one = Certificate::make(kNow).value();
    const auto two = Certificate::make(kNow).value();
    CHECK(one.fingerprint().hash == "sha-256");
    CHECK(one.fingerprint().value == fingerprint_by(EVP_sha256(), one));
    CHECK(one.fingerprint().value.size() == 95);
    CHECK(one.fingerprint().value != two.fingerprint().value);
}

TEST_CASE("a fingerprint matches by any accepted hash, whatever the case") {
    const auto mine = Certificate::make(kNow).value();
    const auto check = [&mine](std::vector<Fingerprint> signalled) {
        return check_fingerprints(*mine.x509(), signalled);
    };
    CHECK(check({mine.fingerprint()}) == FingerprintCheck::match);
    CHECK(check({{"SHA-256", mine.fingerprint().value}}) == FingerprintCheck::match);
    CHECK(check({{"sha-384", fingerprint_by(EVP_sha384(), mine)}}) == FingerprintCheck::match);
    CHECK(check({{"sha-512", fingerprint_by(EVP_sha512(), mine)}}) == FingerprintCheck::match);
    CHECK(check({{"sha-1", fingerprint_by(EVP_sha1(), mine)}}) == FingerprintCheck::match);
    std::string lower = mine.fingerprint().value;
    for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    CHECK(check({{"sha-256", lower}}) == FingerprintCheck::match);
}

TEST_CASE("one of several values for the strongest hash is enough") {
    const auto mine = Certificate::make(kNow).value();
    const auto other = Certificate::make(kNow).value();
    const std::vector<Fingerprint> signalled{other.fingerprint(), mine.fingerprint()};
    CHECK(check_fingerprints(*mine.x509(), signalled) == FingerprintCheck::match);
}

TEST_CASE("a match on a weaker hash does not make up for a mismatch on the strongest") {
    const auto mine = Certificate::make(kNow).value();
    const auto other = Certificate::make(kNow).value();
    const std::vector<Fingerprint> signalled{{"sha-1", fingerprint_by(EVP_sha1(), mine)},
                                             mine.fingerprint(),
                                             {"sha-512", fingerprint_by(EVP_sha512(), other)}};
    CHECK(check_fingerprints(*mine.x509(), signalled) == FingerprintCheck::mismatch);
}

TEST_CASE("nonsense in a fingerprint never matches") {
    const auto mine = Certificate::make(kNow).value();
    const std::string good = mine.fingerprint().value;
    std::string wrong_digit = good;
    wrong_digit[0] = wrong_digit[0] == '0' ? '1' : '0';
    std::string no_colon = good;
    no_colon[2] = '-';
    std::string no_hex = good;
    no_hex[0] = 'G';
    for (const std::string& value :
         {std::string(), wrong_digit, no_colon, no_hex, good + ":00", good.substr(0, 92)}) {
        const std::vector<Fingerprint> signalled{{"sha-256", value}};
        CHECK(check_fingerprints(*mine.x509(), signalled) == FingerprintCheck::mismatch);
    }
    const std::vector<Fingerprint> unknown{{"md5", good}, {"sha-224", good}};
    CHECK(check_fingerprints(*mine.x509(), unknown) == FingerprintCheck::no_usable_hash);
    CHECK(check_fingerprints(*mine.x509(), {}) == FingerprintCheck::no_usable_hash);
}

}  // namespace jmeet::bridge
