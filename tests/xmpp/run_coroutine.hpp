// Runs a coroutine of a test to its end, with everything else on its io_context, or fails loudly.
#pragma once

#include <stdexcept>
#include <string>

#include "base/asio.hpp"

namespace jmeet::test {

inline void run_coroutine(asio::io_context& io, awaitable<void> body,
                          std::chrono::seconds limit = std::chrono::seconds(60)) {
    std::exception_ptr failure;
    bool done = false;
    asio::co_spawn(io, std::move(body), [&](std::exception_ptr e) {
        failure = e;
        done = true;
    });
    const auto deadline = std::chrono::steady_clock::now() + limit;
    io.restart();
    while (!done && std::chrono::steady_clock::now() < deadline) {
        io.run_one_for(std::chrono::milliseconds(50));
        if (io.stopped()) io.restart();
    }
    if (failure) std::rethrow_exception(failure);
    if (!done) throw std::runtime_error("the test's coroutine did not end in time");
}

// Waits until the condition holds; false when it does not within the limit.
template <class Condition>
awaitable<bool> eventually(Condition condition,
                           std::chrono::milliseconds limit = std::chrono::seconds(20)) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline) co_return false;
        co_await sleep_for(std::chrono::milliseconds(10));
    }
    co_return true;
}

}  // namespace jmeet::test
