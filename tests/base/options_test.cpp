#include "base/options.hpp"

#include <doctest/doctest.h>

#include <cstdio>
#include <fstream>

using namespace jmeet;

namespace {

const std::vector<Option> kTable{
    {"role", "", OptionKind::text, "", "main or bridge", "General"},
    {"env-file", "", OptionKind::text, "", "a file", "General"},
    {"xmpp-server", "XMPP_SERVER", OptionKind::text, "localhost", "host", "XMPP"},
    {"xmpp-port", "XMPP_PORT", OptionKind::number, "5222", "port", "XMPP", 1, 65535},
    {"jvb-auth-password", "JVB_AUTH_PASSWORD", OptionKind::secret, "", "password", "XMPP"},
    {"auto-owner", "ENABLE_AUTO_OWNER", OptionKind::boolean, "1", "flag", "Focus"},
    {"advertise", "JVB_ADVERTISE_IPS", OptionKind::list, "", "addresses", "Bridge"},
    {"timeout", "TIMEOUT", OptionKind::duration, "15s", "time", "Focus"},
};

struct EnvFile {
    explicit EnvFile(const std::string& text) {
        std::ofstream(path) << text;
    }
    ~EnvFile() { std::remove(path.c_str()); }
    std::string path = "options_test." + std::to_string(reinterpret_cast<std::uintptr_t>(this));
};

}  // namespace

TEST_CASE("command line beats environment beats file beats default") {
    const EnvFile file("XMPP_SERVER=from-file\nXMPP_PORT=1111\nTIMEOUT=2s\n");
    const auto options = Options::parse(
        kTable, {"--env-file=" + file.path, "--xmpp-server=from-line"},
        {{"XMPP_SERVER", "from-env"}, {"XMPP_PORT", "2222"}});
    REQUIRE(options.has_value());
    CHECK(options->text("xmpp-server") == "from-line");
    CHECK(options->number("xmpp-port") == 2222);
    CHECK(options->milliseconds("timeout") == 2000);
    CHECK(options->flag("auto-owner"));
    CHECK(options->is_set("xmpp-port"));
    CHECK_FALSE(options->is_set("auto-owner"));
}

TEST_CASE("an empty variable counts as unset") {
    const auto options = Options::parse(kTable, {}, {{"XMPP_PORT", ""}});
    REQUIRE(options.has_value());
    CHECK(options->number("xmpp-port") == 5222);
}

TEST_CASE("an unknown option is refused and the nearest one named") {
    const auto options = Options::parse(kTable, {"--xmp-server=a"}, {});
    REQUIRE(options.has_error());
    CHECK(options.error().what.find("'--xmp-server=a'") != std::string::npos);
    CHECK(options.error().what.find("--xmpp-server?") != std::string::npos);
}

TEST_CASE("values that do not fit are refused with option, value and rule") {
    const auto port = Options::parse(kTable, {}, {{"XMPP_PORT", "70000"}});
    REQUIRE(port.has_error());
    CHECK(port.error().what ==
          "option --xmpp-port / XMPP_PORT: '70000' is not between 1 and 65535");
    CHECK(Options::parse(kTable, {"--auto-owner=maybe"}, {}).has_error());
    CHECK(Options::parse(kTable, {"--timeout=soon"}, {}).has_error());
    CHECK(Options::parse(kTable, {"--env-file=/does/not/exist"}, {}).has_error());
}

TEST_CASE("lists are split at commas and trimmed") {
    const auto options = Options::parse(kTable, {"--advertise= 1.2.3.4 ,5.6.7.8#12000,"}, {});
    REQUIRE(options.has_value());
    CHECK(options->list("advertise") == std::vector<std::string>{"1.2.3.4", "5.6.7.8#12000"});
}

TEST_CASE("an env file is read as docker compose reads it") {
    const auto read = parse_env_file(
        "# comment\n\nA=1\nexport B = two words \nC=\"quoted # no comment\"\nD='x'\nE=v # c\n", ".env");
    REQUIRE(read.has_value());
    CHECK(read->at("A") == "1");
    CHECK(read->at("B") == "two words");
    CHECK(read->at("C") == "quoted # no comment");
    CHECK(read->at("D") == "x");
    CHECK(read->at("E") == "v");
    const auto bad = parse_env_file("A=1\nnonsense\n", ".env");
    REQUIRE(bad.has_error());
    CHECK(bad.error().what == ".env line 2: expected NAME=value, or # before a comment");
}

TEST_CASE("durations carry a unit, or are milliseconds") {
    CHECK(parse_duration_ms("500") == 500);
    CHECK(parse_duration_ms("15 seconds") == 15'000);
    CHECK(parse_duration_ms("24 hours") == 86'400'000);
    CHECK(parse_duration_ms("3m") == 180'000);
    CHECK_FALSE(parse_duration_ms("-1s"));
    CHECK_FALSE(parse_duration_ms("9999999999999 days"));
}

TEST_CASE("--help lists every option with default and meaning") {
    const auto options = Options::parse(kTable, {"--help"}, {});
    REQUIRE(options.has_value());
    REQUIRE(options->answer);
    for (const auto& option : kTable) {
        CHECK(options->answer->find("--" + option.name) != std::string::npos);
    }
    CHECK(options->answer->find("[default: 5222]") != std::string::npos);
}
