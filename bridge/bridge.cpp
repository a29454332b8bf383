#include "bridge/bridge.hpp"

#include <algorithm>
#include <fstream>
#include <numeric>
#include <stdexcept>

#include "bridge/channel_session.hpp"
#include "bridge/colibri_handler.hpp"
#include "bridge/health_check.hpp"
#include "bridge/load.hpp"
#include "bridge/load_manager.hpp"
#include "bridge/media_workers.hpp"
#include "bridge/net/mapping.hpp"
#include "bridge/shutdown.hpp"
#include "bridge/stats_builder.hpp"

namespace jmeet::bridge {
namespace {

CandidateOptions candidate_options(const BridgeConfig& config, std::uint16_t port) {
    CandidateOptions options;
    options.port = port;
    options.filter.loopback = config.loopback_candidates ? Allow::yes : Allow::no;
    options.filter.allowed_addresses = config.local_addresses;
    for (const auto& address : config.advertise_addresses) {
        if (!options.advertise_ips.empty()) options.advertise_ips += ',';
        options.advertise_ips += address;
    }
    return options;
}

std::shared_ptr<const DtlsContext> make_dtls(std::chrono::system_clock::time_point now) {
    auto certificate = Certificate::make(now);
    if (!certificate) throw std::runtime_error(certificate.error().what);
    auto context = DtlsContext::make(*certificate);
    if (!context) throw std::runtime_error(context.error().what);
    return std::make_shared<const DtlsContext>(std::move(*context));
}

BridgeConfig with_heartbeat(BridgeConfig config) {
    config.heartbeat = make_local_credentials(random_u64(), "hb");
    return config;
}

xmpp::BridgeHeartbeat describe_heartbeat(const IceCredentials& credentials,
                                         const std::vector<LocalCandidate>& candidates) {
    xmpp::BridgeHeartbeat heartbeat{credentials.ufrag, credentials.pwd, {}};
    for (const LocalCandidate& candidate : candidates) {
        if (candidate.address.is_link_local()) continue;
        if (heartbeat.addresses.size() == xmpp::kMaxHeartbeatAddresses) break;
        heartbeat.addresses.push_back(
            {candidate.address.ip_string(), candidate.address.port()});
    }
    return heartbeat;
}

// Constant time, so that a guess does not learn how far it was right.
bool same_secret(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) return false;
    unsigned difference = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        difference |= static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]);
    }
    return difference == 0;
}

LoadManager make_load_manager(const BridgeConfig& config) {
    LoadManager::Config load;
    load.use = config.load_reducer ? ReducerUse::on : ReducerUse::off;
    return LoadManager(load, config.allocation.jvb_last_n);
}

std::string read_proc_stat() {
    std::ifstream file("/proc/stat");
    std::string line;
    std::getline(file, line);
    return line;
}

}  // namespace

class Bridge::Impl final : public MediaEvents {
 public:
    Impl(asio::io_context& control, BridgeConfig given)
        : config(with_heartbeat(std::move(given))),
          workers(control, config, *this),
          shutdown({static_cast<std::size_t>(std::max(0, config.shutdown_min_participants)),
                    config.shutdown_max_duration, config.shutting_down_delay}),
          health(config),
          load(make_load_manager(config)),
          control_(control),
          timer_(control) {
        auto candidates = gather_candidates(candidate_options(config, workers.port()));
        if (!candidates) throw std::runtime_error(candidates.error().what);
        dtls_ = make_dtls(std::chrono::system_clock::now());
        dtls_made_ = Clock::now();
        heartbeat = describe_heartbeat(config.heartbeat, *candidates);
        health.set_candidates(*candidates);
        handler.emplace(ColibriHandler::Environment{config, workers, std::move(*candidates), dtls_,
                                                    [this] { return shutdown.state(); }});
        arm_timer();
    }
    ~Impl() { *alive_ = false; }

    ModifyResult modify(const xmpp::colibri2::ConferenceModify& request) {
        const auto now = Clock::now();
        auto answer = handler->modify(request, now);
        watch_shutdown([&] { shutdown.update(handler->endpoint_count(), now); });
        return answer;
    }

    // Media goes on the old way meanwhile, so a busy worker may take its time.
    awaitable<IceRestartAnswer> restart_ice(EndpointToken token) {
        return ask<IceRestartAnswer>([this, token](std::function<void(IceRestartAnswer)> answer) {
            workers.restart_ice(token, ColibriHandler::make_credentials(), std::move(answer));
        });
    }

    // A worker that has hung does not answer.
    awaitable<std::optional<ConferenceView>> view(ConferenceKey key) {
        return ask<std::optional<ConferenceView>>(
            [this, key](std::function<void(std::optional<ConferenceView>)> answer) {
                workers.view_conference(key, std::move(answer));
            });
    }

    // MediaEvents
    void on_endpoint_lost(EndpointToken token, EndpointEnd reason) override {
        const auto now = Clock::now();
        handler->on_endpoint_lost(token, reason, now);
        watch_shutdown([&] { shutdown.update(handler->endpoint_count(), now); });
    }
    void on_channel_send(ChannelId channel, std::string text) override {
        const auto it = channels.find(channel);
        if (it != channels.end()) it->second.sink->send(std::move(text));
    }
    void on_channel_close(ChannelId channel, std::uint16_t code, std::string reason) override {
        const auto it = channels.find(channel);
        if (it != channels.end()) it->second.sink->close(code, reason);
    }
    void on_report(WorkerIndex, const MediaReport& report) override {
        MediaReport whole = report;
        whole.counters.channel_messages_over_limit += refused_messages;
        builder.on_report(whole, Clock::now());
    }

    // A channel URL's endpoint: the status to answer, and the endpoint where it is 101.
    std::pair<int, const ControlEndpoint*> find_channel(std::string_view path,
                                                        std::string_view password) const {
        constexpr std::string_view kPrefix = "/colibri-ws/";
        if (!path.starts_with(kPrefix)) return {404, nullptr};
        path.remove_prefix(kPrefix.size());
        std::array<std::string_view, 3> parts;
        for (auto& part : parts) {
            const auto slash = path.find('/');
            part = path.substr(0, slash);
            if (part.empty()) return {404, nullptr};
            path = slash == std::string_view::npos ? std::string_view{} : path.substr(slash + 1);
        }
        if (parts[0] != config.websocket_server_id) return {404, nullptr};
        const auto* endpoint = handler->find_for_channel(parts[1], parts[2]);
        if (!endpoint || !same_secret(password, endpoint->channel_password)) return {403, nullptr};
        return {101, endpoint};
    }

    template <class F>
    void watch_shutdown(F&& change) {
        const auto before = shutdown.state();
        change();
        if (shutdown.state() != before && on_state_change) on_state_change();
    }

    struct Channel {
        EndpointToken endpoint;
        ChannelSink* sink;
        // What is too much does not even go to the worker, so that its queue stays short.
        ChannelBudget budget;
    };

    BridgeConfig config;
    xmpp::BridgeHeartbeat heartbeat;
    StatsBuilder builder;
    MediaWorkers workers;
    ShutdownManager shutdown;
    HealthCheck health;
    LoadManager load;
    std::optional<ColibriHandler> handler;
    std::unordered_map<ChannelId, Channel> channels;
    ChannelId next_channel = 0;
    std::uint64_t refused_messages = 0;
    bool drain = false;
    std::function<void()> on_state_change;
    std::function<void()> on_finished;

 private:
    // Puts a question to the media side and waits for its answer; an empty one after five seconds.
    template <class Answer>
    awaitable<Answer> ask(std::function<void(std::function<void(Answer)>)> question) {
        struct Waiting {
            asio::steady_timer timer;
            Answer answer;
        };
        // Shared: the worker may answer when nobody waits any more.
        const auto waiting =
            std::make_shared<Waiting>(Waiting{asio::steady_timer(control_, seconds(5)), {}});
        question([waiting](Answer answer) {
            waiting->answer = std::move(answer);
            waiting->timer.cancel();
        });
        co_await waiting->timer.async_wait(asio::as_tuple(asio::use_awaitable));
        co_return std::move(waiting->answer);
    }

    void arm_timer() {
        timer_.expires_after(seconds(1));
        timer_.async_wait([this, alive = alive_](error_code error) {
            if (error || !*alive) return;
            tick(Clock::now());
            arm_timer();
        });
    }

    void tick(TimePoint now) {
        const bool sample = now - last_load_ >= config.load_interval;
        if (sample) {
            last_load_ = now;
            const double usage = cpu_.sample(read_proc_stat());
            builder.set_cpu(usage, cpu_.steal());
        }
        builder.update(*handler, config);
        if (sample) manage_load(now);
        workers.steer();
        if (now - last_sweep_ >= config.expiry_interval) {
            last_sweep_ = now;
            handler->sweep(now);
        }
        watch_shutdown([&] { shutdown.update(handler->endpoint_count(), now); });
        check_health(now);
        if (now - dtls_made_ >= Certificate::kRenewAfter) renew_certificate(now);
        if (shutdown.finished(now) && on_finished) std::exchange(on_finished, nullptr)();
    }

    void manage_load(TimePoint now) {
        const LoadState state = load.state();
        const int last_n = load.last_n();
        load.on_load(builder.stats().stress_level, builder.stats().most_forwarded, now);
        const log::Logger log(log::Program::bridge, "JvbLoadManager");
        if (load.state() != state) log.info("new state: {}", to_string(load.state()));
        if (load.last_n() == last_n) return;
        log.info("Setting JVB last-n to {}", load.last_n());
        workers.limit_last_n(load.last_n());
    }

    void check_health(TimePoint now) {
        const bool was_healthy = health.result(now).has_value();
        if (health.due(now)) {
            health.begin(now);
            workers.probe(dtls_, [this] { health.end(Clock::now()); });
        }
        if (health.result(now).has_value() != was_healthy && on_state_change) on_state_change();
    }

    void renew_certificate(TimePoint now) {
        dtls_made_ = now;
        try {
            dtls_ = make_dtls(std::chrono::system_clock::now());
            handler->set_dtls(dtls_);
        } catch (const std::exception& e) {
            log::Logger(log::Program::bridge, "DtlsTransport")
                .warning("The certificate could not be renewed, the old one stays: {}", e.what());
        }
    }

    // Shared with the timer's handler, which may be queued when this object goes.
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
    asio::io_context& control_;
    asio::steady_timer timer_;
    CpuMeter cpu_;
    // Shared with the endpoints that advertised its fingerprint.
    std::shared_ptr<const DtlsContext> dtls_;
    TimePoint dtls_made_{};
    TimePoint last_load_{};
    TimePoint last_sweep_{};
};

Bridge::Bridge(asio::io_context& control, BridgeConfig config)
    : impl_(std::make_unique<Impl>(control, std::move(config))) {}

Bridge::~Bridge() = default;

bool Bridge::has_conference(const std::string& meeting_id) const {
    return impl_->handler->conferences().contains(meeting_id);
}

awaitable<ModifyResult> Bridge::modify(xmpp::colibri2::ConferenceModify request) {
    ModifyResult answer = impl_->modify(request);
    const ControlEndpoint* restarted = answer ? impl_->handler->restart_asked(request) : nullptr;
    if (restarted) {
        // Last of all, after everything that can be refused.
        const IceRestartAnswer restart = co_await impl_->restart_ice(restarted->token);
        impl_->handler->add_restart(request, restart, *answer);
    }
    co_return answer;
}

const BridgeStats& Bridge::stats() const { return impl_->builder.stats(); }
Result<void> Bridge::health() const { return impl_->health.result(Clock::now()); }
const BridgeConfig& Bridge::config() const { return impl_->config; }
const xmpp::BridgeHeartbeat& Bridge::heartbeat() const { return impl_->heartbeat; }
std::uint16_t Bridge::media_port() const { return impl_->workers.port(); }

void Bridge::start_shutdown(ShutdownKind kind) {
    impl_->watch_shutdown([&] {
        impl_->shutdown.start(kind, impl_->handler->endpoint_count(), Clock::now());
    });
}

ShutdownState Bridge::shutdown_state() const { return impl_->shutdown.state(); }

void Bridge::set_drain(bool drain) {
    if (impl_->drain == drain) return;
    impl_->drain = drain;
    if (impl_->on_state_change) impl_->on_state_change();
}

bool Bridge::drain() const { return impl_->drain; }

void Bridge::on_state_change(std::function<void()> listener) {
    impl_->on_state_change = std::move(listener);
}

void Bridge::on_finished(std::function<void()> listener) {
    impl_->on_finished = std::move(listener);
}

int Bridge::check_channel(std::string_view path, std::string_view password) const {
    return impl_->find_channel(path, password).first;
}

Bridge::ChannelId Bridge::open_channel(std::string_view path, std::string_view password,
                                       ChannelSink& sink) {
    const auto [status, endpoint] = impl_->find_channel(path, password);
    if (status != 101) return 0;
    const ChannelId id = ++impl_->next_channel;
    impl_->channels[id] = {endpoint->token, &sink, {}};
    impl_->workers.open_channel(endpoint->token, id);
    return id;
}

void Bridge::channel_text(ChannelId channel, std::string text) {
    const auto it = impl_->channels.find(channel);
    if (it == impl_->channels.end()) return;
    if (!it->second.budget.take(text.size(), Clock::now())) {
        ++impl_->refused_messages;
        return;
    }
    impl_->workers.channel_text(it->second.endpoint, channel, std::move(text));
}

void Bridge::channel_closed(ChannelId channel) {
    const auto it = impl_->channels.find(channel);
    if (it == impl_->channels.end()) return;
    impl_->workers.channel_closed(it->second.endpoint, channel);
    impl_->channels.erase(it);
}

const LoadManager& Bridge::load() const { return impl_->load; }

std::vector<ConferenceListing> Bridge::conferences() const {
    std::vector<ConferenceListing> out;
    for (const auto& [meeting_id, conference] : impl_->handler->conferences()) {
        ConferenceListing& one = out.emplace_back();
        one.local_id = conference.local_id;
        one.meeting_id = meeting_id;
        one.name = conference.name;
        one.created = conference.created;
        for (const auto& [id, endpoint] : conference.endpoints) {
            one.endpoints.emplace_back(id, endpoint.stats_id);
        }
    }
    return out;
}

awaitable<std::optional<ConferenceView>> Bridge::view(std::string meeting_id) {
    const auto& conferences = impl_->handler->conferences();
    const auto it = conferences.find(meeting_id);
    if (it == conferences.end()) co_return std::nullopt;
    co_return co_await impl_->view(it->second.key);
}

}  // namespace jmeet::bridge
