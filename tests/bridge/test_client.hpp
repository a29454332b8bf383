// A small real client for tests and benches of the bridge: one UDP socket, ICE, DTLS, SRTP and a
// data channel made of our own rooms, and just enough RTP to be a camera and a microphone.
//
// Not a browser: it decodes nothing, numbers everything, and remembers what it got. The caller
// drives it: step() reads what has come and runs timers, and never waits.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bridge/dtls/session.hpp"
#include "bridge/dtls/srtp.hpp"
#include "bridge/ice/transport.hpp"
#include "bridge/rtp/packet.hpp"
#include "bridge/rtp/packet_writer.hpp"
#include "bridge/sctp/data_channel.hpp"
#include "xmpp/colibri2.hpp"

namespace jmeet::bridge::test {

struct ClientOptions {
    std::string id;
    bool ssrc_rewriting = false;
    bool sctp = true;
    bool transport_cc = true;
    bool remb = false;  // video then says when it was sent
    bool visitor = false;
    bool dtls_server = false;  // as old clients answer: setup:passive
    bool late_finished = false;  // a dtls_server's last flight waits for send_held()
    Duration consent_interval = milliseconds(500);  // browsers: 2.7 s
    int video_encodings = 1;
    std::uint32_t first_ssrc = 1000;  // audio; video follows: first+10, first+11 (rtx), +12, ...
};

struct ReceivedRtp {
    std::vector<std::uint8_t> bytes;
    std::int64_t arrived_ns = 0;  // wall clock of the kernel; 0: note_arrivals() was not asked for
    RtpPacket view() const { return *RtpPacket::parse(bytes); }
};

class TestClient final : private DtlsHandler, private DataChannelHandler {
 public:
    static constexpr std::uint8_t kOpus = 111;
    static constexpr std::uint8_t kVp8 = 100;
    static constexpr std::uint8_t kRtx = 96;
    static constexpr std::uint8_t kLevelId = 1;
    static constexpr std::uint8_t kTransportSeqId = 5;
    static constexpr std::uint16_t kFirstAudioSeq = 101;
    static constexpr std::uint8_t kSendTimeId = 3;

    TestClient(ClientOptions options, SctpContext& sctp, const DtlsContext& dtls);
    ~TestClient();

    const std::string& id() const { return options_.id; }
    // The <endpoint create='true'> of this client, and what session-accept says of it.
    xmpp::colibri2::Endpoint create_request() const;
    xmpp::colibri2::Endpoint accept_request() const;
    // The bridge's answer to the create: begins ICE.
    void on_answer(const xmpp::colibri2::Endpoint& answer, TimePoint now);

    // What the bridge said to that create.
    const xmpp::colibri2::Endpoint& created() const { return created_; }

    void step(TimePoint now);
    // Keys are there, and the bridge has chosen the way to here.
    bool connected() const { return srtp_.has_value() && ice_.selected().has_value(); }
    bool has_channel() const { return channel_ != nullptr; }  // open or to be opened
    bool channel_open() const { return channel_ && channel_->is_open(); }
    // Sends nothing any more: as a client whose network is gone.
    void go_silent() { silent_ = true; }
    void come_back() { silent_ = false; }
    // Any bytes from this client's address, without its proof.
    void send_raw(const Address& to, BytesView datagram) { send_to(to, datagram); }
    Address bridge_address() const { return *ice_.selected(); }
    // From another port from now on; what is sent to the old one is lost.
    void change_port();
    // As when a translator gives each the port that the other had.
    void exchange_ports(TestClient& other) { std::swap(fd_, other.fd_); }
    // The bridge's answer to a request for an ICE restart, and what the client says to it.
    xmpp::colibri2::Endpoint on_restart(const xmpp::colibri2::Endpoint& answer, TimePoint now);
    xmpp::colibri2::Endpoint restart_request() const {
        xmpp::colibri2::Endpoint e;
        e.id = options_.id;
        e.transport.emplace();
        e.transport->ice_restart = true;
        return e;
    }
    // With which of its passwords the way in use was found.
    const std::string& ufrag_in_use() const { return ice_.agent().local().ufrag; }

    Ssrc audio_ssrc() const { return Ssrc(options_.first_ssrc); }
    Ssrc video_ssrc(int encoding = 0) const {
        return Ssrc(options_.first_ssrc + 10 + 2 * static_cast<std::uint32_t>(encoding));
    }
    Ssrc rtx_ssrc(int encoding = 0) const { return Ssrc(video_ssrc(encoding).value() + 1); }

    void send_audio(std::uint8_t level, TimePoint now);
    enum class Frame : std::uint8_t { key, delta };
    // A packet of a VP8 frame, mostly the only one. `lost`: numbered but not sent. Layers above 0
    // are for those that can be left out.
    enum class Fate : std::uint8_t { sent, lost };
    enum class Part : std::uint8_t { whole, first, middle, last };
    void send_video(int encoding, Frame frame, std::size_t size, TimePoint now,
                    Fate fate = Fate::sent, Part part = Part::whole, std::uint8_t temporal = 0);
    // A packet of anything at all, protected as the others are.
    void send_packet(const RtpHeader& header, const ExtensionList& extensions, BytesView payload);
    // The next audio comes with a number that much further on.
    void skip_audio(std::uint16_t numbers) {
        audio_.seq = static_cast<std::uint16_t>(audio_.seq + numbers);
    }
    void send_rtcp(BytesView packet);
    // The flight that `late_finished` kept back.
    void send_held();
    void send_text(std::string_view text);

    // Forgets keys and numbers of a stream that will never come again.
    void forget(Ssrc ssrc) {
        if (srtp_) srtp_->forget_inbound(ssrc.value());
    }

    // What came; tests clear it as they like.
    std::vector<ReceivedRtp> rtp;
    std::vector<std::vector<std::uint8_t>> rtcp;
    std::vector<std::string> texts;
    std::uint64_t rtp_count = 0;
    bool keep_packets = true;
    // The last eight bytes of each payload sent say when it was sent, by the wall clock.
    bool stamp_payloads = false;
    // The kernel writes down when each datagram came.
    void note_arrivals();
    static std::int64_t wall_ns();
    static std::int64_t stamp_of(BytesView payload);

    std::vector<ReceivedRtp> rtp_of(Ssrc ssrc) const;
    bool heard(std::string_view part) const;

 private:
    void on_dtls_outgoing(BytesView datagram) override;
    void on_dtls_connected() override;
    void on_dtls_data(BytesView data) override;
    void on_dtls_failed(std::string_view reason) override;
    void on_sctp_outgoing(BytesView packet) override;
    void on_channel_open(std::string_view label, std::string_view protocol) override;
    void on_channel_text(std::string_view text) override;
    void on_channel_closed() override {}

    void send_to(const Address& to, BytesView datagram);
    void act_on(IceOutput& output, TimePoint now);
    void add_candidates(const xmpp::IceUdpTransport& ice, std::optional<unsigned> generation,
                        TimePoint now);
    // False: nothing has come.
    bool receive(TimePoint now);
    void on_datagram(Bytes datagram, const Address& from, std::int64_t arrived_ns, TimePoint now);
    void stamp(Bytes payload) const;
    void send_rtp(Bytes packet, std::size_t size);

    struct Track {
        std::uint16_t seq = kFirstAudioSeq - 1;
        std::uint32_t timestamp = 5000;
        std::uint16_t picture = 0;
        std::uint8_t tl0 = 0;
    };

    ClientOptions options_;
    xmpp::colibri2::Endpoint created_;
    SctpContext& sctp_context_;
    int fd_ = -1;
    IceCredentials credentials_;
    IceTransport ice_;
    DtlsSession dtls_;
    std::optional<SrtpTransport> srtp_;
    std::unique_ptr<DataChannelTransport> channel_;
    std::vector<Fingerprint> remote_fingerprints_;
    std::vector<std::vector<std::uint8_t>> held_;
    bool dtls_started_ = false;
    bool silent_ = false;
    TimePoint now_{};
    Track audio_;
    std::vector<Track> video_;
    std::uint16_t transport_seq_ = 0;
};

}  // namespace jmeet::bridge::test
