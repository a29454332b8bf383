#include "bridge/receive/keyframe_requester.hpp"

#include <algorithm>
#include <utility>

#include "bridge/rtp/rtcp/fir.hpp"
#include "bridge/rtp/rtcp/pli.hpp"

namespace jmeet::bridge {

void KeyframeRequester::set_rtt(std::optional<Duration> rtt) {
    interval_ = rtt ? std::min<Duration>(kMaxInterval, *rtt + milliseconds(10)) : kMaxInterval;
}

KeyframeRequester::Limiter* KeyframeRequester::set_of(RequesterId who, Ssrc ssrc) {
    const std::uint64_t key = (std::uint64_t{who} << 32) | ssrc.value();
    const std::size_t set = (key * 0x9E3779B97F4A7C15ull) >> 58;  // the upper six bits
    static_assert(kSets == 64);
    return &limiters_[(set & (limiters_.size() / kWays - 1)) * kWays];
}

void KeyframeRequester::grow() {
    const auto old = std::exchange(limiters_, std::vector<Limiter>(2 * limiters_.size()));
    for (const Limiter& known : old) {
        if (known.count == 0) continue;
        Limiter* place = set_of(known.who, known.ssrc);
        while (place->count) ++place;  // two sets for each old one: there is room
        *place = known;
    }
}

// The limiter of the pair; a new one takes the place of the set's least recently used.
KeyframeRequester::Limiter& KeyframeRequester::limiter(RequesterId who, Ssrc ssrc, TimePoint now) {
    if (limiters_.empty()) limiters_.resize(kFirstSets * kWays);
    const auto newest = [](const Limiter& l) { return l.count ? l.at[l.count - 1u] : TimePoint{}; };
    for (;;) {
        Limiter* const begin = set_of(who, ssrc);
        Limiter* oldest = begin;
        for (Limiter* l = begin; l != begin + kWays; ++l) {
            if (l->count && l->who == who && l->ssrc == ssrc) return *l;
            if (newest(*l) < newest(*oldest)) oldest = l;
        }
        const bool counts = oldest->count && now - newest(*oldest) <= kWindow;
        if (!counts || limiters_.size() == kSets * kWays) {
            *oldest = {who, ssrc, 0, {}};
            return *oldest;
        }
        grow();
    }
}

bool KeyframeRequester::allows(Limiter& limiter, Duration interval, TimePoint now) {
    if (limiter.count == 0) return true;
    const Duration since = now - limiter.at[limiter.count - 1u];
    if (since < interval) return false;
    return limiter.count < kMaxInWindow || since >= kAfterThat || now - limiter.at[0] > kWindow;
}

void KeyframeRequester::record(Limiter& limiter, TimePoint now) {
    if (limiter.count == kMaxInWindow) {
        std::move(limiter.at.begin() + 1, limiter.at.end(), limiter.at.begin());
        --limiter.count;
    }
    limiter.at[limiter.count++] = now;
}

std::optional<KeyframeRequest> KeyframeRequester::request(RequesterId who, Ssrc ssrc,
                                                          TimePoint now) {
    if (!pli_ && !fir_) return {};
    if (who != 0) {
        // The source's own limiter has requester 0, and no bound but the interval.
        Limiter& source = limiter(0, ssrc, now);
        const bool recently =
            source.count && now - source.at[source.count - 1u] < kMaxInterval;
        if (recently) {
            ++throttled_;
            return {};
        }
        Limiter& own = limiter(who, ssrc, now);
        if (!allows(own, interval_, now)) {
            ++throttled_;
            return {};
        }
        record(own, now);
        record(limiter(0, ssrc, now), now);  // found anew: `own` may have taken its place
    }
    ++sent_;
    KeyframeRequest request;
    request.ssrc = ssrc;
    if (!pli_) {
        request.kind = KeyframeRequest::Kind::fir;
        request.fir_seq = fir_seq_++;
    }
    return request;
}

std::size_t KeyframeRequester::write(const KeyframeRequest& request, Ssrc sender, Bytes out) {
    if (request.kind == KeyframeRequest::Kind::pli) {
        return rtcp::Pli{sender, request.ssrc}.write(out);
    }
    rtcp::Fir fir;
    fir.sender = sender;
    fir.entries.push_back({request.ssrc, request.fir_seq});
    return fir.write(out);
}

}  // namespace jmeet::bridge
