#include "focus/doctor/doctor.hpp"

#include <spdlog/fmt/fmt.h>

#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <thread>

#include "base/log.hpp"
#include "focus/doctor/checks.hpp"

namespace jmeet::doctor {

using std::chrono::milliseconds;
namespace {

// Ends the program when the time is up: a resolver may hang for minutes, and cannot be asked to
// stop.
class TimeLimit {
 public:
    TimeLimit(milliseconds limit, const Findings::Printer& print)
        : thread_([this, limit, print] {
              std::unique_lock lock(mutex_);
              if (done_.wait_for(lock, limit, [this] { return finished_; })) return;
              print(fmt::format("FAIL  Not finished within {} s: what would come next hangs.\n"
                                "      -> See what was found above, or give more time with "
                                "--doctor-timeout.",
                                limit.count() / 1000));
              std::_Exit(kSomethingWrong);
          }) {}
    ~TimeLimit() {
        {
            const std::lock_guard lock(mutex_);
            finished_ = true;
        }
        done_.notify_one();
        thread_.join();
    }
    TimeLimit(const TimeLimit&) = delete;
    TimeLimit& operator=(const TimeLimit&) = delete;

 private:
    std::mutex mutex_;
    std::condition_variable done_;
    bool finished_ = false;
    std::thread thread_;
};

void examine(const Plan& plan, Findings& findings) {
    check_passwords(plan, findings);
    for (const xmpp::Server& server : plan.servers) {
        if (!check_server(plan, server, findings)) continue;
        asio::io_context io(1);
        std::exception_ptr failure;
        asio::co_spawn(io, check_accounts(io, plan, server, findings),
                       [&](const std::exception_ptr& e) {
                           failure = e;
                           io.stop();
                       });
        io.run();
        if (failure) std::rethrow_exception(failure);
    }
    check_host(plan, findings);
}

}  // namespace

std::vector<Option> doctor_options() {
    return {{"doctor-timeout", "JMEET_DOCTOR_TIMEOUT", OptionKind::duration, "60s",
             "jmeet doctor ends after this time at the latest", "Doctor"}};
}

int run_doctor(const Options& options, const Findings::Printer& print) {
    log::switch_off();
    const auto plan = make_plan(options);
    if (!plan) {
        print("FAIL  " + plan.error().what);
        return kNotExamined;
    }
    const TimeLimit limit(milliseconds(options.milliseconds("doctor-timeout")), print);
    Findings findings(print);
    examine(*plan, findings);
    const int wrong = findings.count(Verdict::wrong);
    print(wrong == 0 ? "Nothing is wrong."
                     : fmt::format("{} of {} findings are wrong.", wrong, findings.all().size()));
    return wrong == 0 ? kAllFine : kSomethingWrong;
}

}  // namespace jmeet::doctor
