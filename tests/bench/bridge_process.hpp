// A whole bridge in a process of its own, asked by COLIBRI2 over a socket pair: what it costs and
// what it keeps is then its own. Make it before the calling process has other threads.
#pragma once

#include <sys/types.h>

#include <optional>

#include "bridge/config.hpp"
#include "xmpp/colibri2.hpp"

namespace jmeet::bench {

class BridgeProcess {
 public:
    // `core`: on this one only.
    explicit BridgeProcess(const bridge::BridgeConfig& config, std::optional<int> core = {});
    ~BridgeProcess();
    BridgeProcess(const BridgeProcess&) = delete;
    BridgeProcess& operator=(const BridgeProcess&) = delete;

    pid_t pid() const { return pid_; }
    xmpp::colibri2::ConferenceModified modify(const xmpp::colibri2::ConferenceModify& request);

 private:
    pid_t pid_ = 0;
    int fd_ = -1;
};

}  // namespace jmeet::bench
