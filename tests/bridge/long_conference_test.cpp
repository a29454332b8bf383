// A hundred people in a conference in simulated time: they come and go, are muted, speak in turn,
// change what they want to see and lose packets. What the process keeps in memory stays level.
//
// An hour passes; of each minute some seconds are full of media and the others quiet. Under a
// sanitizer it is six minutes. JMEET_CONFERENCE_FIGURES=1 prints what is measured.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <random>

#include "bridge/receive/transport_cc_receiver.hpp"
#include "bridge/rtp/rtcp/nack.hpp"
#include "bridge/rtp/rtcp/pli.hpp"
#include "tests/bridge/simulated_worker.hpp"
#include "tests/live_heap.hpp"

using namespace jmeet;
using namespace jmeet::bridge;
using namespace jmeet::bridge::test;

namespace {

constexpr std::size_t kPeople = 100;
constexpr std::size_t kSeatsThatChange = 20;  // the others stay from the beginning to the end
constexpr std::size_t kCameras = 4;           // at a time
constexpr milliseconds kStep{20};
constexpr milliseconds kQuietStep{200};
constexpr seconds kBusy{3};  // of each minute
constexpr seconds kSeatInterval{5};
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int kMinutes = 6;  // its memory is still warming up then
#else
constexpr int kMinutes = 60;
#endif

class Person {
 public:
    Person(ClientOptions options, SctpContext& sctp, const DtlsContext& dtls)
        : client(std::move(options), sctp, dtls) {}

    // Reads, gives feedback; one received packet of video in a hundred counts as lost.
    void step(TimePoint now, std::mt19937& random) {
        client.step(now);
        std::array<std::uint8_t, rtcp::kMaxCompound> block;
        for (const auto& packet : client.rtp) {
            const auto rtp = packet.view();
            const auto seq = find_transport_seq(rtp, TestClient::kTransportSeqId);
            if (seq) feedback_.on_packet(*seq, rtp.ssrc(), rtp.marker(), now);
            const bool padding = rtp.ssrc() == SimulatedWorker::kOwnVideo;
            if (rtp.pt() != TestClient::kVp8 || padding) continue;
            ++video;
            const auto chance = random() % 1'000;
            const std::uint16_t lost = rtp.seq();
            if (chance < 10) {
                client.send_rtcp(BytesView(block).first(rtcp::write_nack(
                    client.audio_ssrc(), rtp.ssrc(), std::span(&lost, 1), block)));
            } else if (chance == 10) {
                const rtcp::Pli pli{client.audio_ssrc(), rtp.ssrc()};
                client.send_rtcp(BytesView(block).first(pli.write(block)));
            }
        }
        client.rtp.clear();
        hear_wishes();
        if (!feedback_.due(now)) return;
        while (const auto size = feedback_.write_feedback(client.audio_ssrc(), now, block)) {
            client.send_rtcp(BytesView(block).first(size));
        }
    }

    TestClient client;
    EndpointToken token{};
    bool gone = false;  // without a word
    bool muted = false;
    unsigned frames = 0;
    std::uint64_t video = 0;

 private:
    // A key frame is next when one is asked for, as in a browser.
    void hear_wishes() {
        for (const auto& compound : client.rtcp) {
            rtcp::CompoundReader reader(compound);
            while (const auto packet = reader.next()) {
                if (rtcp::Pli::parse(*packet)) frames = 0;
            }
        }
        client.rtcp.clear();
    }

    TransportCcReceiver feedback_;
};

class Meeting {
 public:
    Meeting() : worker_(config(), now_) {}

    void begin() {
        while (seats_.size() < kPeople) seats_.push_back(newcomer());
        run(seconds(2));
    }
    void run(Duration time) {
        for (const auto end = now_ + time; now_ < end; step()) {
        }
    }
    // Nobody speaks or shows anything; people still come and go.
    void rest(Duration time) {
        for (const auto end = now_ + time; now_ < end; quiet_step()) {
        }
    }
    void minute() {
        rest(seconds(60) - kBusy);
        run(kBusy);
    }
    // Everybody is let go of, at once.
    void end() {
        seats_.clear();
        ghosts_.clear();
        worker_.end_conference();
    }
    void begin_again() {
        worker_.begin_conference();
        begin();
    }

    const SimulatedWorker& worker() const { return worker_; }
    std::size_t connected() const {
        return static_cast<std::size_t>(std::count_if(
            seats_.begin(), seats_.end(), [](const auto& p) { return p->client.connected(); }));
    }
    std::size_t ghosts() const { return ghosts_.size(); }
    unsigned joined() const { return joined_; }
    std::uint64_t video() const { return video_ + sum(&Person::video); }

 private:
    static BridgeConfig config() {
        BridgeConfig config;
        config.loopback_candidates = true;
        // Clients read in coarse steps, which looks like a jam: who gets what is not the question.
        config.allocation.trust_bwe = false;
        return config;
    }
    std::uint64_t sum(std::uint64_t Person::*count) const {
        std::uint64_t all = 0;
        for (const auto& p : seats_) all += *p.*count;
        return all;
    }
    std::size_t below(std::size_t limit) { return random_() % limit; }

    std::unique_ptr<Person> newcomer() {
        ClientOptions options;
        const std::string number = std::to_string(++joined_);
        options.id = std::string(8 - number.size(), 'a') + number;
        options.first_ssrc = 100'000 + 100 * joined_;
        options.sctp = false;
        options.ssrc_rewriting = joined_ % 2 == 0;
        auto person = std::make_unique<Person>(std::move(options), sctp_, *dtls_);
        person->token = worker_.join(person->client);
        return person;
    }

    void step() {
        now_ += kStep;
        send_media();
        handle(5);
        if (steps_ % 20 == 0) change_mind();
        if (steps_ % 300 == 0) speaker_ = below(seats_.size());
    }
    void quiet_step() {
        now_ += kQuietStep;
        handle(4);
    }
    // One client in `share` reads.
    void handle(std::size_t share) {
        ++steps_;
        worker_.step(now_);
        for (std::size_t i = steps_ % share; i < seats_.size(); i += share) {
            seats_[i]->step(now_, random_);
        }
        for (const auto token : worker_.take_lost()) {
            worker_.leave(token);
            std::erase_if(ghosts_, [token](const auto& p) { return p->token == token; });
        }
        if (now_ < next_seat_) return;
        next_seat_ = now_ + kSeatInterval;
        come_and_go();
    }

    // The speaker and sometimes one who interrupts; the cameras, each five frames a second.
    void send_media() {
        if (steps_ % 4 == 0) seats_[speaker_]->client.send_audio(20, now_);
        if (steps_ % 16 == 0) seats_[below(seats_.size())]->client.send_audio(40, now_);
        for (std::size_t i = 0; i < kCameras; ++i) {
            if ((steps_ + i) % 10 != 0) continue;
            Person& p = camera(i);
            const auto kind = p.frames++ % 50 == 0 ? TestClient::Frame::key
                                                   : TestClient::Frame::delta;
            const auto fate = below(100) == 0 ? TestClient::Fate::lost : TestClient::Fate::sent;
            p.client.send_video(0, kind, 300, now_, fate);
        }
    }
    // Half of them in seats that change; another set of people every 40 seconds.
    Person& camera(std::size_t i) {
        const std::size_t first = i % 2 == 0 ? 0 : kSeatsThatChange;
        return *seats_[(first + i + steps_ / 2'000) % seats_.size()];
    }
    void come_and_go() {
        auto& seat = seats_[below(kSeatsThatChange)];
        video_ += seat->video;
        // What a client keeps of streams is not the question here.
        for (const auto& p : seats_) {
            p->client.forget(seat->client.audio_ssrc());
            p->client.forget(seat->client.video_ssrc());
            p->client.forget(seat->client.rtx_ssrc());
        }
        if (below(3) == 0) {
            seat->client.go_silent();
            ghosts_.push_back(std::move(seat));
        } else {
            worker_.leave(seat->token);
        }
        seat = newcomer();
    }
    void change_mind() {
        const auto& p = *seats_[below(seats_.size())];
        const auto& shown = camera(below(kCameras)).client.id();
        const int last_n = below(4) == 0 ? 1 : -1;
        worker_.say(p.token, R"({"colibriClass":"ReceiverVideoConstraints","lastN":)" +
                                 std::to_string(last_n) + R"(,"onStageSources":[")" + shown +
                                 R"(-v0"],"defaultConstraints":{"maxHeight":)" +
                                 std::to_string(180 << below(3)) + "}}");
        Person& muted = *seats_[below(seats_.size())];
        muted.muted = !muted.muted;
        EndpointUpdate update;
        update.token = muted.token;
        update.mute = MuteUpdate{muted.muted, false};
        worker_.update(std::move(update));
    }

    // The parts that ask the clock themselves are never ahead of what is simulated.
    TimePoint now_ = Clock::now() + std::chrono::hours(1);
    SctpContext sctp_;
    std::shared_ptr<const DtlsContext> dtls_ = make_dtls_context();
    SimulatedWorker worker_;
    std::mt19937 random_{1};
    std::vector<std::unique_ptr<Person>> seats_;
    std::vector<std::unique_ptr<Person>> ghosts_;
    std::uint64_t steps_ = 0;
    TimePoint next_seat_{};
    std::size_t speaker_ = 0;
    unsigned joined_ = 0;
    std::uint64_t video_ = 0;
};

}  // namespace

TEST_CASE("an hour's conference of a hundred does not grow, and leaves nothing behind") {
    const bool figures = std::getenv("JMEET_CONFERENCE_FIGURES") != nullptr;
    Meeting meeting;
    const auto begun = Clock::now();
    meeting.begin();
    REQUIRE(meeting.connected() == kPeople);
    meeting.run(seconds(5));
    meeting.end();
    const std::size_t empty = live_heap();

    meeting.begin_again();
    // What is kept of a packet grows with the streams until it holds some seconds of each, and the
    // tables of outgoing SSRCs until they hold a thousand.
    constexpr int kParts = 6;
    constexpr int kWarm = 4;
    std::size_t warm = 0;
    for (int i = 1; i <= kParts; ++i) {
        for (int minute = 0; minute < kMinutes / kParts; ++minute) meeting.minute();
        const std::size_t heap = live_heap();
        const std::size_t present = kPeople + meeting.ghosts();
        CHECK(meeting.worker().conference().members().size() == present);
        CHECK(meeting.worker().demux().token_count() == present);
        CHECK(meeting.worker().pool().in_use() <= 2 * UdpPort::kBatch);
        if (figures) {
            MESSAGE("heap ", heap / 1024, " KiB, ", present, " present, ", meeting.joined(),
                    " have joined");
        }
        if (i == kWarm) warm = heap;
        if (i > kWarm && kMinutes == 60) CHECK(heap < warm + warm / 20);
    }
    CHECK(meeting.connected() >= kPeople - 1);  // the last to come may be on the way
    CHECK(meeting.video() > std::uint64_t{500} * kMinutes);
    const auto video = meeting.video();
    CHECK(meeting.worker().counters().nacks_received > 20);
    CHECK(meeting.worker().counters().retransmissions_sent > 20);

    meeting.end();
    const std::size_t after = live_heap();
    if (figures) {
        const std::chrono::duration<double> wall = Clock::now() - begun;
        MESSAGE("warm ", warm, " bytes; empty ", empty, " before, ", after, " after, ",
                video, " packets of video received; ", wall.count(), " s");
    }
    // Not a kilobyte for each of those who have been here.
    CHECK(after < empty + meeting.joined() * 1'000);
}
