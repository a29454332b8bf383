#include "bridge/sctp/data_channel.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "bridge/sctp/association.hpp"

namespace jmeet::bridge {
namespace {

// RFC 8831 section 8.
constexpr std::uint32_t kPpidDcep = 50;
constexpr std::uint32_t kPpidString = 51;
constexpr std::uint32_t kPpidEmptyString = 56;
// RFC 8832 section 8.2.1.
constexpr std::uint8_t kDcepAck = 2;
constexpr std::uint8_t kDcepOpen = 3;

BytesView bytes_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
std::string_view text_of(BytesView bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// DATA_CHANNEL_OPEN, RFC 8832 section 5.1: reliable and ordered, priority 0.
std::string open_request(std::string_view label, std::string_view protocol) {
    std::array<std::uint8_t, 256> bytes{};
    ByteWriter out(bytes);
    out.u8(kDcepOpen);
    out.u8(0);
    out.u16(0);
    out.u32(0);
    out.u16(static_cast<std::uint16_t>(label.size()));
    out.u16(static_cast<std::uint16_t>(protocol.size()));
    out.bytes(bytes_of(label));
    out.bytes(bytes_of(protocol));
    return std::string(text_of(out.written()));
}

}  // namespace

SctpContext::SctpContext() = default;
SctpContext::~SctpContext() = default;

void SctpContext::on_timer(TimePoint now) {
    SctpAssociation::drive_timers(now);
    const std::uint64_t events = SctpAssociation::events_ever();
    if (std::exchange(events_seen_, events) == events) return;
    // By index: a handler may make a transport, or close another, while this runs.
    for (std::size_t i = 0; i < transports_.size(); ++i) {
        DataChannelTransport* transport = transports_[i];
        if (transport->association_->has_events()) transport->deliver();
    }
}

DataChannelTransport::DataChannelTransport(SctpContext& context, SctpRole role,
                                           DataChannelHandler& handler)
    : context_(context),
      handler_(handler),
      role_(role),
      association_(std::make_unique<SctpAssociation>(SctpAssociation::Settings{
          .port = kPort, .streams = kMaxStreams, .mtu = kSctpMtu, .max_message = kMaxMessage})) {
    context_.transports_.push_back(this);
}

DataChannelTransport::~DataChannelTransport() { std::erase(context_.transports_, this); }

bool DataChannelTransport::start() {
    if (alive_) return false;
    alive_ = role_ == SctpRole::server ? association_->listen() : association_->connect();
    deliver();
    return alive_;
}

void DataChannelTransport::on_packet(BytesView packet) {
    if (!alive_) return;
    association_->input(packet);
    deliver();
}

ChannelSend DataChannelTransport::send(std::string_view text) {
    if (channel_ != Channel::open) return ChannelSend::not_open;
    if (text.size() > kMaxMessage) return ChannelSend::too_large;
    // SCTP has no empty messages; RFC 8831 section 6.6 sends a byte that says so.
    const auto result = text.empty() ? enqueue({stream_, kPpidEmptyString, std::string(1, '\0')})
                                     : enqueue({stream_, kPpidString, std::string(text)});
    deliver();
    return result;
}

void DataChannelTransport::close() {
    if (!alive_) return;
    alive_ = false;
    channel_ = Channel::none;
    queue_.clear();
    queued_bytes_ = 0;
    association_->abort();
    deliver();
}

std::uint64_t DataChannelTransport::dropped_messages() const {
    return association_->dropped_messages();
}

// Tells the handler what has happened. A handler may call back in: what that causes is told by the
// outermost call, in order.
void DataChannelTransport::deliver() {
    if (delivering_) return;
    delivering_ = true;
    using Kind = SctpEvent::Kind;
    for (flush(); association_->has_events(); flush()) {
        for (SctpEvent& event : association_->take_events()) {
            if (event.kind == Kind::packet) {
                handler_.on_sctp_outgoing(bytes_of(event.bytes));
                continue;
            }
            if (!alive_) continue;  // closed from one of the handler's calls
            if (event.kind == Kind::message) on_message(event.stream, event.ppid, event.bytes);
            if (event.kind == Kind::up) on_association_up();
            if (event.kind == Kind::stream_reset && channel_ != Channel::none &&
                event.stream == stream_) {
                association_->reset_stream(stream_);  // RFC 8831 section 6.7: both directions
                channel_gone();
            }
            if (event.kind == Kind::lost) {
                alive_ = false;
                channel_gone();
            }
        }
    }
    delivering_ = false;
}

void DataChannelTransport::on_association_up() {
    // The peer may have started over; its channel is then gone.
    if (channel_ != Channel::none) channel_gone();
    if (role_ != SctpRole::client) return;
    channel_ = Channel::opening;
    stream_ = 0;
    enqueue({stream_, kPpidDcep, open_request(kRelayLabel, kProtocol)});
}

void DataChannelTransport::channel_gone() {
    channel_ = Channel::none;
    queue_.clear();
    queued_bytes_ = 0;
    handler_.on_channel_closed();
}

void DataChannelTransport::become_open(std::string_view label, std::string_view protocol) {
    channel_ = Channel::open;
    handler_.on_channel_open(label, protocol);
}

void DataChannelTransport::on_message(std::uint16_t stream, std::uint32_t ppid,
                                      std::string_view payload) {
    if (ppid == kPpidDcep) {
        on_dcep(stream, payload);
        return;
    }
    if (ppid != kPpidString || channel_ == Channel::none || stream != stream_) {
        ++counters_.ignored_messages;
        return;
    }
    // Data is as good as an ACK: a peer may send at once after it.
    if (channel_ == Channel::opening) become_open(kRelayLabel, kProtocol);
    ++counters_.received;
    handler_.on_channel_text(payload);
}

void DataChannelTransport::on_dcep(std::uint16_t stream, std::string_view payload) {
    const std::uint8_t type = payload.empty() ? 0 : static_cast<std::uint8_t>(payload[0]);
    if (type == kDcepOpen) {
        on_open_request(stream, payload);
    } else if (type == kDcepAck && channel_ == Channel::opening && stream == stream_) {
        become_open(kRelayLabel, kProtocol);
    } else {
        ++counters_.ignored_messages;
    }
}

void DataChannelTransport::on_open_request(std::uint16_t stream, std::string_view payload) {
    ByteReader in(bytes_of(payload));
    in.skip(8);  // type, channel type, priority, reliability: what the peer sends is its affair
    const std::uint16_t label_size = in.u16();
    const std::uint16_t protocol_size = in.u16();
    const std::string_view label = text_of(in.bytes(label_size));
    const std::string_view protocol = text_of(in.bytes(protocol_size));
    if (!in.ok()) {
        ++counters_.ignored_messages;
        return;
    }
    // COMPAT: one channel per association, no ACK for more; any label and protocol. All as in JVB.
    if (channel_ != Channel::none) {
        ++counters_.rejected_channels;
        return;
    }
    stream_ = stream;
    enqueue({stream, kPpidDcep, std::string(1, static_cast<char>(kDcepAck))});
    become_open(label, protocol);
}

ChannelSend DataChannelTransport::enqueue(Outgoing message) {
    if (queue_.size() >= kMaxQueuedMessages ||
        queued_bytes_ + message.payload.size() > kMaxQueuedBytes) {
        return ChannelSend::queue_full;
    }
    queued_bytes_ += message.payload.size();
    queue_.push_back(std::move(message));
    flush();
    return ChannelSend::ok;
}

void DataChannelTransport::flush() {
    while (!queue_.empty()) {
        const Outgoing& next = queue_.front();
        const SctpSend answer = association_->send(next.stream, next.ppid, next.payload);
        if (answer == SctpSend::would_block) return;
        if (answer == SctpSend::ok && next.ppid != kPpidDcep) ++counters_.sent;
        queued_bytes_ -= next.payload.size();
        queue_.pop_front();
    }
}

}  // namespace jmeet::bridge
