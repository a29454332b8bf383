#include "bridge/net/directory.hpp"

#include <doctest/doctest.h>

#include "bridge/ice/agent.hpp"
#include "bridge/ice/stun.hpp"

using namespace jmeet;
using namespace jmeet::bridge;

namespace {

constexpr EndpointToken kAlice{11};
constexpr EndpointToken kBob{12};
const Address kHome = *Address::parse("192.0.2.1", 4000);
const Address kElsewhere = *Address::parse("192.0.2.9", 9);
const std::array<std::uint8_t, 20> kRtp{0x80, 111};

// The demux of one worker, and what another one knows of it.
struct Workers {
    Demux demux;
    std::vector<DemuxNews> news;
    Directory directory;

    Workers() { demux.note_changes_in(news); }
    void tell(WorkerIndex from = 1) {
        for (const auto& n : news) directory.apply(from, n);
        news.clear();
    }
    std::optional<WorkerIndex> find_stun(StunClass c, const TransactionId& id,
                                         std::string_view ufrag = {}) const {
        std::array<std::uint8_t, 200> block{};
        StunWriter writer(block, c, id);
        if (!ufrag.empty()) writer.username(ufrag, "peer");
        return directory.find(BytesView(block).first(writer.finish(nullptr)), kElsewhere);
    }
};

}  // namespace

TEST_CASE("a directory finds by ufrag, tag and address what a demux elsewhere has") {
    Workers w;
    w.demux.add_ufrag("alice", kAlice);
    w.demux.bind(kHome, kAlice);
    CHECK_FALSE(w.directory.find(kRtp, kHome));
    w.tell();
    CHECK(w.directory.find(kRtp, kHome) == 1u);
    CHECK_FALSE(w.directory.find(kRtp, kElsewhere));
    CHECK(w.find_stun(StunClass::request, {}, "alice") == 1u);
    CHECK_FALSE(w.find_stun(StunClass::request, {}, "bob"));
    CHECK(w.find_stun(StunClass::success, make_transaction(11)) == 1u);
    CHECK_FALSE(w.find_stun(StunClass::success, make_transaction(12)));
    CHECK_FALSE(w.find_stun(StunClass::indication, make_transaction(11)));
}

TEST_CASE("a directory forgets what a demux forgets") {
    Workers w;
    w.demux.add_ufrag("alice", kAlice);
    w.demux.bind(kHome, kAlice);
    w.demux.bind(kElsewhere, kAlice);
    w.tell();
    w.demux.unbind(kElsewhere, kAlice);
    w.tell();
    CHECK_FALSE(w.directory.find(kRtp, kElsewhere));
    CHECK(w.directory.find(kRtp, kHome) == 1u);
    w.demux.remove(kAlice);
    w.tell();
    CHECK(w.directory.addresses().empty());
    CHECK_FALSE(w.find_stun(StunClass::request, {}, "alice"));
    CHECK_FALSE(w.find_stun(StunClass::success, make_transaction(11)));
}

TEST_CASE("an oldest ufrag that gives way is forgotten too") {
    Workers w;
    for (const char* ufrag : {"one", "two", "three", "four", "five"}) {
        w.demux.add_ufrag(ufrag, kAlice);
    }
    w.tell();
    CHECK_FALSE(w.find_stun(StunClass::request, {}, "one"));
    CHECK(w.find_stun(StunClass::request, {}, "five") == 1u);
}

TEST_CASE("an address that was only heard from stays where it was; one that answered moves") {
    Workers w;
    w.demux.bind(kHome, kAlice);
    w.tell(1);
    Demux other;
    other.note_changes_in(w.news);
    other.bind(kHome, kBob);
    w.tell(2);
    CHECK(w.directory.find(kRtp, kHome) == 1u);
    other.take(kHome, kBob);
    w.tell(2);
    CHECK(w.directory.find(kRtp, kHome) == 2u);
    // The first one lets go of what is no longer its own.
    w.demux.give_up(kHome);
    CHECK_FALSE(w.demux.find(kHome));
    w.tell(1);
    CHECK(w.directory.find(kRtp, kHome) == 2u);
}
