#include "tests/bridge/test_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "bridge/net/demux.hpp"

#ifndef UDP_GRO
#define UDP_GRO 104
#endif

namespace jmeet::bridge::test {
namespace {

IceTransportConfig client_ice(const ClientOptions& options) {
    IceTransportConfig config;
    config.agent.addresses.loopback = Allow::yes;
    config.agent.pace = milliseconds(5);
    config.agent.consent_interval = options.consent_interval;
    return config;
}

int open_socket() {
    const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    sockaddr_in any{};
    any.sin_family = AF_INET;
    any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || ::bind(fd, reinterpret_cast<const sockaddr*>(&any), sizeof any) != 0) {
        throw std::runtime_error("no UDP socket on loopback");
    }
    const int buffer = 4 * 1024 * 1024;
    ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
    // Datagrams that the bridge sent in one call come as one, as over a network card that cuts
    // them: loopback would have the sender's core cut and deliver them.
    const int on = 1;
    ::setsockopt(fd, SOL_UDP, UDP_GRO, &on, sizeof on);
    return fd;
}

xmpp::PayloadType payload(std::uint8_t id, std::string name, std::uint32_t rate) {
    xmpp::PayloadType type;
    type.id = id;
    type.name = std::move(name);
    type.clockrate = rate;
    return type;
}

}  // namespace

TestClient::TestClient(ClientOptions options, SctpContext& sctp, const DtlsContext& dtls)
    : options_(std::move(options)),
      sctp_context_(sctp),
      fd_(open_socket()),
      credentials_(make_local_credentials(random_u64())),
      ice_(client_ice(options_), IceRole::controlled, credentials_, options_.first_ssrc),
      dtls_(dtls, *this),
      video_(static_cast<std::size_t>(options_.video_encodings)) {
    std::uint16_t start = 1000;
    for (auto& track : video_) track.seq = start = static_cast<std::uint16_t>(start + 7000);
}

TestClient::~TestClient() {
    channel_.reset();
    ::close(fd_);
}

xmpp::colibri2::Endpoint TestClient::create_request() const {
    xmpp::colibri2::Endpoint e;
    e.id = options_.id;
    e.create = true;
    e.stats_id = "Test-" + options_.id;
    if (options_.visitor) e.muc_role = "visitor";
    e.capabilities = {"source-names"};
    if (options_.ssrc_rewriting) e.capabilities.push_back("ssrc-rewriting");
    e.transport.emplace();
    e.transport->ice_controlling = true;
    if (options_.sctp) e.transport->sctp.emplace();

    xmpp::RtpDescription audio;
    audio.media = "audio";
    audio.payload_types = {payload(kOpus, "opus", 48'000)};
    audio.header_extensions = {{kLevelId, "urn:ietf:params:rtp-hdrext:ssrc-audio-level"}};
    xmpp::RtpDescription video;
    video.media = "video";
    auto vp8 = payload(kVp8, "VP8", 90'000);
    vp8.feedback = {{"ccm", "fir"}, {"nack", ""}, {"nack", "pli"}};
    if (options_.transport_cc) vp8.feedback.push_back({"transport-cc", ""});
    if (options_.remb) vp8.feedback.push_back({"goog-remb", ""});
    auto rtx = payload(kRtx, "rtx", 90'000);
    rtx.parameters = {{"apt", "100"}};
    video.payload_types = {vp8, rtx};
    video.header_extensions = {
        {kTransportSeqId,
         "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"},
        {kSendTimeId, "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"}};
    video.extmap_allow_mixed = true;
    e.media = {audio, video};
    return e;
}

xmpp::colibri2::Endpoint TestClient::accept_request() const {
    xmpp::colibri2::Endpoint e;
    e.id = options_.id;
    e.transport.emplace();
    xmpp::IceUdpTransport ice;
    ice.ufrag = credentials_.ufrag;
    ice.pwd = credentials_.pwd;
    ice.rtcp_mux = true;
    const Fingerprint& own = dtls_.local_fingerprint();
    ice.fingerprints.push_back(
        {own.hash, options_.dtls_server ? "passive" : "active", own.value});
    e.transport->ice = ice;
    if (options_.visitor) return e;

    const auto source = [](Ssrc ssrc, const std::string& name) {
        xmpp::Source s;
        s.ssrc = ssrc.value();
        s.name = name;
        return s;
    };
    xmpp::colibri2::MediaSource audio;
    audio.type = "audio";
    audio.id = options_.id + "-a0";
    audio.sources = {source(audio_ssrc(), audio.id)};
    e.sources.emplace();
    e.sources->push_back(audio);
    if (video_.empty()) return e;
    xmpp::colibri2::MediaSource video;
    video.type = "video";
    video.id = options_.id + "-v0";
    xmpp::SsrcGroup sim{"SIM", {}};
    for (int i = 0; i < options_.video_encodings; ++i) {
        video.sources.push_back(source(video_ssrc(i), video.id));
        video.sources.push_back(source(rtx_ssrc(i), video.id));
        sim.ssrcs.push_back(video_ssrc(i).value());
    }
    if (options_.video_encodings > 1) video.groups.push_back(sim);
    for (int i = 0; i < options_.video_encodings; ++i) {
        video.groups.push_back({"FID", {video_ssrc(i).value(), rtx_ssrc(i).value()}});
    }
    e.sources->push_back(video);
    return e;
}

void TestClient::on_answer(const xmpp::colibri2::Endpoint& answer, TimePoint now) {
    now_ = now;
    created_ = answer;
    const auto& ice = *answer.transport->ice;
    for (const auto& f : ice.fingerprints) remote_fingerprints_.push_back({f.hash, f.value});
    dtls_.set_remote_fingerprints(remote_fingerprints_);
    ice_.set_remote_credentials({ice.ufrag, ice.pwd}, std::nullopt, now);
    add_candidates(ice, std::nullopt, now);
    if (answer.transport->sctp) {
        DataChannelHandler& handler = *this;
        channel_ =
            std::make_unique<DataChannelTransport>(sctp_context_, SctpRole::client, handler);
    }
}

void TestClient::add_candidates(const xmpp::IceUdpTransport& ice,
                                std::optional<unsigned> generation, TimePoint now) {
    for (const auto& c : ice.candidates) {
        const auto address = Address::parse(c.ip, c.port);
        if (!address || !address->is_v4()) continue;
        ice_.add_remote_candidate({CandidateType::host, *address, c.priority}, generation, now);
    }
}

xmpp::colibri2::Endpoint TestClient::on_restart(const xmpp::colibri2::Endpoint& answer,
                                                TimePoint now) {
    const auto& ice = *answer.transport->ice;
    IceOutput output;
    ice_.request_restart(make_local_credentials(random_u64()), now, output);
    act_on(output, now);
    // Our own agents count for themselves.
    const auto ours = ice_.describe();
    ice_.set_remote_credentials({ice.ufrag, ice.pwd}, ours.generation, now);
    add_candidates(ice, ours.generation, now);
    xmpp::colibri2::Endpoint e;
    e.id = options_.id;
    e.transport.emplace();
    e.transport->ice.emplace();
    e.transport->ice->ufrag = ours.local.ufrag;
    e.transport->ice->pwd = ours.local.pwd;
    e.transport->ice->ice_generation = ice.ice_generation;
    return e;
}

void TestClient::change_port() { fd_ = (::close(fd_), open_socket()); }

void TestClient::step(TimePoint now) {
    now_ = now;
    for (int i = 0; i < 256 && receive(now); ++i) {
    }
    if (ice_.next_deadline() <= now) {
        IceOutput output;
        ice_.tick(now, output);
        act_on(output, now);
    }
    if (!dtls_started_ && ice_.send_address()) {
        dtls_started_ = true;
        dtls_.set_role(options_.dtls_server ? DtlsRole::server : DtlsRole::client, now);
    }
    const auto deadline = dtls_.next_deadline();
    if (deadline && *deadline <= now) dtls_.on_timer(now);
}

bool TestClient::receive(TimePoint now) {
    std::array<std::uint8_t, 65'536> block;
    alignas(cmsghdr) std::array<std::uint8_t, 128> control;
    sockaddr_in from{};
    iovec bytes{block.data(), block.size()};
    msghdr message{};
    message.msg_name = &from;
    message.msg_namelen = sizeof from;
    message.msg_iov = &bytes;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const auto n = ::recvmsg(fd_, &message, 0);
    if (n <= 0) return false;
    auto whole = Bytes(block).first(static_cast<std::size_t>(n));
    std::size_t segment = whole.size();
    std::int64_t arrived_ns = 0;
    for (cmsghdr* c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c)) {
        if (c->cmsg_level == SOL_UDP && c->cmsg_type == UDP_GRO) {
            int size = 0;
            std::memcpy(&size, CMSG_DATA(c), sizeof size);
            segment = static_cast<std::size_t>(size);
        } else if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_TIMESTAMPNS) {
            timespec at{};
            std::memcpy(&at, CMSG_DATA(c), sizeof at);
            arrived_ns = at.tv_sec * std::int64_t{1'000'000'000} + at.tv_nsec;
        }
    }
    const auto address = Address::v4(ntohl(from.sin_addr.s_addr), ntohs(from.sin_port));
    while (!whole.empty()) {
        const auto datagram = whole.first(std::min(segment, whole.size()));
        on_datagram(datagram, address, arrived_ns, now);
        whole = whole.subspan(datagram.size());
    }
    return true;
}

void TestClient::on_datagram(Bytes datagram, const Address& from, std::int64_t arrived_ns,
                             TimePoint now) {
    switch (classify(datagram)) {
        case DatagramKind::stun: {
            IceOutput output;
            ice_.on_stun(datagram, from, now, output);
            act_on(output, now);
            break;
        }
        case DatagramKind::dtls: dtls_.on_datagram(datagram, now); break;
        case DatagramKind::rtp: {
            std::size_t size = datagram.size();
            if (!srtp_ || srtp_->unprotect_rtp(datagram.data(), size) != SrtpStatus::ok) break;
            ++rtp_count;
            if (keep_packets) {
                rtp.push_back({{datagram.begin(), datagram.begin() + size}, arrived_ns});
            }
            break;
        }
        case DatagramKind::rtcp: {
            std::size_t size = datagram.size();
            if (!srtp_ || srtp_->unprotect_rtcp(datagram.data(), size) != SrtpStatus::ok) break;
            if (keep_packets) rtcp.emplace_back(datagram.begin(), datagram.begin() + size);
            break;
        }
        case DatagramKind::unknown: break;
    }
}

void TestClient::act_on(IceOutput& output, TimePoint) {
    for (const auto& d : output.datagrams()) send_to(d.to, d.bytes());
}

void TestClient::send_to(const Address& to, BytesView datagram) {
    if (silent_) return;
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(to.port());
    std::copy(to.ip().begin(), to.ip().end(),
              reinterpret_cast<std::uint8_t*>(&address.sin_addr.s_addr));
    ::sendto(fd_, datagram.data(), datagram.size(), 0,
             reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

void TestClient::on_dtls_outgoing(BytesView datagram) {
    constexpr std::uint8_t kChangeCipherSpec = 20;  // begins a server's last flight
    if (options_.late_finished && (datagram[0] == kChangeCipherSpec || !held_.empty())) {
        held_.emplace_back(datagram.begin(), datagram.end());
        return;
    }
    if (const auto to = ice_.send_address()) send_to(*to, datagram);
}

void TestClient::send_held() {
    options_.late_finished = false;
    for (const auto& datagram : std::exchange(held_, {})) on_dtls_outgoing(datagram);
}

void TestClient::on_dtls_connected() {
    auto srtp = SrtpTransport::make(*dtls_.srtp_keys());
    if (!srtp) throw std::runtime_error(srtp.error().what);
    srtp_ = std::move(*srtp);
    if (channel_) channel_->start();
}

void TestClient::on_dtls_data(BytesView data) {
    if (channel_) channel_->on_packet(data);
}

void TestClient::on_dtls_failed(std::string_view reason) {
    throw std::runtime_error("test client's DTLS failed: " + std::string(reason));
}

void TestClient::on_sctp_outgoing(BytesView packet) { dtls_.send(packet); }
void TestClient::on_channel_open(std::string_view, std::string_view) {}
void TestClient::on_channel_text(std::string_view text) { texts.emplace_back(text); }

void TestClient::send_text(std::string_view text) {
    if (channel_) channel_->send(text);
}

void TestClient::note_arrivals() {
    const int on = 1;
    ::setsockopt(fd_, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
}

std::vector<ReceivedRtp> TestClient::rtp_of(Ssrc ssrc) const {
    std::vector<ReceivedRtp> out;
    for (const auto& packet : rtp) {
        if (packet.view().ssrc() == ssrc) out.push_back(packet);
    }
    return out;
}

bool TestClient::heard(std::string_view part) const {
    return std::any_of(texts.begin(), texts.end(), [part](const std::string& text) {
        return text.find(part) != std::string::npos;
    });
}

}  // namespace jmeet::bridge::test
