#include "bridge/sctp/association.hpp"

#include <arpa/inet.h>
#include <usrsctp.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "bridge/sctp/usrsctp_library.hpp"

namespace jmeet::bridge {
namespace {

std::atomic<std::uint64_t> events_of_all{0};

template <class T>
bool set_option(UsrsctpSocket* on, int level, int name, const T& value) {
    return usrsctp_setsockopt(on, level, name, &value, sizeof value) == 0;
}

bool set_timers(UsrsctpSocket* on, std::uint16_t streams) {
    constexpr std::uint16_t kUnlimited = 0xffff;
    sctp_rtoinfo rto{};
    rto.srto_initial = static_cast<std::uint32_t>(SctpAssociation::kRtoInitial.count());
    rto.srto_min = static_cast<std::uint32_t>(SctpAssociation::kRtoMin.count());
    rto.srto_max = static_cast<std::uint32_t>(SctpAssociation::kRtoMax.count());
    sctp_assocparams association{};
    association.sasoc_asocmaxrxt = kUnlimited;
    sctp_initmsg init{};
    init.sinit_num_ostreams = streams;
    init.sinit_max_instreams = streams;
    init.sinit_max_attempts = kUnlimited;
    init.sinit_max_init_timeo = static_cast<std::uint16_t>(SctpAssociation::kRtoMax.count());
    return set_option(on, IPPROTO_SCTP, SCTP_RTOINFO, rto) &&
           set_option(on, IPPROTO_SCTP, SCTP_ASSOCINFO, association) &&
           set_option(on, IPPROTO_SCTP, SCTP_INITMSG, init);
}

bool set_path(UsrsctpSocket* on, std::size_t mtu) {
    constexpr std::size_t kCommonHeader = 12;  // usrsctp counts it as the layer below
    sctp_paddrparams path{};
    path.spp_address.ss_family = AF_CONN;
    // No heartbeats: ICE watches the path. usrsctp goes through all running timers at each step, so
    // that an association at rest must have none.
    path.spp_flags = SPP_PMTUD_DISABLE | SPP_HB_DISABLE;
    path.spp_pathmtu = static_cast<std::uint32_t>(mtu - kCommonHeader);
    path.spp_pathmaxrxt = 0xffff;
    return set_option(on, IPPROTO_SCTP, SCTP_PEER_ADDR_PARAMS, path);
}

bool subscribe(UsrsctpSocket* on) {
    for (const int type : {SCTP_ASSOC_CHANGE, SCTP_STREAM_RESET_EVENT}) {
        sctp_event event{};
        event.se_assoc_id = SCTP_ALL_ASSOC;
        event.se_type = static_cast<std::uint16_t>(type);
        event.se_on = 1;
        if (!set_option(on, IPPROTO_SCTP, SCTP_EVENT, event)) return false;
    }
    return true;
}

}  // namespace

SctpAssociation::SctpAssociation(const Settings& settings)
    : settings_(settings), id_(UsrsctpLibrary::enter(*this)) {}

SctpAssociation::~SctpAssociation() {
    const auto lock = UsrsctpLibrary::lock();
    close_sockets();
    UsrsctpLibrary::leave(id_);
}

bool SctpAssociation::configure(UsrsctpSocket* made) const {
    // close() shall abort at once, not linger in SHUTDOWN states that keep memory.
    const linger abort_on_close{1, 0};
    const int on = 1;
    // Twice the largest message: one being sent, one being written.
    const int buffer = static_cast<int>(settings_.max_message * 2);
    sctp_assoc_value reset{};
    reset.assoc_id = SCTP_ALL_ASSOC;
    reset.assoc_value = SCTP_ENABLE_RESET_STREAM_REQ;
    return usrsctp_set_non_blocking(made, 1) == 0 &&
           set_option(made, SOL_SOCKET, SO_LINGER, abort_on_close) &&
           set_option(made, SOL_SOCKET, SO_SNDBUF, buffer) &&
           set_option(made, SOL_SOCKET, SO_RCVBUF, buffer) &&
           set_option(made, IPPROTO_SCTP, SCTP_NODELAY, on) &&
           set_option(made, IPPROTO_SCTP, SCTP_ENABLE_STREAM_RESET, reset) &&
           set_timers(made, settings_.streams) && set_path(made, settings_.mtu) && subscribe(made);
}

UsrsctpSocket* SctpAssociation::make_socket() {
    UsrsctpSocket* made = UsrsctpLibrary::make_socket(id_);
    if (!made) return nullptr;
    if (configure(made) && UsrsctpLibrary::bind(made, id_)) return made;
    usrsctp_close(made);
    return nullptr;
}

bool SctpAssociation::listen() {
    const auto lock = UsrsctpLibrary::lock();
    if (listening_ || connected_) return false;
    listening_ = make_socket();
    return listening_ && usrsctp_listen(listening_, 1) == 0;
}

bool SctpAssociation::connect() {
    const auto lock = UsrsctpLibrary::lock();
    if (listening_ || connected_) return false;
    connected_ = make_socket();
    return connected_ && UsrsctpLibrary::connect(connected_, id_);
}

void SctpAssociation::input(BytesView packet) {
    const auto lock = UsrsctpLibrary::lock();
    if (!listening_ && !connected_) return;
    UsrsctpLibrary::input(id_, packet);
    if (listening_) accept_peer();
}

void SctpAssociation::accept_peer() {
    UsrsctpSocket* accepted = usrsctp_accept(listening_, nullptr, nullptr);
    if (!accepted) return;  // the peer has not finished its handshake
    // One association is all there is: nobody else can come in by this id.
    usrsctp_close(listening_);
    listening_ = nullptr;
    usrsctp_set_ulpinfo(accepted, reinterpret_cast<void*>(id_));
    connected_ = accepted;
    configure(accepted);
}

SctpSend SctpAssociation::send(std::uint16_t stream, std::uint32_t ppid, std::string_view payload) {
    const auto lock = UsrsctpLibrary::lock();
    if (!connected_) return SctpSend::refused;
    sctp_sndinfo info{};
    info.snd_sid = stream;
    info.snd_ppid = htonl(ppid);
    const ssize_t sent = usrsctp_sendv(connected_, payload.data(), payload.size(), nullptr, 0,
                                       &info, sizeof info, SCTP_SENDV_SNDINFO, 0);
    if (sent == static_cast<ssize_t>(payload.size())) return SctpSend::ok;
    if (sent < 0 && (errno == EWOULDBLOCK || errno == EAGAIN)) return SctpSend::would_block;
    return SctpSend::refused;
}

void SctpAssociation::reset_stream(std::uint16_t stream) {
    const auto lock = UsrsctpLibrary::lock();
    if (!connected_) return;
    alignas(sctp_reset_streams)
        std::array<std::uint8_t, sizeof(sctp_reset_streams) + sizeof(std::uint16_t)> raw{};
    auto* request = reinterpret_cast<sctp_reset_streams*>(raw.data());
    request->srs_assoc_id = SCTP_ALL_ASSOC;
    request->srs_flags = SCTP_STREAM_RESET_OUTGOING;
    request->srs_number_streams = 1;
    request->srs_stream_list[0] = stream;
    usrsctp_setsockopt(connected_, IPPROTO_SCTP, SCTP_RESET_STREAMS, request,
                       static_cast<socklen_t>(raw.size()));
}

void SctpAssociation::abort() {
    const auto lock = UsrsctpLibrary::lock();
    close_sockets();
}

void SctpAssociation::close_sockets() {
    if (listening_) usrsctp_close(listening_);
    if (connected_) usrsctp_close(connected_);
    listening_ = nullptr;
    connected_ = nullptr;
}

std::vector<SctpEvent> SctpAssociation::take_events() {
    const auto lock = UsrsctpLibrary::lock();
    has_events_.store(false, std::memory_order_relaxed);
    return std::exchange(events_, {});
}

void SctpAssociation::push(SctpEvent event) {
    using Kind = SctpEvent::Kind;
    // Packets come again by themselves; what tells of the association's life is never dropped.
    if (events_.size() >= kMaxEvents) {
        if (event.kind == Kind::message) dropped_.fetch_add(1, std::memory_order_relaxed);
        if (event.kind == Kind::message || event.kind == Kind::packet) return;
    }
    events_.push_back(std::move(event));
    has_events_.store(true, std::memory_order_release);
    events_of_all.fetch_add(1, std::memory_order_release);
}

std::uint64_t SctpAssociation::events_ever() {
    return events_of_all.load(std::memory_order_acquire);
}

void SctpAssociation::on_data(std::string_view part, std::uint16_t stream, std::uint32_t ppid,
                              bool last) {
    if (partial_.size() + part.size() > settings_.max_message) {
        partial_too_large_ = true;
        partial_.clear();
    }
    if (!partial_too_large_) partial_ += part;
    if (!last) return;
    if (partial_too_large_) {
        dropped_.fetch_add(1, std::memory_order_relaxed);
    } else {
        push({SctpEvent::Kind::message, stream, ppid, std::move(partial_)});
    }
    partial_.clear();
    partial_too_large_ = false;
}

void SctpAssociation::on_notification(BytesView notification) {
    sctp_notification::sctp_tlv header{};
    if (notification.size() < sizeof header) return;
    std::memcpy(&header, notification.data(), sizeof header);
    if (header.sn_type == SCTP_ASSOC_CHANGE && notification.size() >= sizeof(sctp_assoc_change)) {
        sctp_assoc_change change{};
        std::memcpy(&change, notification.data(), sizeof change);
        const bool up = change.sac_state == SCTP_COMM_UP || change.sac_state == SCTP_RESTART;
        push({up ? SctpEvent::Kind::up : SctpEvent::Kind::lost});
    } else if (header.sn_type == SCTP_STREAM_RESET_EVENT &&
               notification.size() >= sizeof(sctp_stream_reset_event) &&
               (header.sn_flags & SCTP_STREAM_RESET_INCOMING_SSN) &&
               !(header.sn_flags & (SCTP_STREAM_RESET_DENIED | SCTP_STREAM_RESET_FAILED))) {
        for (std::size_t at = sizeof(sctp_stream_reset_event); at + 2 <= notification.size();
             at += 2) {
            std::uint16_t stream = 0;
            std::memcpy(&stream, &notification[at], sizeof stream);
            push({SctpEvent::Kind::stream_reset, stream});
        }
    }
}

}  // namespace jmeet::bridge
