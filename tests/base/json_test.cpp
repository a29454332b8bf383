#include <doctest/doctest.h>

#include <limits>
#include <string>

#include "base/json.hpp"

using namespace jmeet;

namespace {

std::string nested(std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
}

}  // namespace

TEST_CASE("a member that occurs twice makes the whole text refused, at any depth") {
    CHECK(json::parse(R"({"a":1,"b":{"a":2}})").has_value());
    CHECK(json::parse(R"([{"a":1},{"a":2}])").has_value());
    CHECK_FALSE(json::parse(R"({"a":1,"a":1})").has_value());
    CHECK_FALSE(json::parse(R"({"x":[{"b":{"a":1,"c":0,"a":2}}]})").has_value());
    // The same name, spelled differently.
    CHECK_FALSE(json::parse(R"({"a":1,"\u0061":2})").has_value());
}

TEST_CASE("what is no JSON is refused with the place") {
    for (const char* text : {"", "{invalid json", "{\"a\":}", "{}x", "[1,]", "nul", "\"\xff\""}) {
        CHECK_FALSE(json::parse(text).has_value());
    }
    CHECK(json::parse("[1,]").error().what.find("byte") != std::string::npos);
    CHECK_FALSE(json::parse_object("[1]").has_value());
}

TEST_CASE("depth, size and members are limited") {
    CHECK(json::parse(nested(32)).has_value());
    CHECK_FALSE(json::parse(nested(33)).has_value());
    CHECK_FALSE(json::parse(nested(100'000)).has_value());
    json::Limits small;
    small.max_size = 4;
    CHECK(json::parse("1234", small).has_value());
    CHECK_FALSE(json::parse("12345", small).has_value());
    small = {};
    small.max_members = 2;
    CHECK(json::parse(R"({"a":1,"b":2})", small).has_value());
    CHECK_FALSE(json::parse(R"({"a":1,"b":2,"c":3})", small).has_value());
}

TEST_CASE("getters answer only for their own type") {
    const auto d = json::parse(
        R"({"s":"x","i":5,"f":5.0,"h":5.5,"big":4294967295,"bigger":4294967296,"neg":-1,)"
        R"("t":true,"n":null,"o":{},"a":[],"text":"7"})");
    REQUIRE(d.has_value());
    CHECK(json::get_string(*d, "s") == "x");
    CHECK_FALSE(json::get_string(*d, "i"));
    CHECK(json::get_int(*d, "i") == 5);
    CHECK(json::get_int(*d, "f") == 5);
    CHECK_FALSE(json::get_int(*d, "h"));
    CHECK_FALSE(json::get_int(*d, "text"));
    CHECK_FALSE(json::get_int(*d, "n"));
    CHECK(json::get_u32(*d, "big") == 4294967295u);
    CHECK_FALSE(json::get_u32(*d, "bigger"));
    CHECK_FALSE(json::get_u32(*d, "neg"));
    CHECK(json::get_double(*d, "i") == 5.0);
    CHECK(json::get_bool(*d, "t") == true);
    CHECK_FALSE(json::get_bool(*d, "i"));
    CHECK(json::get_object(*d, "o"));
    CHECK_FALSE(json::get_object(*d, "a"));
    CHECK(json::get_array(*d, "a"));
    CHECK_FALSE(json::find(*d, "absent"));
    CHECK_FALSE(json::find(*json::find(*d, "a"), "s"));
}

TEST_CASE("the writer keeps the order and writes what can be read again") {
    json::Writer w;
    w.begin_object()
        .member("a", "quote \" and \n")
        .member("b", std::int64_t{-5})
        .member("c", std::numeric_limits<double>::infinity())
        .member("d", true)
        .key("e").begin_array().value(1.5).null().end_array()
        .end_object();
    CHECK(w.str() == R"({"a":"quote \" and \n","b":-5,"c":null,"d":true,"e":[1.5,null]})");
    const auto d = json::parse(w.str());
    REQUIRE(d.has_value());
    CHECK(json::to_string(*d) == w.str());
}

TEST_CASE("zero with a large exponent is zero (found by fuzzing: it was read as 1.6e293)") {
    for (const char* text : {"0e110", "0.0e300", "-0E+300", "0e-300", "0.000e200"}) {
        CAPTURE(text);
        const auto d = json::parse(text);
        REQUIRE(d.has_value());
        CHECK(d->GetDouble() == 0.0);
    }
}

TEST_CASE("numbers at the edges of their types") {
    const auto d = json::parse(
        R"([9223372036854775807,-9223372036854775808,18446744073709551615,18446744073709551616,)"
        R"(0.1,1e308,4.9e-324,1e-400,-1e-400])");
    REQUIRE(d.has_value());
    const auto& a = *d;
    CHECK(a[0].GetInt64() == std::numeric_limits<std::int64_t>::max());
    CHECK(a[1].GetInt64() == std::numeric_limits<std::int64_t>::min());
    CHECK(a[2].GetUint64() == std::numeric_limits<std::uint64_t>::max());
    CHECK(a[3].GetDouble() == 18446744073709551616.0);
    CHECK(a[4].GetDouble() == 0.1);
    CHECK(a[5].GetDouble() == 1e308);
    CHECK(a[6].GetDouble() == std::numeric_limits<double>::denorm_min());
    CHECK(a[7].GetDouble() == 0.0);
    CHECK(a[8].GetDouble() == 0.0);
    CHECK_FALSE(json::parse("1e309").has_value());
    CHECK_FALSE(json::parse("-1e99999").has_value());
    CHECK_FALSE(json::parse("01").has_value());
    CHECK_FALSE(json::parse("1.").has_value());
    CHECK_FALSE(json::parse("+1").has_value());
}
