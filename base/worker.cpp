#include "base/worker.hpp"

#include <pthread.h>

namespace jmeet {

Worker::Worker(std::string name) : work_(asio::make_work_guard(context_)) {
    thread_ = std::thread([this, name = std::move(name)] {
        pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());
        context_.run();
    });
}

Worker::~Worker() { stop(); }

void Worker::stop() {
    work_.reset();
    context_.stop();
    if (thread_.joinable()) thread_.join();
}

}  // namespace jmeet
