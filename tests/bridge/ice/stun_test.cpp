#include "bridge/ice/stun.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace jmeet;
using namespace jmeet::bridge;

namespace {

std::vector<std::uint8_t> from_hex(std::string_view hex) {
    std::vector<std::uint8_t> bytes;
    std::string digits;
    for (const char c : hex) {
        if (c == ' ' || c == '\n') continue;
        digits += c;
        if (digits.size() < 2) continue;
        bytes.push_back(static_cast<std::uint8_t>(std::stoi(digits, nullptr, 16)));
        digits.clear();
    }
    return bytes;
}

// RFC 5769 section 2.1 to 2.3: password VOkJxbRl1RmTxUk/WvJxBt
constexpr std::string_view kPassword = "VOkJxbRl1RmTxUk/WvJxBt";
constexpr std::string_view kRequest =
    "000100582112a442b7e7a701bc34d686fa87dfae802200105354554e20746573"
    "7420636c69656e74002400046e0001ff80290008932ff9b151263b3600060009"
    "6576746a3a68367659202020000800149aeaa70cbfd8cb56781ef2b5b2d3f249"
    "c1b571a280280004e57a3bcf";
constexpr std::string_view kResponseV4 =
    "0101003c2112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563"
    "746f7220002000080001a147e112a643000800142b91f599fd9e90c38c7489f9"
    "2af9ba53f06be7d780280004c07d4c96";
constexpr std::string_view kResponseV6 =
    "010100482112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563"
    "746f7220002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d900080014"
    "a382954e4be67bf11784c97c8292c275bfe3ed4180280004c8fb0b4c";

constexpr TransactionId kId{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};

struct Made {
    std::array<std::uint8_t, 600> block{};
    std::size_t size = 0;
    BytesView bytes() const { return BytesView(block).first(size); }
};

Made make_check(const IntegrityKey* key) {
    Made made;
    StunWriter writer(made.block, StunClass::request, kId);
    writer.priority(1'845'501'695);
    writer.controlling(0x1122334455667788);
    writer.use_candidate();
    writer.username("remote", "local");
    made.size = writer.finish(key);
    return made;
}

// A header with this body, FINGERPRINT not included.
std::vector<std::uint8_t> raw(const std::vector<std::uint8_t>& body, std::uint16_t type = 0x0001) {
    std::vector<std::uint8_t> bytes(kStunHeaderSize);
    store_be16(&bytes[0], type);
    store_be16(&bytes[2], static_cast<std::uint16_t>(body.size()));
    store_be32(&bytes[4], kStunMagicCookie);
    for (const std::uint8_t b : body) bytes.push_back(b);
    return bytes;
}

}  // namespace

TEST_CASE("the sample request of RFC 5769 is read and its integrity holds") {
    const auto bytes = from_hex(kRequest);
    const auto m = StunMessage::parse(bytes);
    REQUIRE(m);
    CHECK(m->is_binding(StunClass::request));
    CHECK(m->username() == "evtj:h6vY");
    CHECK(m->receiver_ufrag() == "evtj");
    CHECK(m->sender_ufrag() == "h6vY");
    CHECK(m->priority() == 0x6e0001ff);
    CHECK(m->controlled() == 0x932ff9b151263b36);
    CHECK_FALSE(m->controlling());
    CHECK_FALSE(m->use_candidate());
    CHECK(m->has_fingerprint());
    CHECK(m->unknown_required().empty());
    const IntegrityKey key(kPassword);
    CHECK(m->check_integrity(key));
    CHECK(m->check_integrity(key));  // the key may be used again
    CHECK_FALSE(m->check_integrity(IntegrityKey("VOkJxbRl1RmTxUk/WvJxBT")));
    CHECK_FALSE(m->check_integrity(IntegrityKey{}));
}

TEST_CASE("the sample responses of RFC 5769 give the mapped address") {
    const IntegrityKey key(kPassword);
    const auto v4 = from_hex(kResponseV4);
    const auto m4 = StunMessage::parse(v4);
    REQUIRE(m4);
    CHECK(m4->is_binding(StunClass::success));
    CHECK(m4->check_integrity(key));
    CHECK(m4->mapped_address() == Address::parse("192.0.2.1", 32853));
    const auto v6 = from_hex(kResponseV6);
    const auto m6 = StunMessage::parse(v6);
    REQUIRE(m6);
    CHECK(m6->check_integrity(key));
    CHECK(m6->mapped_address() == Address::parse("2001:db8:1234:5678:11:2233:4455:6677", 32853));
}

// A flip in the type of an attribute may turn it into an unknown optional one: then FINGERPRINT is
// absent or MESSAGE-INTEGRITY is.
TEST_CASE("a flipped bit anywhere breaks a message or takes its proof away") {
    const IntegrityKey key(kPassword);
    const auto good = from_hex(kRequest);
    for (std::size_t i = 0; i < good.size() * 8; ++i) {
        auto bytes = good;
        bytes[i / 8] ^= static_cast<std::uint8_t>(1 << (i % 8));
        CAPTURE(i);
        const auto m = StunMessage::parse(bytes);
        CHECK_FALSE((m && m->has_fingerprint() && m->check_integrity(key)));
    }
}

TEST_CASE("every truncation of a message is refused") {
    const auto good = from_hex(kRequest);
    for (std::size_t n = 0; n < good.size(); ++n) {
        CAPTURE(n);
        CHECK_FALSE(StunMessage::parse(BytesView(good).first(n)).has_value());
    }
}

TEST_CASE("what is written is read back") {
    const IntegrityKey key("a password of some length");
    const Made made = make_check(&key);
    const auto m = StunMessage::parse(made.bytes());
    REQUIRE(m);
    CHECK(m->is_binding(StunClass::request));
    CHECK(m->transaction() == kId);
    CHECK(m->username() == "remote:local");
    CHECK(m->priority() == 1'845'501'695);
    CHECK(m->controlling() == 0x1122334455667788);
    CHECK(m->use_candidate());
    CHECK(m->has_fingerprint());
    CHECK(m->check_integrity(key));
}

TEST_CASE("mapped addresses of both families are written and read back") {
    for (const char* ip : {"203.0.113.9", "2001:db8::42"}) {
        const Address address = *Address::parse(ip, 54'321);
        Made made;
        StunWriter writer(made.block, StunClass::success, kId);
        writer.xor_mapped_address(address);
        made.size = writer.finish(nullptr);
        const auto m = StunMessage::parse(made.bytes());
        REQUIRE(m);
        CHECK(m->mapped_address() == address);
        CHECK_FALSE(m->has_integrity());
    }
}

TEST_CASE("an error response carries its code and what was not understood") {
    const IntegrityKey key("a password of some length");
    const std::array<std::uint16_t, 3> unknown{0x0031, 0x0032, 0x7fff};
    Made made;
    StunWriter writer(made.block, StunClass::error, kId);
    writer.error_code(420, "");
    writer.unknown_attributes(unknown);
    made.size = writer.finish(&key);
    const auto m = StunMessage::parse(made.bytes());
    REQUIRE(m);
    CHECK(m->is_binding(StunClass::error));
    CHECK(m->error_code() == 420);
    CHECK(m->check_integrity(key));
}

TEST_CASE("a message that does not fit is not written") {
    const IntegrityKey key("a password of some length");
    const std::size_t whole = make_check(&key).size;
    REQUIRE(whole == 92);
    for (std::size_t n = kStunHeaderSize; n < whole; ++n) {
        std::vector<std::uint8_t> block(n);
        StunWriter writer(block, StunClass::request, kId);
        writer.priority(1);
        writer.controlling(2);
        writer.use_candidate();
        writer.username("remote", "local");
        CAPTURE(n);
        CHECK(writer.finish(&key) == 0);
    }
}

TEST_CASE("attributes after the integrity check are ignored") {
    const IntegrityKey key("a password of some length");
    const Made made = make_check(&key);
    // Without its FINGERPRINT, with a second USERNAME and a role behind MESSAGE-INTEGRITY.
    std::vector<std::uint8_t> bytes(made.block.begin(), made.block.begin() + made.size - 8);
    for (const std::uint8_t b : {0x00, 0x06, 0x00, 0x04, 0x65, 0x3a, 0x76, 0x6c}) {
        bytes.push_back(b);
    }
    store_be16(&bytes[2], static_cast<std::uint16_t>(bytes.size() - kStunHeaderSize));
    const auto m = StunMessage::parse(bytes);
    REQUIRE(m);
    CHECK(m->username() == "remote:local");
    CHECK(m->check_integrity(key));
}

TEST_CASE("lengths that lie are refused") {
    CHECK_FALSE(StunMessage::parse(raw({0x00, 0x06, 0xff, 0xff})).has_value());
    CHECK_FALSE(StunMessage::parse(raw({0x00, 0x06, 0x00, 0x05, 1, 2, 3, 4})).has_value());
    CHECK_FALSE(StunMessage::parse(raw({0x00, 0x24, 0x00, 0x02, 1, 2, 0, 0})).has_value());
    CHECK_FALSE(StunMessage::parse(raw({0x80, 0x2a, 0x00, 0x04, 1, 2, 3, 4})).has_value());
    CHECK_FALSE(StunMessage::parse(raw({0x00, 0x20, 0x00, 0x08, 0, 2, 0, 0, 1, 2, 3, 4})));
    CHECK_FALSE(StunMessage::parse(raw({0x00, 0x20, 0x00, 0x00})).has_value());
    CHECK_FALSE(StunMessage::parse(raw({0x00, 0x09, 0x00, 0x00})).has_value());
    auto odd = raw({0, 0, 0, 0});
    odd[3] = 3;
    odd.pop_back();
    CHECK_FALSE(StunMessage::parse(odd).has_value());
    auto cookie = raw({});
    REQUIRE(StunMessage::parse(cookie).has_value());
    cookie[4] ^= 1;
    CHECK_FALSE(StunMessage::parse(cookie).has_value());
}

TEST_CASE("a message of a thousand attributes is refused") {
    std::vector<std::uint8_t> body;
    for (int i = 0; i < 1000; ++i) {
        for (const std::uint8_t b : {0x80, 0x99, 0x00, 0x00}) body.push_back(b);
    }
    CHECK_FALSE(StunMessage::parse(raw(body)).has_value());
    body.resize(4 * kMaxStunAttributes);
    CHECK(StunMessage::parse(raw(body)).has_value());
}

TEST_CASE("unknown required attributes are listed, optional ones are not") {
    const auto bytes = raw({0x00, 0x31, 0x00, 0x00, 0xc0, 0x57, 0x00, 0x04, 1, 2, 3, 4});
    const auto m = StunMessage::parse(bytes);
    REQUIRE(m);
    REQUIRE(m->unknown_required().size() == 1);
    CHECK(m->unknown_required()[0] == 0x0031);
}

TEST_CASE("a username longer than 513 bytes is refused") {
    std::vector<std::uint8_t> body(4 + 516, 'u');
    store_be16(&body[0], 0x0006);
    store_be16(&body[2], 514);
    CHECK_FALSE(StunMessage::parse(raw(body)).has_value());
    store_be16(&body[2], 513);
    CHECK(StunMessage::parse(raw(body)).has_value());
}

TEST_CASE("a username without a colon names nobody") {
    const auto bytes = raw({0x00, 0x06, 0x00, 0x04, 'e', 'v', 'i', 'l'});
    const auto m = StunMessage::parse(bytes);
    REQUIRE(m);
    CHECK(m->receiver_ufrag().empty());
    CHECK(m->sender_ufrag().empty());
}

TEST_CASE("class and method are read from all bits of the type") {
    const auto indication = raw({}, 0x0011);
    CHECK(StunMessage::parse(indication)->is_binding(StunClass::indication));
    const auto error = raw({}, 0x0111);
    CHECK(StunMessage::parse(error)->is_binding(StunClass::error));
    const auto allocate = raw({}, 0x0003);
    CHECK(StunMessage::parse(allocate)->method() == 3);
    const auto high = raw({}, 0x3eef);
    CHECK(StunMessage::parse(high)->method() == 0xfff);
    CHECK(StunMessage::parse(high)->message_class() == StunClass::request);
}
