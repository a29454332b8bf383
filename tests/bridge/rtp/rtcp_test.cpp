#include <doctest/doctest.h>

#include <array>
#include <random>

#include "bridge/rtp/rtcp/bye.hpp"
#include "bridge/rtp/rtcp/compound.hpp"
#include "bridge/rtp/rtcp/fir.hpp"
#include "bridge/rtp/rtcp/nack.hpp"
#include "bridge/rtp/rtcp/pli.hpp"
#include "bridge/rtp/rtcp/receiver_report.hpp"
#include "bridge/rtp/rtcp/remb.hpp"
#include "bridge/rtp/rtcp/sdes.hpp"
#include "bridge/rtp/rtcp/sender_report.hpp"
#include "bridge/rtp/rtcp/transport_cc.hpp"
#include "tests/bridge/rtp/hex.hpp"

using namespace jmeet;
using namespace jmeet::bridge;
using namespace jmeet::bridge::rtcp;

namespace {

// The only packet of a datagram; the bytes must outlive it.
Packet only(const std::vector<std::uint8_t>& bytes) {
    CompoundReader reader(bytes);
    const auto packet = reader.next();
    REQUIRE(packet);
    REQUIRE_FALSE(reader.next());
    REQUIRE_FALSE(reader.malformed());
    return *packet;
}

template <class Message>
std::vector<std::uint8_t> written(const Message& message) {
    std::vector<std::uint8_t> out(1500);
    out.resize(message.write(out));
    REQUIRE_FALSE(out.empty());
    // One byte less is too little.
    std::vector<std::uint8_t> small(out.size() - 1);
    CHECK(message.write(small) == 0);
    return out;
}

std::vector<std::uint16_t> numbers(const Nack& nack) {
    std::vector<std::uint16_t> seqs;
    nack.for_each([&](std::uint16_t seq) { seqs.push_back(seq); });
    return seqs;
}

}  // namespace

TEST_CASE("a compound of a sender report and a description is walked packet by packet") {
    // As Chromium sends it; the last four bytes of each part are made up.
    const auto bytes = from_hex(
        "80c80006ad13528ceeb0bd63a9244a625fbfd1050000003900000102"
        "81ca0006ad13528c011078725772744b394a6433353265670000 0000");
    CompoundReader reader(bytes);
    const auto first = reader.next();
    REQUIRE(first);
    const auto sr = SenderReport::parse(*first);
    REQUIRE(sr);
    CHECK(sr->sender == Ssrc(2903724684));
    CHECK(sr->ntp == 0xeeb0bd63a9244a62);
    CHECK(sr->compact_ntp() == 0xbd63a924);
    CHECK(sr->rtp_timestamp == 0x5fbfd105);
    CHECK(sr->packet_count == 57);
    CHECK(sr->octet_count == 258);
    CHECK(sr->blocks.empty());
    const auto second = reader.next();
    REQUIRE(second);
    const auto sdes = Sdes::parse(*second);
    REQUIRE(sdes);
    REQUIRE(sdes->chunks.size() == 1);
    CHECK(sdes->chunks[0].ssrc == Ssrc(2903724684));
    CHECK(sdes->chunks[0].cname == "xrWrtK9Jd352eg" + std::string(2, '\0'));
    CHECK_FALSE(reader.next());
    CHECK_FALSE(reader.malformed());
}

TEST_CASE("an empty receiver report is what Chromium sends with nothing to report") {
    const auto bytes = from_hex("80c90001e4b785b4");
    const auto rr = ReceiverReport::parse(only(bytes));
    REQUIRE(rr);
    CHECK(rr->sender == Ssrc(3837232564));
    CHECK(rr->blocks.empty());
    CHECK(written(*rr) == bytes);
}

TEST_CASE("picture loss indications of the trace") {
    const auto from_client = from_hex("81ce000283bbaf8685a64d3d");
    const auto pli = Pli::parse(only(from_client));
    REQUIRE(pli);
    CHECK(pli->sender == Ssrc(2210115462));
    CHECK(pli->media == Ssrc(2242268477));
    CHECK(written(*pli) == from_client);
    const auto from_bridge = from_hex("81ce0002914fe548497950fe");
    CHECK(Pli::parse(only(from_bridge))->media == Ssrc(1232687358));
}

TEST_CASE("report blocks go both ways, negative loss included") {
    ReceiverReport rr;
    rr.sender = Ssrc(1);
    rr.blocks.push_back({Ssrc(2), 128, -5, 0x00010002, 77, 0xbd63a924, 65536});
    rr.blocks.push_back({Ssrc(3), 255, 8'388'607, 0xffffffff, 0, 0, 0});
    const auto bytes = written(rr);
    CHECK(bytes.size() == 8 + 48);
    const auto back = ReceiverReport::parse(only(bytes));
    REQUIRE(back);
    REQUIRE(back->blocks.size() == 2);
    CHECK(back->blocks[0].ssrc == Ssrc(2));
    CHECK(back->blocks[0].fraction_lost == 128);
    CHECK(back->blocks[0].cumulative_lost == -5);
    CHECK(back->blocks[0].extended_highest_seq == 0x00010002);
    CHECK(back->blocks[0].jitter == 77);
    CHECK(back->blocks[0].last_sr == 0xbd63a924);
    CHECK(back->blocks[0].delay_since_last_sr == 65536);
    CHECK(back->blocks[1].cumulative_lost == 8'388'607);
    rr.blocks[1].cumulative_lost = 10'000'000;  // more than the field holds
    CHECK(ReceiverReport::parse(only(written(rr)))->blocks[1].cumulative_lost == 8'388'607);
}

TEST_CASE("a report block of the bridge in the trace") {
    // First 24 bytes as recorded, the rest of the block as zeros.
    const auto bytes = from_hex(
        "81c90007914fe548497950fe000000000000260e000000000000000000000000");
    const auto rr = ReceiverReport::parse(only(bytes));
    REQUIRE(rr);
    CHECK(rr->blocks[0].ssrc == Ssrc(1232687358));
    CHECK(rr->blocks[0].extended_highest_seq == 0x260e);
}

TEST_CASE("a sender report with blocks is written as it is read") {
    SenderReport sr;
    sr.sender = Ssrc(9);
    sr.ntp = 0x0102030405060708;
    sr.rtp_timestamp = 11;
    sr.packet_count = 12;
    sr.octet_count = 13;
    for (std::uint32_t i = 0; i < kMaxReportBlocks; ++i) {
        ReportBlock block;
        block.ssrc = Ssrc(100 + i);
        sr.blocks.push_back(block);
    }
    const auto bytes = written(sr);
    const auto back = SenderReport::parse(only(bytes));
    REQUIRE(back);
    CHECK(back->ntp == sr.ntp);
    CHECK(back->octet_count == 13);
    REQUIRE(back->blocks.size() == kMaxReportBlocks);
    CHECK(back->blocks[30].ssrc == Ssrc(130));
}

TEST_CASE("a report that announces more blocks than it has is refused") {
    CHECK_FALSE(ReceiverReport::parse(only(from_hex("81c9000100000001"))));
    CHECK_FALSE(SenderReport::parse(only(from_hex("80c8000100000001"))));
}

TEST_CASE("descriptions and goodbyes") {
    Sdes sdes;
    sdes.chunks.push_back({Ssrc(1), "abc"});
    sdes.chunks.push_back({Ssrc(2), "a longer canonical name"});
    const auto bytes = written(sdes);
    CHECK(bytes.size() % 4 == 0);
    const auto back = Sdes::parse(only(bytes));
    REQUIRE(back);
    REQUIRE(back->chunks.size() == 2);
    CHECK(back->chunks[0].cname == "abc");
    CHECK(back->chunks[1].ssrc == Ssrc(2));
    CHECK(back->chunks[1].cname == "a longer canonical name");
    CHECK_FALSE(Sdes::parse(only(from_hex("81ca000200000001 01ff4142"))));  // text cut
    CHECK_FALSE(Sdes::parse(only(from_hex("81ca000200000001 01024142"))));  // no end

    Bye bye;
    bye.sources = {Ssrc(7), Ssrc(8)};
    const auto gone = written(bye);
    CHECK(gone == from_hex("82cb0002 00000007 00000008"));
    CHECK(Bye::parse(only(gone))->sources[1] == Ssrc(8));
    CHECK_FALSE(Bye::parse(only(from_hex("82cb0001 00000007"))));
    CHECK(Bye::parse(only(from_hex("81cb0002 00000007 03627965")))->sources.size() == 1);
}

TEST_CASE("lost numbers are packed into items of seventeen") {
    const std::vector<std::uint16_t> lost{65534, 65535, 0, 14, 15, 100};
    std::vector<std::uint8_t> out(1500);
    out.resize(write_nack(Ssrc(1), Ssrc(2), lost, out));
    CHECK(out == from_hex("81cd0005 00000001 00000002 fffe8003 000f0000 00640000"));
    const auto nack = Nack::parse(only(out));
    REQUIRE(nack);
    CHECK(nack->sender == Ssrc(1));
    CHECK(nack->media == Ssrc(2));
    CHECK(numbers(*nack) == lost);
}

TEST_CASE("a request that is too long loses its newest numbers") {
    std::vector<std::uint16_t> lost;
    for (int i = 0; i < 1000; ++i) lost.push_back(static_cast<std::uint16_t>(i * 20));
    std::vector<std::uint8_t> out(1500);
    out.resize(write_nack(Ssrc(1), Ssrc(2), lost, out));
    CHECK(out.size() == kMaxCompound);
    const auto back = numbers(*Nack::parse(only(out)));
    REQUIRE(back.size() == (kMaxCompound - 12) / 4);
    CHECK(back.front() == 0);
    CHECK(back.back() == 20 * (back.size() - 1));
    std::vector<std::uint8_t> small(15);
    CHECK(write_nack(Ssrc(1), Ssrc(2), lost, small) == 0);
    CHECK(write_nack(Ssrc(1), Ssrc(2), {}, out) == 0);
    CHECK_FALSE(Nack::parse(only(from_hex("81cd0002 00000001 00000002"))));  // no item
}

TEST_CASE("an intra request names its target in the entry") {
    Fir fir;
    fir.sender = Ssrc(1);
    fir.entries.push_back({Ssrc(123), 9});
    const auto bytes = written(fir);
    CHECK(bytes == from_hex("84ce0004 00000001 00000000 0000007b 09000000"));
    const auto back = Fir::parse(only(bytes));
    REQUIRE(back);
    CHECK(back->entries[0].target == Ssrc(123));
    CHECK(back->entries[0].command_seq == 9);
    CHECK_FALSE(Fir::parse(only(from_hex("84ce0002 00000001 00000000"))));
}

TEST_CASE("bitrates survive in eighteen bits and an exponent") {
    for (const std::uint64_t bps : {0ull, 1ull, 262'143ull, 262'144ull, 2'500'000ull,
                                    20'000'000ull, 0x7fffffffffffffffull}) {
        Remb remb;
        remb.sender = Ssrc(1);
        remb.bitrate_bps = bps;
        remb.ssrcs = {Ssrc(4), Ssrc(5)};
        const auto bytes = written(remb);
        const auto back = Remb::parse(only(bytes));
        REQUIRE(back);
        CHECK(back->bitrate_bps <= bps);
        CHECK(back->bitrate_bps >= bps - bps / 100'000);
        CHECK(back->ssrcs.size() == 2);
        CHECK(back->ssrcs[1] == Ssrc(5));
    }
    // An exponent beyond 63 bits saturates.
    const auto wild = from_hex("8fce0004 00000001 00000000 52454d42 00ffffff");
    CHECK(Remb::parse(only(wild))->bitrate_bps == 0x7fffffffffffffffull);
    CHECK_FALSE(Remb::parse(only(from_hex("8fce0004 00000001 00000000 52454d42 01ffffff"))));
    CHECK_FALSE(Remb::parse(only(from_hex("8fce0004 00000001 00000000 11111111 00ffffff"))));
}

TEST_CASE("messages of another type are not taken for theirs") {
    const auto pli = only(from_hex("81ce000283bbaf8685a64d3d"));
    CHECK_FALSE(SenderReport::parse(pli));
    CHECK_FALSE(ReceiverReport::parse(pli));
    CHECK_FALSE(Sdes::parse(pli));
    CHECK_FALSE(Bye::parse(pli));
    CHECK_FALSE(Nack::parse(pli));
    CHECK_FALSE(Fir::parse(pli));
    CHECK_FALSE(Remb::parse(pli));
    CHECK_FALSE(TransportCc::parse(pli));
}

TEST_CASE("a malformed packet ends the walk, what came before it stands") {
    const auto bytes = from_hex("80c90001e4b785b4 81ce0002 83bbaf86");
    CompoundReader reader(bytes);
    CHECK(reader.next());
    CHECK_FALSE(reader.next());
    CHECK(reader.malformed());
    CHECK_FALSE(reader.next());
    for (const char* text : {"80", "00c9000100000000", "a0c90001 00000000", "a0c90001 00000005",
                             "a0c90000"}) {
        const auto bad = from_hex(text);
        CompoundReader one(bad);
        CHECK_FALSE(one.next());
        CHECK(one.malformed());
    }
}

TEST_CASE("random bytes are refused or read within their bounds") {
    std::mt19937 random(7);
    int parsed = 0;
    for (int round = 0; round < 100'000; ++round) {
        std::vector<std::uint8_t> bytes(4 + 4 * (random() % 20));
        for (auto& b : bytes) b = static_cast<std::uint8_t>(random());
        bytes[0] = static_cast<std::uint8_t>(0x80 | (bytes[0] & 0x3f));
        bytes[1] = static_cast<std::uint8_t>(200 + random() % 7);
        store_be16(&bytes[2], static_cast<std::uint16_t>(bytes.size() / 4 - 1));
        CompoundReader reader(bytes);
        const auto p = reader.next();
        if (!p) continue;
        parsed += SenderReport::parse(*p) || ReceiverReport::parse(*p) || Sdes::parse(*p) ||
                  Bye::parse(*p) || Pli::parse(*p) || Fir::parse(*p) || Remb::parse(*p);
        if (const auto nack = Nack::parse(*p)) CHECK(numbers(*nack).size() <= 20 * 17);
        if (const auto tcc = TransportCc::parse(*p)) {
            int count = 0;
            tcc->for_each([&](const TccStatus&) { ++count; });
            REQUIRE(count == tcc->status_count());
        }
    }
    CHECK(parsed > 1000);
}

TEST_CASE("bitrates of nothing and of more than all are read as numbers that can be compared") {
    for (std::uint32_t exponent = 0; exponent < 64; ++exponent) {
        for (std::uint32_t mantissa : {0u, 1u, 0x3ffffu}) {
            auto bytes = from_hex("8fce0005 00000001 00000000 52454d42 01000000 00000002");
            const std::uint32_t rate = exponent << 18 | mantissa;
            bytes[17] = static_cast<std::uint8_t>(rate >> 16);
            bytes[18] = static_cast<std::uint8_t>(rate >> 8);
            bytes[19] = static_cast<std::uint8_t>(rate);
            rtcp::CompoundReader reader(bytes);
            const auto packet = reader.next();
            REQUIRE(packet);
            const auto remb = rtcp::Remb::parse(*packet);
            REQUIRE(remb);
            const auto bps = static_cast<std::int64_t>(remb->bitrate_bps);
            CHECK(bps >= 0);
            CHECK((mantissa == 0 || bps >= (std::int64_t{1} << std::min(exponent, 62u))));
        }
    }
}

TEST_CASE("a compound of 1,500 bytes of the smallest packets is walked once, and ends") {
    std::vector<std::uint8_t> bytes;
    while (bytes.size() + 4 <= 1'500) {
        for (int b : {0x80, 201 + static_cast<int>(bytes.size() / 4 % 3), 0, 0}) {
            bytes.push_back(static_cast<std::uint8_t>(b));
        }
    }
    rtcp::CompoundReader reader(bytes);
    std::size_t packets = 0;
    while (reader.next()) ++packets;
    CHECK(packets == bytes.size() / 4);
    CHECK_FALSE(reader.malformed());
}

TEST_CASE("a request for all numbers there are names seventeen for each four bytes, no more") {
    std::vector<std::uint8_t> bytes = from_hex("81cd0000 00000001 00000002");
    while (bytes.size() + 4 <= 1'500) {
        const auto first = static_cast<std::uint16_t>(bytes.size() * 17);
        bytes.insert(bytes.end(), {static_cast<std::uint8_t>(first >> 8),
                                   static_cast<std::uint8_t>(first), 0xff, 0xff});
    }
    store_be16(&bytes[2], static_cast<std::uint16_t>(bytes.size() / 4 - 1));
    rtcp::CompoundReader reader(bytes);
    const auto nack = rtcp::Nack::parse(*reader.next());
    REQUIRE(nack);
    std::size_t asked = 0;
    nack->for_each([&](std::uint16_t) { ++asked; });
    CHECK(asked == (bytes.size() - 12) / 4 * 17);
}

TEST_CASE("every truncation of each kind of RTCP packet is refused or stays within its bounds") {
    const char* const whole[] = {
        "81c8000c 00000001 1122334455667788 00000002 00000003 00000004"
        "00000005 01000002 00000006 00000007 00000008 00000009",
        "81c90007 00000001 00000005 01000002 00000006 00000007 00000008 00000009",
        "81cd0003 00000001 00000002 0001ffff",
        "8fcd0005 00000001 00000002 0001 0002 000001 00 d400 0410",
        "84ce0004 00000001 00000000 00000002 01000000",
        "8fce0005 00000001 00000000 52454d42 01000000 00000002",
        "81cb0001 00000001",
    };
    for (const char* text : whole) {
        const auto bytes = from_hex(text);
        for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
            // The length field lies about what is there, and then tells the truth of what is left.
            for (const bool honest : {false, true}) {
                std::vector<std::uint8_t> part(bytes.begin(),
                                               bytes.begin() + static_cast<std::ptrdiff_t>(cut));
                if (honest && cut >= 4) {
                    store_be16(&part[2], static_cast<std::uint16_t>(cut / 4 - 1));
                }
                rtcp::CompoundReader reader(part);
                std::size_t seen = 0;
                while (const auto packet = reader.next()) {
                    seen += packet->whole.size();
                    REQUIRE(packet->whole.data() + packet->whole.size() <=
                            part.data() + part.size());
                    if (const auto sr = rtcp::SenderReport::parse(*packet)) {
                        CHECK(sr->blocks.size() <= 31);
                    }
                    rtcp::ReceiverReport::parse(*packet);
                    rtcp::Fir::parse(*packet);
                    rtcp::Remb::parse(*packet);
                    rtcp::Bye::parse(*packet);
                    const auto cc = rtcp::TransportCc::parse(*packet);
                    if (!cc) continue;
                    std::size_t reported = 0;
                    cc->for_each([&](const rtcp::TccStatus&) { ++reported; });
                    CHECK(reported <= 0xffff);
                }
                REQUIRE(seen <= part.size());
            }
        }
    }
}
