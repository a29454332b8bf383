// RTCP from the network: the compound and each message; what is read can be written.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <vector>

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

using namespace jmeet;
using namespace jmeet::bridge;
using namespace jmeet::bridge::rtcp;

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

template <class Message>
void check(const Packet& packet) {
    const auto message = Message::parse(packet);
    if (!message) return;
    std::array<std::uint8_t, 16'384> out;
    const std::size_t size = message->write(out);
    require(size >= kCommonHeader && size % 4 == 0);
    CompoundReader reader(BytesView(out).first(size));
    const auto again = reader.next();
    require(again.has_value() && Message::parse(*again).has_value());
}

void check_nack(const Packet& packet) {
    const auto nack = Nack::parse(packet);
    if (!nack) return;
    std::size_t count = 0;
    std::vector<std::uint16_t> lost;
    nack->for_each([&](std::uint16_t seq) {
        ++count;
        lost.push_back(seq);
    });
    require(count >= nack->items.size() / 4 && count <= nack->items.size() / 4 * 17);

    // In sending order, each once, as the writer wants them.
    if (lost.empty()) return;
    const std::uint16_t first = lost.front();
    const auto place = [first](std::uint16_t seq) { return static_cast<std::uint16_t>(seq - first); };
    std::sort(lost.begin(), lost.end(),
              [&](std::uint16_t a, std::uint16_t b) { return place(a) < place(b); });
    lost.erase(std::unique(lost.begin(), lost.end()), lost.end());
    std::array<std::uint8_t, 16'384> out;
    const std::size_t size = write_nack(nack->sender, nack->media, lost, out);
    require(size > 0);
    CompoundReader reader(BytesView(out).first(size));
    const auto again = Nack::parse(*reader.next());
    require(again.has_value() && again->sender == nack->sender && again->media == nack->media);
    std::size_t at = 0;
    again->for_each([&](std::uint16_t seq) { require(at < lost.size() && seq == lost[at++]); });
    require(at == lost.size() || size + 4 > kMaxCompound);
}

// What was received, put into a feedback of our own, is read as the same numbers and times.
void build_again(const TransportCc& feedback) {
    std::vector<TccStatus> received;
    feedback.for_each([&](const TccStatus& status) {
        if (status.received) received.push_back(status);
    });
    if (received.empty()) return;
    const auto arrival = [](TccTicks at) {
        // Times of the wire may lie before their epoch.
        return TimePoint(std::chrono::duration_cast<Duration>(at) + std::chrono::hours(1000));
    };
    TransportCcBuilder builder(feedback.base_seq(), arrival(received.front().at));
    std::size_t taken = 0;
    while (taken < received.size() &&
           builder.add_received(received[taken].seq, arrival(received[taken].at))) {
        ++taken;
    }
    std::array<std::uint8_t, kMaxCompound> out;
    const std::size_t size =
        builder.write(feedback.sender(), feedback.media(), feedback.feedback_count(), out);
    require((size > 0) == (taken > 0));
    if (taken == 0) return;
    CompoundReader reader(BytesView(out).first(size));
    const auto again = TransportCc::parse(*reader.next());
    require(again && again->base_seq() == feedback.base_seq());
    require(again->status_count() == builder.status_count());
    std::size_t at = 0;
    TccTicks first{};
    again->for_each([&](const TccStatus& status) {
        if (!status.received) return;
        if (at == 0) first = status.at;
        require(at < taken && status.seq == received[at].seq);
        require(status.at - first == received[at].at - received.front().at);
        ++at;
    });
    require(at == taken);
}

void check_transport_cc(const Packet& packet) {
    const auto feedback = TransportCc::parse(packet);
    if (!feedback) return;
    std::size_t count = 0;
    feedback->for_each([&](const TccStatus& status) {
        require(status.seq == static_cast<std::uint16_t>(feedback->base_seq() + count));
        ++count;
    });
    require(count == feedback->status_count());
    build_again(*feedback);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    CompoundReader reader({data, size});
    while (const auto packet = reader.next()) {
        check<SenderReport>(*packet);
        check<ReceiverReport>(*packet);
        check<Sdes>(*packet);
        check<Bye>(*packet);
        check<Pli>(*packet);
        check<Fir>(*packet);
        check<Remb>(*packet);
        check_nack(*packet);
        check_transport_cc(*packet);
    }
    return 0;
}
