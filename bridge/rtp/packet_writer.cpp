#include "bridge/rtp/packet_writer.hpp"

#include <algorithm>

namespace jmeet::bridge {

namespace {

constexpr std::size_t kMaxOneByteSize = 16;
constexpr std::uint8_t kMaxOneByteId = 14;
constexpr std::size_t kMaxElementSize = 255;
constexpr std::size_t kOsnSize = 2;
constexpr std::size_t kMaxCsrcs = 15;  // the count field has four bits

void write_extensions(const ExtensionList& list, ByteWriter& out) {
    const std::size_t encoded = list.encoded_size();
    const std::size_t start = out.size();
    const bool two_byte = list.needs_two_byte_form();
    out.u16(two_byte ? 0x1000 : 0xBEDE);
    out.u16(static_cast<std::uint16_t>(encoded / 4 - 1));
    for (std::size_t i = 0; i < list.size(); ++i) {
        const ExtensionElement element = list[i];
        if (two_byte) {
            out.u8(element.id);
            out.u8(static_cast<std::uint8_t>(element.data.size()));
        } else {
            out.u8(static_cast<std::uint8_t>((element.id << 4) | (element.data.size() - 1)));
        }
        out.bytes(element.data);
    }
    out.zeros(encoded - (out.ok() ? out.size() - start : encoded));
}

// Everything before the payload.
void write_head(const RtpHeader& header, const ExtensionList& extensions, std::uint8_t flags,
                ByteWriter& out) {
    const std::size_t csrcs = std::min(header.csrcs.size() / 4, kMaxCsrcs);
    out.u8(static_cast<std::uint8_t>(0x80 | flags | (extensions.size() ? 0x10 : 0) | csrcs));
    out.u8(static_cast<std::uint8_t>((header.marker ? 0x80 : 0) | (header.pt & 0x7f)));
    out.u16(header.seq);
    out.u32(header.timestamp);
    out.u32(header.ssrc.value());
    out.bytes(header.csrcs.first(csrcs * 4));
    if (extensions.size()) write_extensions(extensions, out);
}

}  // namespace

RtpHeader header_of(const RtpPacket& packet) {
    return {packet.marker(),    packet.pt(),   packet.seq(),
            packet.timestamp(), packet.ssrc(), packet.csrcs()};
}

ExtensionList::Slot* ExtensionList::find(std::uint8_t id) {
    for (std::size_t i = 0; i < count_; ++i) {
        if (slots_[i].id == id) return &slots_[i];
    }
    return nullptr;
}

ExtensionList::Slot* ExtensionList::add(std::uint8_t id) {
    if (Slot* slot = find(id)) return slot;
    if (count_ == kMaxExtensions) return nullptr;
    slots_[count_].id = id;
    return &slots_[count_++];
}

void ExtensionList::keep(const RtpPacket& from, std::uint8_t id) {
    if (id == 0) return;
    const auto data = from.find_extension(id);
    if (!data) return;
    if (Slot* slot = add(id)) {
        slot->own = false;
        slot->data = data->data();
        slot->size = static_cast<std::uint16_t>(data->size());
    }
}

bool ExtensionList::set(std::uint8_t id, BytesView data) {
    if (id == 0) return true;
    if (data.size() > kMaxElementSize || kStorage - used_ < data.size()) return false;
    Slot* slot = add(id);
    if (!slot) return false;
    slot->own = true;
    slot->offset = used_;
    slot->size = static_cast<std::uint16_t>(data.size());
    if (!data.empty()) std::memcpy(&storage_[used_], data.data(), data.size());
    used_ = static_cast<std::uint16_t>(used_ + data.size());
    return true;
}

bool ExtensionList::set_u16(std::uint8_t id, std::uint16_t value) {
    std::array<std::uint8_t, 2> data;
    store_be16(data.data(), value);
    return set(id, data);
}

bool ExtensionList::set_u24(std::uint8_t id, std::uint32_t value) {
    std::array<std::uint8_t, 3> data;
    store_be24(data.data(), value);
    return set(id, data);
}

void ExtensionList::remove(std::uint8_t id) {
    if (Slot* slot = find(id)) *slot = slots_[--count_];
}

ExtensionElement ExtensionList::operator[](std::size_t index) const {
    const Slot& slot = slots_[index];
    return {slot.id, BytesView(slot.own ? storage_.data() + slot.offset : slot.data, slot.size)};
}

bool ExtensionList::needs_two_byte_form() const {
    for (std::size_t i = 0; i < count_; ++i) {
        const Slot& slot = slots_[i];
        if (slot.id > kMaxOneByteId || slot.size == 0 || slot.size > kMaxOneByteSize) return true;
    }
    return false;
}

std::size_t ExtensionList::encoded_size() const {
    if (count_ == 0) return 0;
    const std::size_t head = needs_two_byte_form() ? 2 : 1;
    std::size_t size = 4;
    for (std::size_t i = 0; i < count_; ++i) size += head + slots_[i].size;
    return (size + 3) / 4 * 4;
}

std::size_t write_rtp(const RtpHeader& header, const ExtensionList& extensions, BytesView head,
                      BytesView tail, Bytes out) {
    ByteWriter writer(out);
    write_head(header, extensions, 0, writer);
    writer.bytes(head);
    writer.bytes(tail);
    return writer.ok() ? writer.size() : 0;
}

std::size_t write_padding(const RtpHeader& header, const ExtensionList& extensions,
                          std::uint8_t padding, Bytes out) {
    if (padding == 0) return 0;
    ByteWriter writer(out);
    write_head(header, extensions, 0x20, writer);
    writer.zeros(padding - std::size_t{1});
    writer.u8(padding);
    return writer.ok() ? writer.size() : 0;
}

std::size_t write_rtx(const RtpPacket& original, const RtxTarget& target,
                      const ExtensionList& extensions, Bytes out) {
    RtpHeader header = header_of(original);
    header.pt = target.pt;
    header.ssrc = target.ssrc;
    header.seq = target.seq;
    std::array<std::uint8_t, kOsnSize> osn;
    store_be16(osn.data(), original.seq());
    return write_rtp(header, extensions, osn, original.payload(), out);
}

std::size_t unwrap_rtx(Bytes packet, const RtpPacket& view, Ssrc primary, std::uint8_t pt) {
    if (view.payload().size() < kOsnSize) return 0;
    const std::size_t at = view.header_size();
    const std::uint16_t osn = load_be16(&packet[at]);
    std::memmove(&packet[at], &packet[at] + kOsnSize, packet.size() - at - kOsnSize);
    set_seq(packet, osn);
    set_ssrc(packet, primary);
    set_pt(packet, pt);
    return packet.size() - kOsnSize;
}

std::size_t strip_padding(Bytes packet, const RtpPacket& view) {
    packet[0] = static_cast<std::uint8_t>(packet[0] & ~0x20);
    return packet.size() - view.padding_size();
}

std::size_t strip_red(Bytes packet, const RtpPacket& view) {
    ByteReader in(view.payload());
    std::size_t redundant = 0;
    std::uint8_t head = in.u8();
    // Four bytes for each redundant block, of which ten bits are its length; one for the primary.
    while (head & 0x80) {
        in.skip(1);
        redundant += in.u16() & 0x3ffu;
        head = in.u8();
        if (!in.ok()) return 0;
    }
    if (!in.ok() || in.remaining() <= redundant) return 0;
    const std::size_t from = view.header_size() + in.position() + redundant;
    const std::size_t size = in.remaining() - redundant;
    std::copy_n(packet.begin() + static_cast<std::ptrdiff_t>(from), size,
                packet.begin() + static_cast<std::ptrdiff_t>(view.header_size()));
    set_pt(packet, head & 0x7f);
    packet[0] = static_cast<std::uint8_t>(packet[0] & ~0x20);
    return view.header_size() + size;
}

}  // namespace jmeet::bridge
