#include "bridge/forward/rewrite.hpp"

#include <algorithm>
#include <array>
#include <chrono>

#include "bridge/rtp/codecs/vp8.hpp"

namespace jmeet::bridge {

namespace {

// LIMIT: what is rewritten in front of a payload: RTX's two bytes and a VP8 descriptor, or the
// first bytes of a VP9 descriptor.
constexpr std::size_t kMaxHead = 2 + kMaxVp8Descriptor;
constexpr std::size_t kMaxElement = 255;

// The payload in two parts: what was written anew, and the rest as received.
struct Payload {
    std::array<std::uint8_t, kMaxHead> head;
    std::size_t head_size = 0;
    BytesView tail;
};

bool put_vp8(const Rewrite& rewrite, BytesView payload, Payload& out) {
    const auto d = Vp8Descriptor::parse(payload);
    if (!d) return false;
    const std::size_t n =
        write_vp8_descriptor(payload, *d, rewrite.number, rewrite.tl0picidx,
                             Bytes(out.head).subspan(out.head_size));
    out.head_size += n;
    out.tail = payload.subspan(d->size);
    return n != 0;
}

// RFC 9628 section 4.2: flags I P L F B E V Z; picture id of 7 or 15 bits; with L a layer octet,
// and outside flexible mode TL0PICIDX after it. Lengths stay.
bool put_vp9(const Rewrite& rewrite, BytesView payload, Payload& out) {
    constexpr std::uint8_t kPictureId = 0x80;
    constexpr std::uint8_t kLayers = 0x20;
    constexpr std::uint8_t kFlexible = 0x10;
    if (payload.size() < 2) return false;
    const std::uint8_t flags = payload[0];
    std::size_t size = 1;
    const bool long_id = (flags & kPictureId) && (payload[1] & 0x80);
    if (flags & kPictureId) size += long_id ? 2 : 1;
    const bool tl0 = (flags & kLayers) && !(flags & kFlexible);
    if (flags & kLayers) size += tl0 ? 2 : 1;
    if (payload.size() < size) return false;
    std::uint8_t* head = out.head.data() + out.head_size;
    std::copy_n(payload.begin(), size, head);
    if (long_id) {
        store_be16(head + 1, static_cast<std::uint16_t>(0x8000 | (rewrite.number & 0x7fff)));
    } else if (flags & kPictureId) {
        head[1] = static_cast<std::uint8_t>(rewrite.number & 0x7f);
    }
    if (tl0) head[size - 1] = rewrite.tl0picidx;
    out.head_size += size;
    out.tail = payload.subspan(size);
    return true;
}

bool put_payload(const Rewrite& rewrite, BytesView payload, Payload& out) {
    switch (rewrite.fields) {
        case RewriteFields::vp8: return put_vp8(rewrite, payload, out);
        case RewriteFields::vp9: return put_vp9(rewrite, payload, out);
        case RewriteFields::none:
        case RewriteFields::dependency_descriptor: break;
    }
    out.tail = payload;
    return true;
}

// Adds to a 6-bit field at a bit position.
void add_to_6_bits(std::uint8_t* data, std::size_t bit, std::uint8_t delta) {
    std::uint8_t* at = data + bit / 8;
    const unsigned shift = 16 - 6 - bit % 8;
    const std::uint16_t old = load_be16(at);
    const std::uint16_t value = static_cast<std::uint16_t>(((old >> shift) + delta) & 63);
    store_be16(at, static_cast<std::uint16_t>((old & ~(63u << shift)) |
                                              static_cast<unsigned>(value << shift)));
}

// Sets the mask of active decode targets in a descriptor without a structure: 24 bits, five flags,
// the mask when the second flag says so, then the frame's own fields. Returns the new size.
std::size_t put_mask(const Rewrite& rewrite, BytesView source, Bytes out) {
    constexpr std::size_t kMask = 3 * 8 + 5;
    const bool extended = source.size() > 3;
    const bool replaces = extended && (source[3] & 0x40);
    const std::size_t from = replaces ? kMask + rewrite.mask_bits : kMask;
    const std::size_t rest = source.size() * 8 > from ? source.size() * 8 - from : 0;
    const std::size_t size = (kMask + rewrite.mask_bits + rest + 7) / 8;
    if (size > out.size()) return 0;
    std::fill(out.begin() + 3, out.begin() + static_cast<std::ptrdiff_t>(size), std::uint8_t{0});
    out[3] = static_cast<std::uint8_t>((extended ? source[3] & 0xf8 : 0) | 0x40);
    const auto set = [&out](std::size_t bit) {
        out[bit / 8] = static_cast<std::uint8_t>(out[bit / 8] | (0x80u >> bit % 8));
    };
    for (std::size_t i = 0; i < rewrite.mask_bits; ++i) {
        if (rewrite.mask >> (rewrite.mask_bits - 1 - i) & 1u) set(kMask + i);
    }
    for (std::size_t i = 0; i < rest; ++i) {
        if (source[(from + i) / 8] & (0x80u >> (from + i) % 8)) set(kMask + rewrite.mask_bits + i);
    }
    return size;
}

// The mandatory fields, then for an extended descriptor five flags, of which the first says that
// a structure follows, which begins with its template id offset.
std::size_t put_descriptor(const Rewrite& rewrite, BytesView source,
                           std::array<std::uint8_t, kMaxElement>& out) {
    constexpr std::size_t kMandatory = 3;
    if (source.size() < kMandatory || source.size() > out.size()) return 0;
    std::copy(source.begin(), source.end(), out.begin());
    std::size_t size = source.size();
    add_to_6_bits(out.data(), 2, rewrite.tl0picidx);
    store_be16(&out[1], rewrite.number);
    const bool structure = size > kMandatory + 1 && (source[kMandatory] & 0x80);
    if (structure) {
        add_to_6_bits(out.data(), kMandatory * 8 + 5, rewrite.tl0picidx);
    }
    if (rewrite.mask_bits > 0 && !structure) size = put_mask(rewrite, source, out);
    return size;
}

void move_element(const RtpPacket& packet, Extension type, const ExtensionMapping& ids,
                  ExtensionList& list) {
    if (ids.from[type] == ids.to[type]) {
        list.keep(packet, ids.from[type]);
    } else if (const auto data = packet.find_extension(ids.from[type])) {
        list.set(ids.to[type], *data);
    }
}

void put_extensions(const RtpPacket& packet, const Rewrite& rewrite, const ExtensionMapping& ids,
                    const Stamps& stamps, ExtensionList& list) {
    move_element(packet, Extension::audio_level, ids, list);
    move_element(packet, Extension::video_orientation, ids, list);
    if (rewrite.fields == RewriteFields::dependency_descriptor) {
        if (const auto data = packet.find_extension(ids.from[Extension::dependency_descriptor])) {
            std::array<std::uint8_t, kMaxElement> element;
            const std::size_t size = put_descriptor(rewrite, *data, element);
            if (size) {
                list.set(ids.to[Extension::dependency_descriptor], BytesView(element).first(size));
            }
        }
    }
    if (stamps.abs_send_time) {
        list.set_u24(ids.to[Extension::abs_send_time], *stamps.abs_send_time);
    }
    if (!stamps.mid.empty()) {
        const auto* text = reinterpret_cast<const std::uint8_t*>(stamps.mid.data());
        list.set(ids.to[Extension::mid], BytesView(text, stamps.mid.size()));
    }
    if (stamps.transport_seq) {
        list.set_u16(ids.to[Extension::transport_cc], *stamps.transport_seq);
    }
}

}  // namespace

Rewrite unchanged(const RtpPacket& packet) {
    Rewrite out;
    out.ssrc = packet.ssrc();
    out.timestamp = packet.timestamp();
    out.seq = packet.seq();
    out.marker = packet.marker();
    return out;
}

std::uint32_t abs_send_time(TimePoint now) {
    const auto us = std::chrono::duration_cast<microseconds>(now.time_since_epoch()).count();
    const auto fixed = (static_cast<std::uint64_t>(us) << 18) / 1'000'000;
    return static_cast<std::uint32_t>(fixed & 0xff'ffff);
}

std::size_t write_forwarded(const RtpPacket& packet, const Rewrite& rewrite,
                            const ExtensionMapping& extensions, const Stamps& stamps, Bytes out) {
    Payload payload;
    if (!put_payload(rewrite, packet.payload(), payload)) return 0;
    ExtensionList list;
    put_extensions(packet, rewrite, extensions, stamps, list);
    const RtpHeader header{rewrite.marker,    packet.pt(),  rewrite.seq,
                           rewrite.timestamp, rewrite.ssrc, packet.csrcs()};
    return write_rtp(header, list, BytesView(payload.head).first(payload.head_size), payload.tail,
                     out);
}

std::size_t write_retransmission(const RtpPacket& packet, const Rewrite& rewrite,
                                 const RtxTarget& rtx, const ExtensionMapping& extensions,
                                 const Stamps& stamps, Bytes out) {
    Payload payload;
    store_be16(payload.head.data(), rewrite.seq);
    payload.head_size = 2;
    if (!put_payload(rewrite, packet.payload(), payload)) return 0;
    ExtensionList list;
    put_extensions(packet, rewrite, extensions, stamps, list);
    const RtpHeader header{rewrite.marker,    rtx.pt,   rtx.seq,
                           rewrite.timestamp, rtx.ssrc, packet.csrcs()};
    return write_rtp(header, list, BytesView(payload.head).first(payload.head_size), payload.tail,
                     out);
}

}  // namespace jmeet::bridge
