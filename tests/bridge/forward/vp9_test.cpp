// VP9 for one receiver: SVC, K-SVC, simulcast; the cases of JVB's VP9 filter tests.
#include <doctest/doctest.h>

#include <functional>

#include "tests/bridge/forward/streams.hpp"

using namespace jmeet;
using namespace jmeet::bridge;
using namespace jmeet::bridge::test;

namespace {

enum class Mode { svc, k_svc, single };

class Vp9Sender {
 public:
    Vp9Sender(Mode mode, int encoding, std::uint16_t picture_id = 0)
        : mode_(mode), encoding_(encoding), picture_id_(picture_id) {}

    std::vector<TestPacket> picture(bool keyframe, TimePoint at) {
        static constexpr std::array<int, 4> kPattern{0, 2, 1, 2};
        if (keyframe) position_ = 0;
        const int t = kPattern[static_cast<std::size_t>(position_++ % 4)];
        if (t == 0) ++tl0_;
        const int layers = mode_ == Mode::single ? 1 : 3;
        std::vector<TestPacket> out;
        for (int s = 0; s < layers; ++s) {
            const bool predicted = !keyframe;
            const bool below = s > 0 && (keyframe || mode_ == Mode::svc);
            const bool not_reference =
                s == layers - 1 || (mode_ == Mode::k_svc && !keyframe);
            // I P L - B E V Z.
            std::vector<std::uint8_t> payload{static_cast<std::uint8_t>(
                0xac | (predicted ? 0x40 : 0) | (not_reference ? 1 : 0))};
            payload.push_back(static_cast<std::uint8_t>(0x80 | (picture_id_ >> 8)));
            payload.push_back(static_cast<std::uint8_t>(picture_id_));
            payload.push_back(static_cast<std::uint8_t>((t << 5) | (s << 1) | (below ? 1 : 0)));
            payload.push_back(tl0_);
            payload.insert(payload.end(), 20, 0x55);
            out.push_back(make_packet({s == layers - 1, 101, seq_++, ts_, Ssrc(1), {}}, payload,
                                      {}, Codec::vp9, 0, dd_, encoding_, at));
        }
        picture_id_ = (picture_id_ + 1) & 0x7fff;
        ts_ += 3'000;
        return out;
    }

 private:
    Mode mode_;
    int encoding_;
    std::uint16_t picture_id_;
    std::uint16_t seq_ = 65'000;
    std::uint32_t ts_ = 0xffff'0000u;
    std::uint8_t tl0_ = 0;
    int position_ = 0;
    DdParser dd_;
};

using Wanted = std::function<bool(int spatial, int temporal, bool keyframe)>;

void check_filter(Mode mode, LayerIndex target, int top, const Wanted& wanted) {
    VideoProjection projection(Ssrc(1));
    projection.set_target(target);
    Vp9Sender sender(mode, 0, 32'700);
    TimePoint now{};
    std::uint16_t seq = 2;
    for (int i = 0; i < 200; ++i, now += milliseconds(33)) {
        const bool key = i % 48 == 0;
        for (const auto& p : sender.picture(key, now)) {
            CAPTURE(i);
            CAPTURE(int{p.frame.spatial});
            const auto out = project(projection, p);
            REQUIRE(out.forwarded() == wanted(p.frame.spatial, p.frame.temporal, key));
            if (!out.forwarded()) continue;
            REQUIRE(out.out.seq == seq++);
            REQUIRE(out.out.number == *p.frame.vp9()->picture_id);
            REQUIRE(out.out.timestamp == 3'001u + 3'000u * static_cast<std::uint32_t>(i));
            REQUIRE(out.out.marker == (p.frame.spatial == top || p.rtp().marker()));
        }
        REQUIRE_FALSE(projection.needs_keyframe());
    }
}

}  // namespace

TEST_CASE("VP9 SVC: a layer with those below, temporal layers of all") {
    for (int highest : {0, 1, 2}) {
        check_filter(Mode::svc, layer_index(0, highest, 2), highest,
                     [&](int s, int, bool) { return s <= highest; });
    }
    check_filter(Mode::svc, layer_index(0, 2, 0), 2, [](int, int t, bool) { return t == 0; });
}

TEST_CASE("VP9 K-SVC: lower layers only in key pictures") {
    for (int highest : {0, 1, 2}) {
        check_filter(Mode::k_svc, layer_index(0, highest, 2), highest, [&](int s, int, bool key) {
            return s == highest || (key && s < highest);
        });
    }
}

TEST_CASE("VP9 SVC goes down at once and up at a key frame") {
    VideoProjection projection(Ssrc(1));
    Vp9Sender sender(Mode::svc, 0);
    TimePoint now{};
    std::array<int, 3> sent{};
    const auto run = [&](bool key) {
        sent = {};
        for (int i = 0; i < 8; ++i, now += milliseconds(33)) {
            for (const auto& p : sender.picture(key && i == 0, now)) {
                if (project(projection, p).forwarded()) ++sent[p.frame.spatial];
            }
        }
    };
    projection.set_target(layer_index(0, 2, 2));
    run(true);
    CHECK(sent == std::array{8, 8, 8});
    projection.set_target(layer_index(0, 1, 2));
    run(false);
    CHECK(sent == std::array{8, 8, 0});
    CHECK_FALSE(projection.needs_keyframe());
    projection.set_target(layer_index(0, 2, 2));
    run(false);
    CHECK(sent == std::array{8, 8, 0});
    CHECK(projection.needs_keyframe());
    run(true);
    CHECK(sent == std::array{8, 8, 8});
}

TEST_CASE("VP9 K-SVC changes layers only at key frames, base frames meanwhile") {
    VideoProjection projection(Ssrc(1));
    Vp9Sender sender(Mode::k_svc, 0);
    projection.set_target(layer_index(0, 2, 2));
    for (int i = 0; i < 8; ++i) {
        for (const auto& p : sender.picture(i == 0, {})) project(projection, p);
    }
    projection.set_target(layer_index(0, 0, 2));
    int high = 0;
    for (int i = 0; i < 8; ++i) {
        for (const auto& p : sender.picture(false, {})) {
            const bool forwarded = project(projection, p).forwarded();
            if (p.frame.spatial < 2) CHECK_FALSE(forwarded);
            high += forwarded ? 1 : 0;
        }
    }
    CHECK(high > 0);
    CHECK(projection.needs_keyframe());
    for (const auto& p : sender.picture(true, {})) {
        CHECK(project(projection, p).forwarded() == (p.frame.spatial == 0));
    }
    CHECK_FALSE(projection.needs_keyframe());
}

TEST_CASE("VP9 simulcast: picture ids go on by one at a switch and keep their gaps within") {
    VideoProjection projection(Ssrc(1));
    projection.set_target(layer_index(0, 0, 0));
    Vp9Sender low(Mode::single, 0, 100);
    Vp9Sender high(Mode::single, 1, 30'000);
    TimePoint now{};
    Projected last;
    for (int i = 0; i < 41; ++i, now += milliseconds(33)) {
        const auto p = low.picture(i == 0, now)[0];
        const auto out = project(projection, p);
        CHECK(out.forwarded() == (p.frame.temporal == 0));
        if (out.forwarded()) last = out;
    }
    CHECK(last.out.number == 140);
    projection.set_target(layer_index(1, 0, 2));
    const auto out = project(projection, high.picture(true, now)[0]);
    REQUIRE(out.forwarded());
    CHECK(out.out.number == 141);
    CHECK(out.out.seq == static_cast<std::uint16_t>(last.out.seq + 1));
    CHECK(out.out.tl0picidx == static_cast<std::uint8_t>(last.out.tl0picidx + 1));
    CHECK(project(projection, high.picture(false, now)[0]).out.number == 142);
}
