#include "bridge/net/send_batch.hpp"

#include <doctest/doctest.h>

#include <map>
#include <memory>
#include <vector>

using namespace jmeet;
using namespace jmeet::bridge;

namespace {

Address to(std::uint16_t port) { return Address::v4(0xc0000201, port); }

struct Sizes {
    Address to;
    std::vector<std::size_t> sizes;
};

std::vector<Sizes> runs_of(const SendBatch& batch) {
    std::vector<Sizes> runs;
    for (const SendBatch::Run& run : batch.runs()) {
        Sizes s{run.to, {}};
        for (std::uint16_t at = run.first; at != SendBatch::kNone; at = batch.next(at)) {
            s.sizes.push_back(batch.datagram(at).size());
        }
        CHECK(s.sizes.size() == run.count);
        runs.push_back(s);
    }
    return runs;
}

std::vector<std::size_t> sizes(std::initializer_list<std::size_t> list) { return list; }

}  // namespace

TEST_CASE("equal sizes to one destination are one run, between those to others") {
    const auto batch = std::make_unique<SendBatch>();
    for (int i = 0; i < 4; ++i) {
        for (std::uint16_t port = 1; port <= 3; ++port) CHECK(batch->commit(to(port), 1200));
    }
    const auto runs = runs_of(*batch);
    REQUIRE(runs.size() == 3);
    for (const Sizes& run : runs) CHECK(run.sizes == sizes({1200, 1200, 1200, 1200}));
}

TEST_CASE("a shorter datagram ends its run, a longer one begins another") {
    const auto batch = std::make_unique<SendBatch>();
    for (const std::size_t n : {1000, 1000, 1001, 1001, 500, 1001, 100}) {
        CHECK(batch->commit(to(1), n));
    }
    const auto runs = runs_of(*batch);
    REQUIRE(runs.size() == 3);
    CHECK(runs[0].sizes == sizes({1000, 1000}));
    CHECK(runs[1].sizes == sizes({1001, 1001, 500}));
    CHECK(runs[2].sizes == sizes({1001, 100}));
}

TEST_CASE("a run ends at 64 datagrams and at 65000 bytes") {
    const auto batch = std::make_unique<SendBatch>();
    for (int i = 0; i < 100; ++i) CHECK(batch->commit(to(1), 100));
    auto runs = runs_of(*batch);
    REQUIRE(runs.size() == 2);
    CHECK(runs[0].sizes.size() == 64);
    batch->clear();
    for (int i = 0; i < 100; ++i) CHECK(batch->commit(to(1), 1500));
    runs = runs_of(*batch);
    REQUIRE(runs.size() == 3);
    CHECK(runs[0].sizes.size() == 43);
}

TEST_CASE("wrong lengths and a full batch are refused") {
    const auto batch = std::make_unique<SendBatch>();
    CHECK_FALSE(batch->commit(to(1), 0));
    CHECK_FALSE(batch->commit(to(1), kSendSlot + 1));
    CHECK(batch->empty());
    CHECK(batch->runs().empty());
    for (std::size_t i = 0; i < SendBatch::kSlots; ++i) {
        CHECK(batch->slot().size() == kSendSlot);
        CHECK(batch->commit(to(static_cast<std::uint16_t>(i)), 100));
    }
    CHECK(batch->full());
    CHECK(batch->slot().empty());
    CHECK_FALSE(batch->commit(to(1), 100));
    batch->clear();
    CHECK(batch->commit(to(1), 100));
    CHECK(runs_of(*batch).size() == 1);
}

TEST_CASE("whatever the pattern, each destination gets its datagrams in order and all of them") {
    const auto batch = std::make_unique<SendBatch>();
    std::uint32_t state = 1;
    const auto random = [&] { return (state = state * 1'664'525 + 1'013'904'223) >> 16; };
    for (int round = 0; round < 500; ++round) {
        batch->clear();
        std::map<Address, std::vector<std::uint8_t>> expected;
        const std::uint32_t spread = 1 + random() % 40;
        const std::uint32_t count = random() % (SendBatch::kSlots + 1);
        for (std::uint32_t i = 0; i < count; ++i) {
            const Address where = to(static_cast<std::uint16_t>(1 + random() % spread));
            batch->slot()[0] = static_cast<std::uint8_t>(i);
            REQUIRE(batch->commit(where, 1 + random() % 3 * 700));
            expected[where].push_back(static_cast<std::uint8_t>(i));
        }
        std::map<Address, std::vector<std::uint8_t>> seen;
        for (const SendBatch::Run& run : batch->runs()) {
            std::size_t left = run.count;
            for (std::uint16_t at = run.first; at != SendBatch::kNone; at = batch->next(at)) {
                const BytesView bytes = batch->datagram(at);
                seen[run.to].push_back(bytes[0]);
                --left;
                const bool fits = left == 0 ? bytes.size() <= run.segment
                                            : bytes.size() == run.segment;
                CHECK(fits);
            }
        }
        CHECK(seen == expected);
    }
}
