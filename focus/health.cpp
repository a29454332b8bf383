#include "focus/health.hpp"

#include "focus/random_id.hpp"

namespace jmeet::focus {
namespace {

// COMPAT: Prosody's plugins know rooms of this name, and let nobody else in.
constexpr char kRoomPrefix[] = "__jicofo-health-check-";
constexpr seconds kPingDeadline{5};

double in_seconds(Duration time) { return std::chrono::duration<double>(time).count(); }

HealthResult soft(std::string message) {
    HealthResult result = unhealthy(std::move(message));
    result.hard_failure = false;
    return result;
}

}  // namespace

int HealthResult::status() const {
    if (success) return 200;
    return response_code.value_or(hard_failure ? 500 : 503);
}

HealthResult unhealthy(std::string message) {
    HealthResult result;
    result.success = false;
    result.message = std::move(message);
    return result;
}

HealthCheck::HealthCheck(xmpp::Client& client, const FocusConfig& config)
    : client_(client),
      config_(config),
      log_(log::Program::focus, "JicofoHealthChecker") {}

awaitable<void> HealthCheck::run() {
    for (;;) {
        co_await sleep_for(config_.health.interval);
        if ((co_await asio::this_coro::cancellation_state).cancelled() !=
            asio::cancellation_type::none) {
            co_return;
        }
        const auto began = Clock::now();
        const bool healthy = last_.success;
        // A lost connection is a finding of its own, and a server that is back begins anew.
        HealthResult found;
        if (client_.connected()) found = co_await check();
        last_ = std::move(found);
        finished_ = Clock::now();
        const Duration took = *finished_ - began;
        if (took > config_.health.max_duration) {
            ++slow_;
            last_ = unhealthy(fmt::format("Performing a health check took too long: PT{:.3f}S",
                                          in_seconds(took)));
        }
        if (!last_.success) {
            log_.severe("Health check failed in PT{:.3f}S: {}", in_seconds(took), last_.message);
        } else if (!healthy) {
            log_.info("Performed a successful health check in PT{:.3f}S. Sticky failure: false",
                      in_seconds(took));
        }
    }
}

HealthResult HealthCheck::latest(TimePoint now) const {
    if (!finished_ || now - *finished_ <= config_.health.timeout) return last_;
    return unhealthy(
        fmt::format("No health checks performed recently, the last result was PT{:.3f}S ago.",
                    in_seconds(now - *finished_)));
}

awaitable<HealthResult> HealthCheck::check() {
    HealthResult room = co_await open_room();
    if (!room.success) co_return room;
    co_return co_await ping();
}

awaitable<HealthResult> HealthCheck::open_room() {
    if (config_.xmpp.conference_muc.empty()) co_return HealthResult();
    xmpp::MucEvents nobody;
    xmpp::MucRoom room(
        client_.rooms(),
        xmpp::Jid(kRoomPrefix + fmt::format("{:x}", random_u64()), config_.xmpp.conference_muc),
        config_.xmpp.username, nobody);
    xmpp::MucJoinOptions options;
    options.public_jids = xmpp::MucPublicJids::always;
    options.deadline = config_.xmpp.reply_timeout;
    const auto began = Clock::now();
    const auto joined = co_await room.join(options);
    room.leave();
    if (joined) co_return HealthResult();
    const std::string why = "Test conference failed to start: " + joined.error().what;
    // Silence may be a server that is busy.
    if (Clock::now() - began >= options.deadline) co_return soft(why);
    co_return unhealthy(why);
}

awaitable<HealthResult> HealthCheck::ping() {
    if (config_.xmpp.xmpp_domain.empty()) co_return HealthResult();
    const bool answered = co_await xmpp::request_ping(
        client_.iq(), xmpp::Jid("", config_.xmpp.xmpp_domain), kPingDeadline);
    if (answered) co_return HealthResult();
    co_return soft("The XMPP server did not answer a ping within " +
                   std::to_string(kPingDeadline.count()) + " s.");
}

}  // namespace jmeet::focus
