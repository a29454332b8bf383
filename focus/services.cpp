#include "focus/services.hpp"

#include <algorithm>
#include <stdexcept>

#include "focus/auth/login_iqs.hpp"
#include "xmpp/namespaces.hpp"

namespace jmeet::focus {
namespace {

xmpp::DiscoInfo own_info() {
    xmpp::DiscoInfo own;
    own.identities.push_back({"client", "pc", "", "jmeet"});
    own.features.insert("https://jitsi.org/meet/jicofo/terminate-restart");
    return own;
}

std::unique_ptr<Succession> make_succession(const FocusConfig& config) {
    if (config.state_folder.empty()) return nullptr;
    return std::make_unique<Succession>(config.state_folder);
}

// Beside a session of the process before, when there is something to take over.
xmpp::ClientConfig make_own_config(const FocusConfig& config, const Succession* succession) {
    xmpp::ClientConfig own = make_client_config(config);
    const xmpp::Jid jid = own.connection.jid;
    if (succession) {
        own.connection.jid = jid.with_resource(succession->choose_resource(jid.resource()));
    }
    return own;
}

FocusConfig checked(FocusConfig config) {
    if (config.xmpp.domain.empty() || config.xmpp.xmpp_domain.empty()) {
        throw std::runtime_error("The focus needs an XMPP domain: set --xmpp-domain.");
    }
    const auto strategy = make_strategy(config.bridge);
    if (!strategy) throw std::runtime_error(strategy.error().what);
    if (config.bridge.participant_rampup_interval.count() < 100) {
        throw std::runtime_error("bridge.participant-rampup-interval must be 100 ms at least.");
    }
    return config;
}

// What the operator calls these settings.
void name_options(xmpp::ConnectionConfig& connection, const char* password) {
    connection.user_option = "XMPP_AUTH_DOMAIN";
    connection.domain_option = "XMPP_AUTH_DOMAIN";
    connection.password_option = password;
    connection.host_option = "XMPP_SERVER";
    connection.tls_option = "the server's TLS";
    connection.verify_option = "XMPP_VERIFY_CERTIFICATE";
}

xmpp::ClientConfig make_component_config(const FocusConfig& config) {
    xmpp::ClientConfig result;
    name_options(result.connection, "JICOFO_COMPONENT_SECRET");
    result.connection.kind = xmpp::ConnectionConfig::Kind::component;
    result.connection.name = "component";
    result.connection.jid = xmpp::Jid("", config.xmpp.component_domain);
    result.connection.password = config.xmpp.component_secret;
    result.connection.host =
        config.xmpp.component_host.empty() ? config.xmpp.host : config.xmpp.component_host;
    result.connection.port = config.xmpp.component_port;
    result.connection.stream_management = false;
    result.own = own_info();
    result.caps_node = "http://jitsi.org/jicofo";
    return result;
}

}  // namespace

xmpp::ClientConfig make_client_config(const FocusConfig& config) {
    const XmppConfig& x = config.xmpp;
    xmpp::ClientConfig result;
    name_options(result.connection, "JICOFO_AUTH_PASSWORD");
    result.connection.failure_prefix = "Failed to connect/login: ";
    result.connection.name = "client";
    result.connection.jid =
        xmpp::Jid(x.username, x.domain, x.resource.empty() ? x.username : x.resource);
    result.connection.password = x.password;
    result.connection.host = x.host;
    result.connection.port = x.port;
    result.connection.tls =
        x.use_tls ? xmpp::TlsPolicy::if_possible : xmpp::TlsPolicy::disabled;
    result.connection.verify_certificate = x.verify_certificate;
    result.own = own_info();
    result.caps_node = "http://jitsi.org/jicofo";
    result.software_name = "jmeet";
    result.software_version = config.version;
    if (const auto proxy = xmpp::Jid::parse(x.client_proxy)) result.grant_presence_to = *proxy;
    return result;
}

Services::Services(asio::io_context& control, FocusConfig config,
                   std::optional<BridgeList::Local> local)
    : config_(checked(std::move(config))),
      succession_(make_succession(config_)),
      client_config_(make_own_config(config_, succession_.get())),
      log_(log::Program::focus, "XmppProvider", "xmpp_connection=client"),
      client_(std::make_unique<xmpp::Client>(control, client_config_, log_)) {
    if (!config_.xmpp.verify_certificate) log_.warning("Disabling TLS certificate verification!");
    make_parts(std::move(local));
    if (config_.xmpp.component_secret.empty()) return;
    serve_component(std::make_unique<xmpp::Client>(
        control, make_component_config(config_),
        log::Logger(log::Program::focus, "XmppProvider", "xmpp_connection=component")));
}

Services::Services(std::unique_ptr<xmpp::StanzaStream> stream, FocusConfig config,
                   std::optional<BridgeList::Local> local,
                   std::unique_ptr<xmpp::StanzaStream> component)
    : config_(checked(std::move(config))),
      succession_(make_succession(config_)),
      client_config_(make_own_config(config_, succession_.get())),
      scripted_(true),
      log_(log::Program::focus, "XmppProvider", "xmpp_connection=client"),
      client_(std::make_unique<xmpp::Client>(std::move(stream), client_config_)) {
    make_parts(std::move(local));
    if (!component) return;
    serve_component(std::make_unique<xmpp::Client>(std::move(component),
                                                   make_component_config(config_)));
}

Services::~Services() = default;

void Services::make_parts(std::optional<BridgeList::Local> local) {
    if (config_.auth.type != AuthConfig::Type::none) {
        auth_.emplace(config_.auth);
        if (succession_) succession_->keep(*auth_);
        handle_login_iqs(client_->iq(), *auth_);
    }
    tasks_ = std::make_unique<TaskGroup>(client_->stream().io().get_executor());
    bridges_ = std::make_unique<BridgeList>(*client_, config_, std::move(local));
    rooms_ = std::make_unique<Rooms>(*client_, *bridges_, config_, counters_, components_,
                                     auth_ ? &*auth_ : nullptr);
    mover_ = std::make_unique<LoadRedistributor>(*bridges_, *rooms_, config_);
    health_check_ = std::make_unique<HealthCheck>(*client_, config_);
    states_ = client_->stream().on_state().add(
        [this](const xmpp::ConnectionEvent& event) { on_state(event); });
}

void Services::serve_component(std::unique_ptr<xmpp::Client> component) {
    component_ = std::move(component);
    component_->iq().handle(
        xmpp::IqType::set, "conference", xmpp::ns::kFocus,
        [this](xmpp::Element iq) { return rooms_->answer_request(std::move(iq)); });
    if (auth_) handle_login_iqs(component_->iq(), *auth_);
}

void Services::start() {
    client_->start();
    if (component_) component_->start();
    bridges_->start();
    if (config_.bridge.load_redistribution) tasks_->spawn("load redistribution", mover_->run());
    if (config_.health.enabled) tasks_->spawn("health checks", health_check_->run());
    if (!succession_) return;
    Succession::Evict end_old_session;
    if (!scripted_) {
        end_old_session = [this](std::string resource) { return evict(std::move(resource)); };
    }
    tasks_->spawn("succession",
                  succession_->run(*bridges_, *rooms_, *tasks_, std::move(end_old_session)));
}

awaitable<void> Services::stop() {
    if (succession_ && !rooms_->all().empty()) {
        log_.info("Leaving {} conferences to a successor.", rooms_->all().size());
        succession_->hand_over(*rooms_);
        client_->stream().sever();
    }
    co_await rooms_->stop();
    co_await bridges_->stop();
    co_await tasks_->stop();
    if (component_) co_await component_->stop();
    co_await client_->stop();
}

void Services::on_state(const xmpp::ConnectionEvent& event) {
    if (event.state == xmpp::ConnectionState::disconnected) ++counters_.xmpp_disconnects;
    if (event.state != xmpp::ConnectionState::connected) return;
    log_.info("Connected, JID={}", std::exchange(known_as_, client_->jid().to_string()));
    log_.info("Registered (resumed={}). isSmEnabled:{} isSmAvailable:{} isSmResumptionPossible:{}",
              event.resumed, event.management.enabled, event.management.available,
              event.management.resumable);
    if (event.resumed) return;
    log_.info("Will discover components for {}", config_.xmpp.xmpp_domain);
    tasks_->spawn("discover components", discover_components());
}

// A login with that resource makes the server end the session that has it.
awaitable<void> Services::evict(std::string resource) {
    xmpp::ConnectionConfig config = client_config_.connection;
    config.name = "successor";
    config.jid = config.jid.with_resource(resource);
    config.stream_management = false;
    xmpp::Connection connection(client_->stream().io(), std::move(config), log_);
    connection.start();
    // LIMIT: the old session ends by itself when its hibernation time is over.
    for (int i = 0; i < 250 && !connection.connected(); ++i) co_await sleep_for(milliseconds(20));
    if (!connection.connected()) log_.warning("The session of the process before lives on.");
    co_await connection.stop();
}

awaitable<void> Services::discover_components() {
    const auto info = co_await client_->caps().request_info(
        xmpp::Jid("", config_.xmpp.xmpp_domain), {}, config_.xmpp.reply_timeout);
    components_ = {};
    if (!info) {
        log_.warning("No components discovered: {}", info.error().to_string());
        co_return;
    }
    for (const xmpp::DiscoIdentity& identity : info->identities) {
        if (identity.category != "component") continue;
        if (identity.type == "av_moderation") components_.av_moderation = identity.name;
        if (identity.type == "room_metadata") components_.room_metadata = identity.name;
        if (identity.type == "breakout_rooms") components_.breakout_rooms = identity.name;
    }
    log_.info("Discovered components: av_moderation={}, room_metadata={}, breakout_rooms={}",
              components_.av_moderation, components_.room_metadata, components_.breakout_rooms);
}

HealthResult Services::health() const {
    const auto now = Clock::now();
    if (!client_->connected()) {
        const std::string& why = client_->stream().last_error();
        return unhealthy("Not connected to the XMPP server" + (why.empty() ? "." : ": " + why));
    }
    const auto bridges = bridges_->all();
    const bool served = std::any_of(bridges.begin(), bridges.end(), [&](const Bridge* b) {
        return b->operational(now) && !b->in_graceful_shutdown();
    });
    if (served) return health_check_->latest(now);
    return unhealthy(fmt::format("No operational bridges available (total bridge count: {})",
                                 bridges.size()));
}

}  // namespace jmeet::focus
