#include "focus/doctor/plan.hpp"

namespace jmeet::doctor {

Result<Plan> make_plan(const Options& options) {
    Plan plan;
    const std::string& role = options.text("role");
    if (!role.empty() && role != "main" && role != "bridge") {
        return fail("no role '" + role + "': give --role=main or --role=bridge");
    }
    const auto account = [&](std::string user, const char* password_option) {
        return Account{std::move(user), options.text(password_option),
                       options.spelled(password_option)};
    };
    plan.focus = account("focus", "jicofo-auth-password");
    plan.bridge = account(options.text("jvb-auth-user"), "jvb-auth-password");
    plan.main = role.empty() ? !plan.focus.password.empty() : role == "main";
    const auto domains = xmpp::read_domains(options);
    if (!domains) return domains.error();
    plan.domains = *domains;
    const auto servers = xmpp::read_servers(options, plan.main ? "localhost" : domains->main);
    if (!servers) return servers.error();
    plan.servers = *servers;
    plan.verify_certificate = options.flag("xmpp-verify-certificate");
    plan.carries_media = !plan.main || options.flag("embedded-bridge");
    plan.media_port = static_cast<std::uint16_t>(options.number("jvb-port"));
    for (const std::string& item : options.list("jvb-advertise-ips")) {
        plan.advertise.push_back(item.substr(0, item.find('#')));
    }
    plan.local = options.list("jvb-local-addresses");
    return plan;
}

}  // namespace jmeet::doctor
