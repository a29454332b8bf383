// A value that one coroutine makes and others await, once. Control thread; the waiters must hold
// it by shared_ptr when its maker may go first.
#pragma once

#include <optional>
#include <utility>

#include "base/asio.hpp"

namespace jmeet::focus {

template <class T>
class OneShot {
 public:
    explicit OneShot(asio::any_io_executor executor)
        : changed_(executor, asio::steady_timer::time_point::max()) {}

    void set(T value) {
        if (value_) return;
        value_ = std::move(value);
        changed_.cancel();
    }
    bool ready() const { return value_.has_value(); }
    // Throws when the waiting coroutine is cancelled, as every Asio wait does.
    awaitable<T> wait() {
        while (!value_) {
            error_code ignored;
            co_await changed_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
            const auto cancelled = co_await asio::this_coro::cancellation_state;
            if (!value_ && cancelled.cancelled() != asio::cancellation_type::none) {
                throw boost::system::system_error(asio::error::operation_aborted);
            }
        }
        co_return *value_;
    }

 private:
    std::optional<T> value_;
    asio::steady_timer changed_;
};

}  // namespace jmeet::focus
