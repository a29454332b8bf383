#include "focus/bridges/heartbeat_probe.hpp"

#include <spdlog/fmt/fmt.h>

#include <array>

namespace jmeet::focus {

HeartbeatProbe::HeartbeatProbe(const asio::any_io_executor& executor,
                               const xmpp::BridgeHeartbeat& heartbeat)
    : asker_({heartbeat.ufrag, heartbeat.pwd}) {
    for (const auto& address : heartbeat.addresses) {
        error_code failed;
        const auto ip = asio::ip::make_address(address.ip, failed);
        if (failed) continue;
        Way way{asio::ip::udp::socket(executor), {ip, address.port}};
        way.socket.open(way.to.protocol(), failed);
        if (!failed) way.socket.non_blocking(true, failed);
        if (!failed) way.socket.connect(way.to, failed);  // no way there: not asked
        if (!failed) ways_.push_back(std::move(way));
    }
}

void HeartbeatProbe::ask() {
    std::array<std::uint8_t, 256> block{};
    const std::size_t length = asker_.ask(++asked_, block);
    for (Way& way : ways_) {
        error_code ignored;
        way.socket.send(asio::buffer(block, length), 0, ignored);
    }
}

HeartbeatProbe::Heard HeartbeatProbe::listen() {
    Heard heard = Heard::nothing;
    for (std::size_t i = 0; i < ways_.size(); ++i) {
        const Heard one = listen(ways_[i]);
        if (one == Heard::answer && ways_.size() > 1) {
            Way chosen = std::move(ways_[i]);
            ways_.clear();
            ways_.push_back(std::move(chosen));
            return Heard::answer;
        }
        if (one == Heard::answer || heard == Heard::nothing) heard = one;
    }
    return heard;
}

HeartbeatProbe::Heard HeartbeatProbe::listen(Way& way) {
    Heard heard = Heard::nothing;
    std::array<std::uint8_t, 256> block{};
    // LIMIT: more than this is no answer to a question every 100 ms; the rest waits.
    for (int i = 0; i < 32; ++i) {
        error_code failed;
        const std::size_t length = way.socket.receive(asio::buffer(block), 0, failed);
        if (failed == asio::error::connection_refused && heard == Heard::nothing) {
            heard = Heard::refusal;
            continue;
        }
        if (failed == asio::error::would_block || failed == asio::error::try_again) return heard;
        if (failed) continue;
        const auto number = asker_.read(BytesView(block).first(length));
        // What is older than the last answer may be a replay.
        if (!number || *number <= answered_ || *number > asked_) continue;
        answered_ = *number;
        heard = Heard::answer;
    }
    return heard;
}

std::string HeartbeatProbe::where() const {
    std::string text;
    for (const Way& way : ways_) {
        text += fmt::format("{}{}:{}", text.empty() ? "" : ", ", way.to.address().to_string(),
                            way.to.port());
    }
    return text;
}

}  // namespace jmeet::focus
