// Health checks of BridgeList: one coroutine per bridge, from its coming to its going. A silent
// bridge is asked once more before it counts as not operational; only an error moves people.
#include "focus/bridges/bridge_list.hpp"

namespace jmeet::focus {
namespace {

HealthOutcome from_presence(const Bridge& bridge, const BridgeConfig& config) {
    const auto heard = bridge.last_presence();
    if (!heard || Clock::now() - *heard > config.presence_timeout) return HealthOutcome::timed_out;
    return bridge.healthy() ? HealthOutcome::passed : HealthOutcome::failed;
}

HealthOutcome read(const log::Logger& log, Bridge& bridge, const BridgeAnswer& answer) {
    const HealthOutcome outcome = read_health(answer);
    if (outcome != HealthOutcome::failed) return outcome;
    log.warning("Health check failed for: {}: {}", bridge.to_string(Clock::now()),
                describe(std::get<xmpp::colibri2::Refusal>(answer)));
    return outcome;
}

}  // namespace

awaitable<void> BridgeList::watch_health(std::shared_ptr<Bridge> bridge) {
    const log::Logger log = log_.named("JvbDoctor");
    log.info("Scheduled health-check task for: {}", bridge->to_string(Clock::now()));
    while (find(bridge->jid()) == bridge) {
        // A fixed pause after each check: checks of one bridge never overlap or pile up.
        co_await sleep_for(config_.bridge.health_interval);
        if (find(bridge->jid()) != bridge) break;
        if (!client_.connected() && !is_local(bridge->jid())) continue;
        const HealthOutcome outcome = co_await check(bridge);
        if (find(bridge->jid()) == bridge) apply_health(*bridge, outcome);
    }
    log.info("Stopping health-check task for: {}", bridge->to_string(Clock::now()));
}

awaitable<HealthOutcome> BridgeList::check(std::shared_ptr<Bridge> bridge) {
    const log::Logger log = log_.named("JvbDoctor");
    if (config_.bridge.health_use_presence) {
        const HealthOutcome said = from_presence(*bridge, config_.bridge);
        if (said == HealthOutcome::failed) {
            log.warning("JVB reported unhealthy{}", bridge->to_string(Clock::now()));
        }
        co_return said;
    }
    const HealthOutcome first = read(log, *bridge, co_await bridge->link().check_health());
    if (first != HealthOutcome::timed_out) co_return first;
    const auto half = config_.bridge.health_interval / 2;
    const auto delay = config_.bridge.health_retry_delay.value_or(half);
    if (delay.count() <= 0) co_return first;
    log.warning("{} health-check timed out, but will give it another try after: {}",
                bridge->to_string(Clock::now()), delay.count());
    co_await sleep_for(delay);
    co_return read(log, *bridge, co_await bridge->link().check_health());
}

void BridgeList::apply_health(Bridge& bridge, HealthOutcome outcome) {
    const auto now = Clock::now();
    const log::Logger log = log_.named("JvbDoctor");
    switch (outcome) {
        case HealthOutcome::passed:
            bridge.set_operational();
            if (bridge.operational(now) && out_of_service_.erase(bridge.jid())) {
                log.info("{} is operational again.", bridge.jid().to_string());
                tell_usable(bridge);
            }
            return;
        case HealthOutcome::failed:
            mark_failed(bridge);
            return tell_lost(bridge, "failed health check");
        case HealthOutcome::timed_out:
            log.warning("Health check timed out for: {}", bridge.to_string(now));
            return mark_failed(bridge);
        case HealthOutcome::not_about_the_bridge:
            return;
    }
}

}  // namespace jmeet::focus
