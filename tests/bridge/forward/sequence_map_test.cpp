#include <doctest/doctest.h>

#include "bridge/forward/sequence_map.hpp"

using namespace jmeet::bridge;

namespace {

enum class Part { only, start, middle, end };

SequenceMap::Packet packet(std::uint16_t seq, std::uint32_t frame, Part part, bool follows = true) {
    SequenceMap::Packet p;
    p.seq = seq;
    p.key.timestamp = frame;
    p.starts_frame = part == Part::only || part == Part::start;
    p.ends_frame = part == Part::only || part == Part::end;
    p.follows = follows;
    return p;
}

// Frames: TL0 = 1-3, TL2 = 4-5, TL1 = 6-7, TL2 = 8, next TL0 = 9-11; outputs start at 101.
struct Cases {
    SequenceMap map;
    Cases() {
        map.start(1, 101, 1);
        CHECK(map.accept(packet(1, 1, Part::start)) == 101);
        CHECK(map.accept(packet(2, 1, Part::middle)) == 102);
        CHECK(map.accept(packet(3, 1, Part::end)) == 103);
    }
    void accept_next() {
        const std::uint16_t first = static_cast<std::uint16_t>(map.edge() + 1);
        CHECK(map.accept(packet(9, 5, Part::start)) == first);
        CHECK(map.accept(packet(10, 5, Part::middle)) == first + 1);
        CHECK(map.accept(packet(11, 5, Part::end)) == first + 2);
    }
};

}  // namespace

TEST_CASE("refused frames take no number") {
    Cases c;
    c.map.refuse(packet(4, 2, Part::start));
    c.map.refuse(packet(5, 2, Part::end));
    c.map.refuse(packet(6, 3, Part::start));
    c.map.refuse(packet(7, 3, Part::end));
    c.map.refuse(packet(8, 4, Part::only));
    c.accept_next();
    CHECK(c.map.edge() == 106);
}

TEST_CASE("a reordered packet of an accepted frame finds its number") {
    Cases c;
    CHECK(c.map.accept(packet(4, 2, Part::start)) == 104);
    CHECK(c.map.accept(packet(6, 3, Part::start)) == 106);
    const auto late = c.map.look_up(5, {2, 0});
    CHECK(late.place == SequenceMap::Place::late);
    CHECK(late.frame_accepted == true);
    CHECK(c.map.accept(packet(5, 2, Part::end)) == 105);
    CHECK(c.map.look_up(5, {2, 0}).place == SequenceMap::Place::duplicate);
}

TEST_CASE("the lost end of a refused frame before another refused frame leaves no gap") {
    Cases c;
    c.map.refuse(packet(4, 2, Part::start));
    c.map.refuse(packet(6, 3, Part::start));
    c.map.refuse(packet(7, 3, Part::end));
    c.map.refuse(packet(8, 4, Part::only));
    c.accept_next();
    CHECK(c.map.edge() == 106);
}

TEST_CASE("a lost packet of unknown layer keeps its place") {
    Cases c;
    c.map.refuse(packet(4, 2, Part::start));
    c.map.refuse(packet(5, 2, Part::end));
    CHECK(c.map.accept(packet(6, 3, Part::start)) == 104);
    CHECK(c.map.accept(packet(7, 3, Part::end)) == 105);
    CHECK(c.map.accept(packet(9, 5, Part::start, false)) == 107);
    CHECK(c.map.accept(packet(10, 5, Part::middle)) == 108);
    CHECK(c.map.accept(packet(11, 5, Part::end)) == 109);
    // It was to be forwarded after all, and fits.
    CHECK(c.map.accept(packet(8, 4, Part::only)) == 106);
}

TEST_CASE("a late packet whose place is gone is refused, never numbered twice") {
    Cases c;
    c.map.refuse(packet(4, 2, Part::start));
    CHECK(c.map.accept(packet(6, 3, Part::only)) == 104);
    CHECK_FALSE(c.map.accept(packet(5, 9, Part::only)));
}

TEST_CASE("far numbers are a jump, old ones too old until they persist") {
    SequenceMap map;
    CHECK(map.look_up(7, {}).place == SequenceMap::Place::jump);
    map.start(1000, 1, 1000);
    map.accept(packet(1000, 1, Part::only));
    CHECK(map.look_up(998, {9, 0}).place == SequenceMap::Place::too_old);
    CHECK(map.look_up(1001, {9, 0}).place == SequenceMap::Place::ahead);
    CHECK(map.look_up(1000 + SequenceMap::kWindow, {9, 0}).place == SequenceMap::Place::jump);
    const std::uint16_t behind = static_cast<std::uint16_t>(1000 - 20'000);
    for (int i = 1; i < 50; ++i) {
        CHECK(map.look_up(behind, {9, 0}).place == SequenceMap::Place::too_old);
    }
    CHECK(map.look_up(behind, {9, 0}).place == SequenceMap::Place::jump);
}

TEST_CASE("late packets are still told from old ones after the numbers wrapped") {
    SequenceMap map;
    map.start(0, 1, 0);
    std::uint16_t seq = 0;
    for (std::uint32_t i = 0; i < 100'000; ++i) map.accept(packet(seq++, i, Part::only));
    const std::uint16_t skipped = seq++;
    CHECK(map.accept(packet(seq, 200'000, Part::only, false)));
    CHECK(map.look_up(skipped, {199'999, 0}).place == SequenceMap::Place::late);
    CHECK(map.accept(packet(skipped, 199'999, Part::only)) ==
          static_cast<std::uint16_t>(map.edge() - 1));
}
