// jmeet: parse options, build, run, drain; nothing else.

#include <csignal>
#include <cstdio>
#include <stdexcept>

#include "base/asio.hpp"
#include "base/log.hpp"
#include "base/options.hpp"
#include "base/service_manager.hpp"
#include "bridge/control/brewery.hpp"
#include "bridge/control/options.hpp"
#include "bridge/http/channel_route.hpp"
#include "bridge/http/colibri_routes.hpp"
#include "bridge/http/private_routes.hpp"
#include "focus/doctor/doctor.hpp"
#include "focus/http/focus_http.hpp"
#include "focus/http/meet_page.hpp"
#include "focus/options.hpp"
#include "focus/services.hpp"
#include "xmpp/options.hpp"

namespace jmeet {
namespace {

template <class T>
T or_throw(Result<T> result) {
    if (!result) throw std::runtime_error(result.error().what);
    return std::move(*result);
}

void or_throw(const Result<void>& result) {
    if (!result) throw std::runtime_error(result.error().what);
}

void listen(HttpServer& server, const Options& options, const std::string& address,
            const char* port_option) {
    const auto port = static_cast<std::uint16_t>(options.number(port_option));
    if (port == 0) return;
    const auto bound = server.listen(address, port);
    if (!bound) {
        throw std::runtime_error(bound.error().what + ": change " + options.spelled(port_option));
    }
}

// The SFU with its place in the brewery and its HTTP ports: all of a BRIDGE, a part of MAIN.
class BridgeHalf {
 public:
    BridgeHalf(asio::io_context& control, const Options& options, const std::string& default_host)
        : nickname_(bridge::read_nickname(options)),
          bridge_(control, or_throw(bridge::read_bridge_config(options, nickname_))),
          routes_(bridge_, [this] { return clients(); }, [this] { return xmpp_health(); }),
          colibri_routes_(bridge_),
          private_http_(control.get_executor()),
          public_http_(control.get_executor()) {
        for (auto& config :
             or_throw(bridge::read_brewery_configs(options, default_host, nickname_))) {
            breweries_.push_back(
                std::make_unique<bridge::Brewery>(control, bridge_, std::move(config)));
        }
        routes_.add_to(private_http_);
        if (options.flag("colibri-rest-enabled")) colibri_routes_.add_to(private_http_);
        listen(private_http_, options, options.text("jvb-http-address"), "jvb-http-port");
        if (bridge_.config().websockets) {
            bridge::add_channel_route(public_http_, bridge_);
            const auto port = static_cast<std::uint16_t>(options.number("jvb-ws-port"));
            or_throw(public_http_.listen("0.0.0.0", port));
        }
        bridge_.on_state_change([this] {
            for (const auto& brewery : breweries_) brewery->publish();
        });
    }

    void start() {
        for (const auto& brewery : breweries_) brewery->start();
    }

    awaitable<void> stop() {
        for (const auto& brewery : breweries_) co_await brewery->stop();
        co_await public_http_.stop();
        co_await private_http_.stop();
    }

    bridge::Bridge& bridge() { return bridge_; }
    const std::string& nickname() const { return nickname_; }
    void add_channel_route(HttpServer& server) {
        if (bridge_.config().websockets) bridge::add_channel_route(server, bridge_);
    }

 private:
    bridge::MucClients clients() const {
        bridge::MucClients sum;
        for (const auto& brewery : breweries_) {
            const auto one = brewery->clients();
            sum.configured += one.configured;
            sum.connected += one.connected;
            sum.joined += one.joined;
        }
        return sum;
    }
    Result<void> xmpp_health() const {
        for (const auto& brewery : breweries_) {
            if (const auto health = brewery->health(); !health) return health;
        }
        return {};
    }

    const std::string nickname_;
    bridge::Bridge bridge_;
    std::vector<std::unique_ptr<bridge::Brewery>> breweries_;
    bridge::PrivateRoutes routes_;
    bridge::ColibriRoutes colibri_routes_;
    HttpServer private_http_;
    HttpServer public_http_;
};

// The focus with its HTTP port and the meeting page.
class FocusHalf {
 public:
    FocusHalf(asio::io_context& control, const Options& options, BridgeHalf* embedded)
        : services_(control, or_throw(focus::read_focus_config(options)), local(embedded)),
          http_routes_(services_),
          http_(control.get_executor()),
          page_http_(control.get_executor()) {
        http_routes_.install(http_);
        listen(http_, options, focus::read_http_address(options), "jicofo-http-port");
        auto meet = or_throw(focus::read_meet_config(options));
        if (meet.folder.empty()) return;
        page_.emplace(std::move(meet));
        page_->add_routes(page_http_);
        if (embedded) embedded->add_channel_route(page_http_);
        or_throw(page_->listen(page_http_));
    }

    void start() { services_.start(); }

    awaitable<void> stop() {
        co_await services_.stop();
        co_await page_http_.stop();
        co_await http_.stop();
    }

 private:
    static std::optional<focus::BridgeList::Local> local(BridgeHalf* embedded) {
        if (!embedded) return {};
        bridge::Bridge& bridge = embedded->bridge();
        return focus::BridgeList::Local{
            embedded->nickname(),
            {[&bridge](xmpp::colibri2::ConferenceModify r) { return bridge.modify(std::move(r)); },
             [&bridge] {
                 const auto health = bridge.health();
                 return health ? std::string() : health.error().what;
             }}};
    }

    focus::Services services_;
    focus::FocusHttp http_routes_;
    HttpServer http_;
    std::optional<focus::MeetPage> page_;
    HttpServer page_http_;
};

struct Halves {
    std::optional<BridgeHalf> bridge;
    std::optional<FocusHalf> focus;
};

// Until SIGTERM or SIGINT, or until the bridge has ended a shutdown that was asked for; then
// leaves rooms and closes connections. A second signal ends at once.
awaitable<void> run(asio::io_context& control, Halves& halves) {
    asio::signal_set signals(control, SIGTERM, SIGINT);
    if (halves.bridge && !halves.focus) {
        halves.bridge->bridge().on_finished([&signals] { signals.cancel(); });
    }
    if (halves.bridge) halves.bridge->start();
    if (halves.focus) halves.focus->start();
    notify_ready();

    error_code ignored;
    co_await signals.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    signals.clear(ignored);
    std::signal(SIGTERM, SIG_DFL);
    std::signal(SIGINT, SIG_DFL);
    notify_stopping();
    log::Logger(log::Program::focus, "Main").info("Shutting down: leaving rooms");
    if (halves.focus) co_await halves.focus->stop();
    if (halves.bridge) co_await halves.bridge->stop();
    control.stop();
}

log::Level level_of(const std::string& name) {
    if (name == "fine" || name == "debug") return log::Level::fine;
    if (name == "info") return log::Level::info;
    if (name == "warning" || name == "warn") return log::Level::warning;
    if (name == "severe" || name == "error") return log::Level::severe;
    throw std::runtime_error("option --log-level / LOG_LEVEL: '" + name +
                             "' is none of fine, info, warning, severe");
}

void serve(const Options& options) {
    const std::string& role = options.text("role");
    if (role != "main" && role != "bridge") {
        throw std::runtime_error((role.empty() ? "the role is missing" : "no role '" + role + "'") +
                                 ": start with --role=main or --role=bridge");
    }
    const bool is_main = role == "main";
    if (!is_main && options.is_set("embedded-bridge") && !options.flag("embedded-bridge")) {
        throw std::runtime_error(
            "--embedded-bridge=off contradicts --role=bridge: it is an option of --role=main");
    }
    log::set_up(level_of(options.text("log-level")), options.text("log-file"));

    asio::io_context control(1);
    Halves halves;
    if (is_main && options.flag("embedded-bridge")) {
        halves.bridge.emplace(control, options, "localhost");
    } else if (!is_main) {
        or_throw(bridge::check_drivers(options));
        const bool xmpp = !options.flag("jvb-disable-xmpp");
        halves.bridge.emplace(control, options,
                              xmpp ? or_throw(xmpp::read_domains(options)).main : std::string());
    }
    if (is_main) {
        halves.focus.emplace(control, options, halves.bridge ? &*halves.bridge : nullptr);
    }
    std::exception_ptr failure;
    asio::co_spawn(control, run(control, halves), [&](std::exception_ptr e) { failure = e; });
    control.run();
    if (failure) std::rethrow_exception(failure);
}

// `jmeet doctor` takes the same options as the program that it examines.
int main_with(std::vector<std::string> arguments) {
    const bool examine = !arguments.empty() && arguments.front() == "doctor";
    if (examine) arguments.erase(arguments.begin());
    std::vector<Option> table = xmpp::shared_options();
    for (auto& option : focus::focus_options()) table.push_back(std::move(option));
    for (auto& option : bridge::bridge_options()) table.push_back(std::move(option));
    for (auto& option : doctor::doctor_options()) table.push_back(std::move(option));
    try {
        const auto options = or_throw(Options::parse(table, arguments, process_environment()));
        if (options.answer) {
            std::fputs(options.answer->c_str(), stdout);
            return 0;
        }
        if (examine) {
            return doctor::run_doctor(options, [](const std::string& line) {
                std::puts(line.c_str());
                std::fflush(stdout);
            });
        }
        serve(options);
        return 0;
    } catch (const std::exception& e) {
        std::fprintf(stderr, "jmeet: %s\n", e.what());
        return examine ? doctor::kNotExamined : 1;
    }
}

}  // namespace
}  // namespace jmeet

int main(int argc, char** argv) { return jmeet::main_with({argv + 1, argv + argc}); }
