// One function, later, unless something else happens first. Control thread; a member of whoever
// owns what the function uses: it is not called once the timer is cancelled or gone.
#pragma once

#include <memory>
#include <utility>

#include "base/asio.hpp"
#include "base/clock.hpp"

namespace jmeet::focus {

class Timer {
 public:
    explicit Timer(const asio::any_io_executor& executor) : timer_(executor) {}
    ~Timer() { cancel(); }
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;

    // A running one is started anew.
    void start(Duration after, std::function<void()> function) {
        cancel();
        // shared_ptr: a completion that is already queued must see that it was cancelled.
        alive_ = std::make_shared<bool>(true);
        timer_.expires_after(after);
        timer_.async_wait([alive = alive_, f = std::move(function)](error_code error) {
            if (error || !std::exchange(*alive, false)) return;
            f();
        });
    }
    void cancel() {
        if (alive_) *std::exchange(alive_, nullptr) = false;
        timer_.cancel();
    }
    bool running() const { return alive_ && *alive_; }

 private:
    asio::steady_timer timer_;
    std::shared_ptr<bool> alive_;
};

}  // namespace jmeet::focus
