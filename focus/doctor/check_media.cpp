// The doctor at the media ports: whether UDP gets from this host to each bridge and back.
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <list>

#include "base/clock.hpp"
#include "focus/bridges/heartbeat_probe.hpp"
#include "focus/doctor/checks.hpp"

namespace jmeet::doctor {
namespace {

using Heard = focus::HeartbeatProbe::Heard;

// LIMIT: a way around the world and back is a third of a second; some questions may be lost.
constexpr milliseconds kMediaPatience{3'000};
constexpr milliseconds kAskAgain{300};
constexpr milliseconds kLook{20};
// LIMIT: of a larger installation the first ones.
constexpr std::size_t kMaxBridges = 100;

struct Question {
    Question(const asio::any_io_executor& executor, const SeenBridge& bridge)
        : name(bridge.name), port(bridge.heartbeat.addresses.front().port),
          probe(executor, bridge.heartbeat) {}

    std::string name;
    std::uint16_t port;
    focus::HeartbeatProbe probe;
    bool answered = false;
    bool refused = false;
};

void ask_all(std::list<Question>& questions) {
    for (Question& question : questions) {
        if (!question.answered) question.probe.ask();
    }
}

// True: all have answered.
bool listen_to_all(std::list<Question>& questions) {
    bool all = true;
    for (Question& question : questions) {
        const Heard heard = question.probe.listen();
        question.answered |= heard == Heard::answer;
        question.refused |= heard == Heard::refusal;
        all &= question.answered;
    }
    return all;
}

void report(const Question& question, Findings& findings) {
    const std::string where = question.probe.where();
    if (question.answered) {
        findings.fine(fmt::format("The media port of {} answers this host at {}.", question.name,
                                  where));
        return;
    }
    findings.wrong(
        fmt::format("The media port of {} does not answer this host at {} ({}): browsers whose way "
                    "is the same have no picture and no sound.",
                    question.name, where.empty() ? "any address that can be reached" : where,
                    question.refused ? "the port is closed" : "no answer"),
        fmt::format("Open UDP {} in that host's firewall and its provider's, and forward it where "
                    "the host is behind a NAT; where the addresses are not those that browsers "
                    "reach, set JVB_ADVERTISE_IPS there.",
                    question.port));
}

}  // namespace

awaitable<void> check_media(std::vector<SeenBridge> bridges, Findings& findings) {
    const auto executor = co_await asio::this_coro::executor;
    std::list<Question> questions;
    for (const SeenBridge& bridge : bridges) {
        if (questions.size() < kMaxBridges) questions.emplace_back(executor, bridge);
    }
    const auto end = Clock::now() + kMediaPatience;
    auto next = Clock::now();
    while (!listen_to_all(questions) && Clock::now() < end) {
        if (Clock::now() >= next) {
            ask_all(questions);
            next += kAskAgain;
        }
        co_await sleep_for(kLook);
    }
    for (const Question& question : questions) report(question, findings);
}

}  // namespace jmeet::doctor
