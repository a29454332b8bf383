// Namespaces, spelled once.
#pragma once

namespace jmeet::xmpp::ns {

inline constexpr char kClient[] = "jabber:client";
inline constexpr char kComponent[] = "jabber:component:accept";
inline constexpr char kStanzaErrors[] = "urn:ietf:params:xml:ns:xmpp-stanzas";
inline constexpr char kMuc[] = "http://jabber.org/protocol/muc";
inline constexpr char kMucUser[] = "http://jabber.org/protocol/muc#user";
inline constexpr char kMucAdmin[] = "http://jabber.org/protocol/muc#admin";
inline constexpr char kMucOwner[] = "http://jabber.org/protocol/muc#owner";
inline constexpr char kDataForms[] = "jabber:x:data";
inline constexpr char kDiscoInfo[] = "http://jabber.org/protocol/disco#info";
inline constexpr char kDiscoItems[] = "http://jabber.org/protocol/disco#items";
inline constexpr char kCaps[] = "http://jabber.org/protocol/caps";
inline constexpr char kPing[] = "urn:xmpp:ping";
inline constexpr char kVersion[] = "jabber:iq:version";
inline constexpr char kNick[] = "http://jabber.org/protocol/nick";

inline constexpr char kJingle[] = "urn:xmpp:jingle:1";
inline constexpr char kJingleRtp[] = "urn:xmpp:jingle:apps:rtp:1";
inline constexpr char kJingleRtcpFb[] = "urn:xmpp:jingle:apps:rtp:rtcp-fb:0";
inline constexpr char kJingleHdrExt[] = "urn:xmpp:jingle:apps:rtp:rtp-hdrext:0";
inline constexpr char kJingleSsma[] = "urn:xmpp:jingle:apps:rtp:ssma:0";
inline constexpr char kJingleIceUdp[] = "urn:xmpp:jingle:transports:ice-udp:1";
inline constexpr char kJingleDtls[] = "urn:xmpp:jingle:apps:dtls:0";
inline constexpr char kJingleSctp[] = "urn:xmpp:jingle:transports:dtls-sctp:1";
inline constexpr char kJingleGrouping[] = "urn:xmpp:jingle:apps:grouping:0";

inline constexpr char kColibri2[] = "jitsi:colibri2";
inline constexpr char kColibri[] = "http://jitsi.org/protocol/colibri";
inline constexpr char kHealth[] = "http://jitsi.org/protocol/healthcheck";
inline constexpr char kHeartbeat[] = "urn:jmeet:heartbeat:1";
inline constexpr char kFocus[] = "http://jitsi.org/protocol/focus";
inline constexpr char kJitmeet[] = "http://jitsi.org/jitmeet";
inline constexpr char kJitmeetAudio[] = "http://jitsi.org/jitmeet/audio";
inline constexpr char kJitmeetVideo[] = "http://jitsi.org/jitmeet/video";
inline constexpr char kJitmeetDesktop[] = "http://jitsi.org/jitmeet/desktop";
inline constexpr char kStartMuted[] = "http://jitsi.org/jitmeet/start-muted";

}  // namespace jmeet::xmpp::ns
