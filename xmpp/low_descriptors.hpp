// A few low file descriptors kept for libstrophe, which watches its socket with select(): a
// number of FD_SETSIZE (1,024) or more would be memory corruption there. A bridge with thousands
// of WebSockets would hand it such a number at a reconnect.
//
// Owned by a Connection. Released just before libstrophe opens its socket, filled again after.
#pragma once

#include <cstddef>
#include <vector>

namespace jmeet::xmpp {

class LowDescriptors {
 public:
    // LIMIT: one socket, one for the resolver inside libstrophe, two that other threads may take
    // between release and connect.
    static constexpr std::size_t kKept = 4;

    LowDescriptors() { refill(); }
    ~LowDescriptors() { release(); }
    LowDescriptors(const LowDescriptors&) = delete;
    LowDescriptors& operator=(const LowDescriptors&) = delete;

    // Opens /dev/null until kKept low numbers are held, or no low number is free.
    void refill();
    void release();
    std::size_t held() const { return held_.size(); }

 private:
    std::vector<int> held_;
};

}  // namespace jmeet::xmpp
