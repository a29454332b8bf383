#include "focus/options.hpp"

#include <doctest/doctest.h>

#include "xmpp/options.hpp"

namespace jmeet::focus {
namespace {

FocusConfig read(const std::vector<std::string>& arguments,
                 const Options::Environment& environment = {}) {
    auto table = xmpp::shared_options();
    for (auto& option : focus_options()) table.push_back(std::move(option));
    std::vector<std::string> all{"--xmpp=meet.test", "--jicofo-auth-password=secret"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return *read_focus_config(*Options::parse(table, all, environment));
}

TEST_CASE("SCTP is offered, unless JVBs without it are to be served") {
    CHECK(read({}).sctp_enabled);
    CHECK(!read({"--sctp=off"}).sctp_enabled);
    CHECK(!read({}, {{"JICOFO_ENABLE_SCTP", "0"}}).sctp_enabled);
}

TEST_CASE("without a component secret the focus is behind mod_client_proxy") {
    const auto proxied = read({}).xmpp;
    CHECK(proxied.client_proxy == "focus.meet.test");
    CHECK(proxied.component_domain.empty());
    const auto component = read({"--jicofo-component-secret=s"}).xmpp;
    CHECK(component.client_proxy.empty());
    CHECK(component.component_domain == "focus.meet.test");
}

}  // namespace
}  // namespace jmeet::focus
