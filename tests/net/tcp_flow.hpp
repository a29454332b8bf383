// A TCP sender that always has something to send, as it meets a bottleneck: a window that grows by
// one packet per round trip (before its first loss: doubles) and is halved by a loss (RFC 5681).
//
// Pure: the link says what became of each packet; random nowhere. Acknowledgements are not lost.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>

#include "base/clock.hpp"

namespace jmeet::test {

class TcpFlow {
 public:
    // Packets that may be sent now.
    int due(TimePoint now) {
        while (!news_.empty() && news_.front().at <= now) {
            const News news = news_.front();
            news_.pop_front();
            --in_flight_;
            news.lost ? on_loss(news.number) : on_ack();
        }
        return std::max(0, static_cast<int>(window_) - in_flight_);
    }
    // One was sent; `heard`: when the sender will know what became of it.
    enum class Fate : std::uint8_t { delivered, lost };
    void on_sent(Fate fate, TimePoint heard) {
        ++in_flight_;
        news_.push_back({std::max(heard, news_.empty() ? heard : news_.back().at), next_++,
                         fate == Fate::lost});
    }

 private:
    static constexpr double kFirstWindow = 10;
    static constexpr double kLeastWindow = 2;
    struct News {
        TimePoint at;
        std::uint64_t number;
        bool lost;
    };
    void on_ack() { window_ += window_ < threshold_ ? 1 : 1 / window_; }
    void on_loss(std::uint64_t number) {
        if (number < recovered_at_) return;  // of the window that was halved already
        recovered_at_ = next_;
        window_ = threshold_ = std::max(kLeastWindow, window_ / 2);
    }

    double window_ = kFirstWindow;
    double threshold_ = 1e9;
    int in_flight_ = 0;
    std::uint64_t next_ = 0;
    std::uint64_t recovered_at_ = 0;
    std::deque<News> news_;
};

}  // namespace jmeet::test
