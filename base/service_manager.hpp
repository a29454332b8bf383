// What systemd is told of a Type=notify unit; nothing happens outside of one. Any thread.
#pragma once

namespace jmeet {

void notify_ready();
void notify_stopping();

}  // namespace jmeet
