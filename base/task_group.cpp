#include "base/task_group.hpp"

#include "base/log.hpp"

namespace jmeet {

TaskGroup::TaskGroup(asio::any_io_executor executor)
    : executor_(executor), ended_(executor, asio::steady_timer::time_point::max()) {}

void TaskGroup::spawn(std::string name, awaitable<void> child) {
    if (stopping_) return;
    children_.emplace_front();
    const auto self = children_.begin();
    asio::co_spawn(
        executor_, std::move(child),
        asio::bind_cancellation_slot(
            self->slot(), [this, self, name = std::move(name)](std::exception_ptr failure) {
                children_.erase(self);
                if (children_.empty()) ended_.cancel();
                if (!failure || stopping_) return;
                try {
                    std::rethrow_exception(failure);
                } catch (const std::exception& e) {
                    log::Logger(log::Program::focus, "TaskGroup")
                        .severe("{} ended by an exception: {}", name, e.what());
                }
            }));
}

void TaskGroup::request_stop() {
    stopping_ = true;
    // A child may end, and leave the list, while it is being told.
    for (auto child = children_.begin(); child != children_.end();) {
        const auto next = std::next(child);
        child->emit(asio::cancellation_type::all);
        child = next;
    }
}

awaitable<void> TaskGroup::stop() {
    request_stop();
    while (!children_.empty()) {
        error_code ignored;
        co_await ended_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        ended_.expires_at(asio::steady_timer::time_point::max());
    }
}

}  // namespace jmeet
