// How much of the bridge one endpoint, one source, one message or one stranger may use, in one
// place. Constants only, so every room may read them; the rooms give them their own names where
// they use them. A limit is far above what a browser does and far below what hurts the others.
#pragma once

#include <cstddef>
#include <cstdint>

namespace jmeet::bridge::limits {

// --- the bridge ---
// Far above what one host's packet rate carries; they bound the tables.
inline constexpr std::size_t kConferences = 2'000;
inline constexpr std::size_t kEndpointsPerConference = 1'000;
// Addresses that one worker knows; about 40 bytes each.
inline constexpr std::size_t kAddresses = 65'536;

// --- one endpoint: what it may send ---
// Datagrams a second from its addresses, looked at before any of them is decrypted. A browser
// with a 4K camera and a screen sends 2,500; 20,000 full ones are 200 Mbit/s. What one endpoint
// can make a worker decrypt in vain is so about a fiftieth of a core.
inline constexpr std::int64_t kDatagramsPerSecond = 20'000;
// A key frame of every source at once, with what piled up while the network was away.
inline constexpr std::int64_t kDatagramBurst = 8'000;
// Connectivity checks a second to its ufrag from addresses that it has not proved. A browser
// sends some tens when it joins; each costs the bridge an HMAC, a microsecond.
inline constexpr std::int64_t kStrangersChecksPerSecond = 1'000;
inline constexpr std::int64_t kStrangersCheckBurst = 500;

// --- one endpoint: what is kept of it ---
// Remote addresses of one ICE agent. A browser has one to four; the oldest that never proved
// itself makes room for a new one.
inline constexpr std::size_t kAddressesPerAgent = 24;
// Agents of one endpoint: in use, pending in a restart, on its way out.
inline constexpr std::size_t kAgentsPerEndpoint = 3;
inline constexpr std::size_t kAddressesPerEndpoint = kAddressesPerAgent * kAgentsPerEndpoint;
// One ufrag per agent, and one spare for a check that is late.
inline constexpr std::size_t kUfragsPerEndpoint = kAgentsPerEndpoint + 1;
// Handshakes begun anew after nonsense: a peer that talks nonsense more often is no peer.
inline constexpr int kHandshakeRestarts = 4;
// SRTP streams per direction; the least recently used one goes. A client in a call with SSRC
// rewriting sees about 200.
inline constexpr std::size_t kStreamsPerDirection = 1'024;
// Signalled sources and SSRCs; the focus itself allows 20 SSRCs a participant.
inline constexpr std::size_t kSourcesPerEndpoint = 64;
inline constexpr std::size_t kSsrcsPerEndpoint = 256;
// Outgoing SSRCs whose reception it reports: two slots' worth of each media type and spare.
inline constexpr std::size_t kReportedSsrcs = 512;

// --- the bridge channel ---
// What an endpoint may say in a second: a message costs one, and one more per kilobyte, because
// most of what is long goes on to everybody. Clients say about one message a second, applications
// inside them (remote control, drawing) up to 60.
inline constexpr std::int64_t kChannelUnitsPerSecond = 100;
inline constexpr std::int64_t kChannelUnitBurst = 500;
inline constexpr std::size_t kChannelBytesPerUnit = 1'024;
// One message over the data channel: the max-message-size that clients put into their SDP.
inline constexpr std::size_t kDataChannelMessage = 262'144;
// What waits for a slow peer on the data channel; more than this and it is not reading at all.
// (On a WebSocket: 1 MiB, see base/http_server.hpp.)
inline constexpr std::size_t kQueuedMessages = 256;
inline constexpr std::size_t kQueuedBytes = 1'048'576;
// Streams of the association; one channel needs one, and clients number from 0 or 1.
inline constexpr std::uint16_t kDataChannelStreams = 64;
// Names in one list or map of one message; a conference has fewer sources.
inline constexpr std::size_t kNamesPerMessage = 2'000;
// Characters of a source name or endpoint id.
inline constexpr std::size_t kNameLength = 256;

// --- one source ---
// Packets of one microphone, each of which goes to everybody; video is bounded by what receivers
// ask for and can take. Opus packets are 2.5 ms or longer, 20 ms in browsers; the burst is what
// piled up while the network stood still for some seconds.
inline constexpr std::int64_t kAudioPacketsPerSecond = 400;
inline constexpr std::int64_t kAudioPacketBurst = 400;
// Packets kept for retransmission per encoding, as many as Jitsi's bridge keeps per receiver.
inline constexpr std::size_t kHistoryPackets = 512;
// Numbers waited for at a time; beyond it the oldest are given up.
inline constexpr std::size_t kMissingPackets = 256;

}  // namespace jmeet::bridge::limits
