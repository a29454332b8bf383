// RTCP from the network: the compound and each message; what is read can be written.
#include <array>
#include <cstdlib>

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
    nack->for_each([&](std::uint16_t) { ++count; });
    require(count >= nack->items.size() / 4 && count <= nack->items.size() / 4 * 17);
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
