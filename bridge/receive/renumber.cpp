#include "bridge/receive/renumber.hpp"

#include <algorithm>

namespace jmeet::bridge {

std::uint16_t SimpleRenumber::accept(std::uint16_t seq) {
    const auto out = static_cast<std::uint16_t>(seq - delta_);
    if (!highest_ || seq_newer(out, *highest_)) highest_ = out;
    return out;
}

// After the drop of the newest number, the next one follows the highest that was sent.
void SimpleRenumber::drop(std::uint16_t seq) {
    if (!highest_) return;
    const auto delta = static_cast<std::uint16_t>(seq - *highest_);
    if (seq_newer(delta, delta_)) delta_ = delta;
}

HistoryRenumber::Slot* HistoryRenumber::find(std::int64_t seq) {
    if (seq <= highest_ - kHistory || seq < lowest_) return nullptr;
    return &slot(seq);
}

void HistoryRenumber::keep_place(std::int64_t seq, std::int32_t delta) {
    Slot& place = slot(seq);
    place.delta = delta;
    place.state = State::unknown;
}

void HistoryRenumber::extend_to(std::int64_t seq) {
    if (!started_) {
        started_ = true;
        slots_.resize(kSlots);
        highest_ = lowest_ = seq;
        keep_place(seq, 0);
        return;
    }
    for (std::int64_t i = std::max(highest_ + 1, seq - kHistory + 1); i <= seq; ++i) {
        keep_place(i, delta_);
    }
    for (std::int64_t i = lowest_ - 1; i >= std::max(seq, highest_ - kHistory + 1); --i) {
        keep_place(i, low_delta_);
    }
    highest_ = std::max(highest_, seq);
    lowest_ = std::min(lowest_, seq);
    lowest_ = std::max(lowest_, highest_ - kHistory + 1);
}

std::uint16_t HistoryRenumber::accept(std::uint16_t seq16) {
    const std::int64_t seq = unwrapper_.unwrap(seq16);
    extend_to(seq);
    Slot* place = find(seq);
    if (!place) return static_cast<std::uint16_t>(seq - slot(lowest_).delta);
    if (place->state == State::unknown) place->state = State::accepted;
    return static_cast<std::uint16_t>(seq - place->delta);
}

void HistoryRenumber::drop(std::uint16_t seq16) {
    if (!started_) return;  // nothing was sent yet: no gap to avoid
    const std::int64_t seq = unwrapper_.unwrap(seq16);
    const bool newest = seq > highest_;
    const bool oldest = seq < lowest_ && seq > highest_ - kHistory;
    extend_to(seq);
    Slot* place = find(seq);
    if (!place || place->state != State::unknown) return;
    place->state = State::dropped;
    if (newest) {
        ++delta_;
    } else if (oldest) {
        --low_delta_;
    } else {
        ++gaps_;
    }
}

}  // namespace jmeet::bridge
