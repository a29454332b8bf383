#include "xmpp/low_descriptors.hpp"

#include <fcntl.h>
#include <sys/select.h>
#include <unistd.h>

namespace jmeet::xmpp {

void LowDescriptors::refill() {
    while (held_.size() < kKept) {
        const int fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
        if (fd < 0) return;
        if (fd >= FD_SETSIZE) {
            ::close(fd);
            return;
        }
        held_.push_back(fd);
    }
}

void LowDescriptors::release() {
    for (const int fd : held_) ::close(fd);
    held_.clear();
}

}  // namespace jmeet::xmpp
