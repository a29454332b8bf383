#include "bridge/rtp/packet.hpp"

#include <limits>

namespace jmeet::bridge {

namespace {

constexpr std::uint16_t kOneByteProfile = 0xBEDE;
constexpr std::uint16_t kTwoByteProfile = 0x1000;  // with four bits of "appbits"
constexpr std::size_t kMaxDatagram = std::numeric_limits<std::uint16_t>::max();
constexpr std::uint8_t kStopId = 15;               // one-byte form: ends the list

}  // namespace

std::optional<RtpPacket> RtpPacket::parse(BytesView packet) {
    if (packet.size() < kRtpFixedHeader || packet.size() > kMaxDatagram) return {};
    if ((packet[0] >> 6) != 2) return {};
    RtpPacket view;
    view.bytes_ = packet;
    view.csrc_size_ = static_cast<std::uint8_t>((packet[0] & 0x0f) * 4);
    std::size_t header = kRtpFixedHeader + view.csrc_size_;
    if (header > packet.size()) return {};
    if (packet[0] & 0x10) {
        if (packet.size() - header < 4) return {};
        view.profile_ = load_be16(&packet[header]);
        const std::size_t size = std::size_t{load_be16(&packet[header + 2])} * 4;
        header += 4;
        if (packet.size() - header < size) return {};
        view.read_elements(header, size);
        header += size;
    }
    std::size_t padding = 0;
    if (packet[0] & 0x20) {
        padding = packet.back();
        if (padding == 0 || padding > packet.size() - header) return {};
    }
    view.header_size_ = static_cast<std::uint16_t>(header);
    view.payload_size_ = static_cast<std::uint16_t>(packet.size() - header - padding);
    return view;
}

void RtpPacket::read_elements(std::size_t from, std::size_t size) {
    if (profile_ == kOneByteProfile) {
        read_one_byte_elements(from, from + size);
    } else if ((profile_ & 0xfff0) == kTwoByteProfile) {
        read_two_byte_elements(from, from + size);
    }
}

void RtpPacket::read_one_byte_elements(std::size_t at, std::size_t end) {
    while (at < end) {
        const std::uint8_t head = bytes_[at++];
        const std::uint8_t id = head >> 4;
        if (id == kStopId) return;
        if (id == 0) continue;  // padding
        const std::size_t size = (head & 0x0f) + std::size_t{1};
        if (end - at < size) return;
        keep(id, at, size);
        at += size;
    }
}

void RtpPacket::read_two_byte_elements(std::size_t at, std::size_t end) {
    while (at < end) {
        const std::uint8_t id = bytes_[at++];
        if (id == 0) continue;  // padding
        if (at == end) return;
        const std::size_t size = bytes_[at++];
        if (end - at < size) return;
        keep(id, at, size);
        at += size;
    }
}

void RtpPacket::keep(std::uint8_t id, std::size_t offset, std::size_t size) {
    if (element_count_ == kMaxExtensions) return;
    elements_[element_count_++] = {id, static_cast<std::uint8_t>(size),
                                   static_cast<std::uint16_t>(offset)};
}

const RtpPacket::Element* RtpPacket::find(std::uint8_t id) const {
    for (std::size_t i = 0; i < element_count_; ++i) {
        if (elements_[i].id == id) return &elements_[i];
    }
    return nullptr;
}

std::optional<BytesView> RtpPacket::find_extension(std::uint8_t id) const {
    const Element* element = find(id);
    if (!element) return {};
    return bytes_.subspan(element->offset, element->size);
}

std::optional<std::size_t> RtpPacket::find_extension_offset(std::uint8_t id) const {
    const Element* element = find(id);
    if (!element) return {};
    return element->offset;
}

std::optional<AudioLevel> find_audio_level(const RtpPacket& packet, std::uint8_t id) {
    const auto data = packet.find_extension(id);
    if (!data || data->empty()) return {};
    const std::uint8_t byte = data->front();
    return AudioLevel{static_cast<std::uint8_t>(byte & 0x7f), (byte & 0x80) != 0};
}

std::optional<std::uint16_t> find_transport_seq(const RtpPacket& packet, std::uint8_t id) {
    const auto data = packet.find_extension(id);
    if (!data || data->size() < 2) return {};
    return load_be16(data->data());
}

std::optional<std::uint32_t> find_abs_send_time(const RtpPacket& packet, std::uint8_t id) {
    const auto data = packet.find_extension(id);
    if (!data || data->size() < 3) return {};
    return load_be24(data->data());
}

}  // namespace jmeet::bridge
