#include <doctest/doctest.h>

#include "focus/doctor/clock_offset.hpp"
#include "focus/doctor/findings.hpp"
#include "focus/doctor/host.hpp"
#include "focus/doctor/plan.hpp"

namespace jmeet::doctor {
namespace {

TEST_CASE("findings are printed as they come, with what mends them") {
    std::vector<std::string> lines;
    Findings findings([&](const std::string& line) { lines.push_back(line); });
    findings.fine("The name has an address.");
    findings.note("It is private.", "Set another.");
    findings.wrong("Nothing answers.", "Start it.");
    CHECK(lines == std::vector<std::string>{"ok    The name has an address.",
                                            "note  It is private.\n      -> Set another.",
                                            "FAIL  Nothing answers.\n      -> Start it."});
    CHECK(findings.count(Verdict::wrong) == 1);
    CHECK(findings.all().size() == 3);
}

TEST_CASE("addresses that the Internet cannot reach") {
    for (const char* address : {"10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",
                                "169.254.1.1", "100.64.0.1", "fe80::1%eth0", "fd00::1"}) {
        CHECK_MESSAGE(is_private(address), address);
    }
    for (const char* address : {"9.255.255.255", "172.32.0.1", "100.128.0.1", "203.0.113.9",
                                "2001:db8::1"}) {
        CHECK_MESSAGE(!is_private(address), address);
    }
    CHECK(is_loopback("127.0.0.1"));
    CHECK(is_loopback("::1"));
    CHECK(!is_loopback("10.0.0.1"));
}

TEST_CASE("the server's clock") {
    const auto now = std::chrono::system_clock::from_time_t(1'787'230'002);  // 12:46:42
    const auto answer = [](const std::string& utc) {
        return *xmpp::parse_element("<iq type='result'><time xmlns='urn:xmpp:time'><tzo>+00:00"
                                    "</tzo><utc>" + utc + "</utc></time></iq>",
                                    "jabber:client");
    };
    CHECK(clock_offset(answer("2026-08-20T12:46:42Z"), now) == 0.0);
    CHECK(clock_offset(answer("2026-08-20T12:46:12.345Z"), now) == 30.0);
    CHECK(clock_offset(answer("2026-08-20T12:48:42Z"), now) == -120.0);
    CHECK(!clock_offset(answer("noon"), now).has_value());
    CHECK(!clock_offset(*xmpp::parse_element("<iq type='result'/>", "jabber:client"), now));
}

Result<Plan> plan_of(const std::vector<std::string>& arguments) {
    auto table = xmpp::shared_options();
    const auto add = [&](const char* name, OptionKind kind, const char* standard) {
        table.push_back({name, "", kind, standard, "", ""});
    };
    add("jicofo-auth-password", OptionKind::secret, "");
    add("embedded-bridge", OptionKind::boolean, "1");
    add("jvb-port", OptionKind::number, "10000");
    add("jvb-advertise-ips", OptionKind::list, "");
    add("jvb-local-addresses", OptionKind::list, "");
    return make_plan(Options::parse(table, arguments, {}).value());
}

TEST_CASE("the role follows from the passwords that this host has, the server from the role") {
    const auto main = plan_of({"--xmpp=meet.test", "--jicofo-auth-password=s"});
    REQUIRE(main.has_value());
    CHECK(main->main);
    CHECK(main->servers.front().host == "localhost");
    const auto bridge = plan_of({"--xmpp=meet.test", "--jvb-advertise-ips=1.2.3.4#20000,5.6.7.8"});
    REQUIRE(bridge.has_value());
    CHECK(!bridge->main);
    CHECK(bridge->servers.front().host == "meet.test");
    CHECK(bridge->advertise == std::vector<std::string>{"1.2.3.4", "5.6.7.8"});
    CHECK(plan_of({"--xmpp=meet.test", "--role=main"})->main);
    CHECK(!plan_of({"--xmpp=meet.test", "--role=spare"}).has_value());
    CHECK(!plan_of({}).has_value());
}

}  // namespace
}  // namespace jmeet::doctor
