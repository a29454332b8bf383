// The children of an object: coroutines that use its references.
//
// The owner keeps the group as its last member and awaits stop() before it goes; a coroutine that
// outlived its owner would resume into freed memory. One io_context thread only.
#pragma once

#include <list>
#include <string>

#include "base/asio.hpp"

namespace jmeet {

class TaskGroup {
 public:
    explicit TaskGroup(asio::any_io_executor executor);
    TaskGroup(const TaskGroup&) = delete;
    TaskGroup& operator=(const TaskGroup&) = delete;

    // Starts a child. An exception that leaves it is logged with this name and ends that child
    // alone. After stop() nothing starts.
    void spawn(std::string name, awaitable<void> child);
    // Asks every child to end: their pending waits are cancelled.
    void request_stop();
    // request_stop(), then returns when the last child has ended. The caller must not be a child.
    awaitable<void> stop();

    bool stopping() const { return stopping_; }
    std::size_t size() const { return children_.size(); }
    asio::any_io_executor executor() const { return executor_; }

 private:
    asio::any_io_executor executor_;
    std::list<asio::cancellation_signal> children_;
    asio::steady_timer ended_;
    bool stopping_ = false;
};

}  // namespace jmeet
