// A thread with its io_context. Crossing into it is one visible word: post_to(worker, ...).
#pragma once

#include <string>
#include <thread>
#include <utility>

#include "base/asio.hpp"

namespace jmeet {

class Worker {
 public:
    // The name is the thread's (at most 15 characters are shown by the system).
    explicit Worker(std::string name);
    // Stops the context and joins the thread; what was posted and not yet run is dropped.
    ~Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    asio::io_context& context() { return context_; }
    bool is_current() const { return thread_.get_id() == std::this_thread::get_id(); }
    void stop();

 private:
    asio::io_context context_{1};
    asio::executor_work_guard<asio::io_context::executor_type> work_;
    std::thread thread_;
};

// Runs the function on the worker's thread, later.
template <class Function>
void post_to(Worker& worker, Function&& function) {
    asio::post(worker.context(), std::forward<Function>(function));
}

}  // namespace jmeet
