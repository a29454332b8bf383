#include "xmpp/handshake_watch.hpp"

#include <sys/socket.h>

#include <csignal>

namespace jmeet::xmpp {
namespace {

void cut(sigval value) {
    auto& socket = *static_cast<std::atomic<int>*>(value.sival_ptr);
    const int fd = socket.exchange(-1);
    if (fd >= 0) ::shutdown(fd, SHUT_RDWR);
}

}  // namespace

HandshakeWatch::HandshakeWatch() {
    sigevent event{};
    event.sigev_notify = SIGEV_THREAD;
    event.sigev_notify_function = &cut;
    event.sigev_value.sival_ptr = &socket_;
    made_ = ::timer_create(CLOCK_MONOTONIC, &event, &timer_) == 0;
}

HandshakeWatch::~HandshakeWatch() {
    disarm();
    if (made_) ::timer_delete(timer_);
}

void HandshakeWatch::arm(int socket, std::chrono::milliseconds limit) {
    socket_ = socket;
    set(limit);
}

void HandshakeWatch::disarm() {
    socket_ = -1;
    set(std::chrono::milliseconds(0));
}

void HandshakeWatch::set(std::chrono::milliseconds in) {
    if (!made_) return;
    itimerspec when{};
    when.it_value.tv_sec = in.count() / 1000;
    when.it_value.tv_nsec = (in.count() % 1000) * 1'000'000;
    ::timer_settime(timer_, 0, &when, nullptr);
}

}  // namespace jmeet::xmpp
