#include "bridge/dtls/session.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "bridge/dtls/bio.hpp"

namespace jmeet::bridge {
namespace {

// Record header, RFC 6347 4.1: type 1, version 2, epoch 2, sequence 6, length 2.
constexpr std::size_t kRecordHeader = 13;

bool looks_like_dtls(BytesView datagram) {
    if (datagram.size() < kRecordHeader) return false;
    if (datagram.size() > DtlsSession::kMaxDatagram) return false;
    const bool known_type = datagram[0] >= 20 && datagram[0] <= 23;
    const bool known_version = datagram[1] == 0xfe;
    return known_type && known_version &&
           load_be16(&datagram[11]) <= datagram.size() - kRecordHeader;
}

// Content type handshake, message type client_hello: only a client sends that (RFC 6347 4.2.2).
bool is_client_hello(BytesView record) {
    return record[0] == 22 && record.size() > kRecordHeader && record[kRecordHeader] == 1;
}

// OpenSSL asks for the first delay with 0, later with the one that has just run out.
unsigned next_retransmit_delay(SSL*, unsigned last_us) {
    constexpr microseconds kFirst = DtlsSession::kFirstRetransmit;
    constexpr microseconds kMax = DtlsSession::kMaxRetransmit;
    if (last_us == 0) return static_cast<unsigned>(kFirst.count());
    return std::min(last_us * 2, static_cast<unsigned>(kMax.count()));
}

std::string openssl_reason() {
    const unsigned long code = ERR_get_error();
    ERR_clear_error();
    const char* reason = code ? ERR_reason_error_string(code) : nullptr;
    return reason ? reason : "no reason given";
}

}  // namespace

// A connected session that is silent keeps no record buffers: they are 33 KB, the rest is less
// than half of that. While the handshake runs OpenSSL keeps them. Nests: the outermost frees.
class DtlsSession::RecordBuffers {
 public:
    explicit RecordBuffers(DtlsSession& session)
        : session_(session), outermost_(!std::exchange(session.buffers_in_use_, true)) {
        if (outermost_ && established()) SSL_alloc_buffers(session_.ssl_);
    }
    ~RecordBuffers() {
        if (!outermost_) return;
        session_.buffers_in_use_ = false;
        // Refused, and then done the next time, while a record is half read.
        if (established()) SSL_free_buffers(session_.ssl_);
    }
    RecordBuffers(const RecordBuffers&) = delete;
    RecordBuffers& operator=(const RecordBuffers&) = delete;

 private:
    bool established() const { return session_.ssl_ && SSL_is_init_finished(session_.ssl_); }

    DtlsSession& session_;
    const bool outermost_;
};

DtlsSession::DtlsSession(const DtlsContext& context, DtlsHandler& handler)
    : handler_(handler),
      local_fingerprint_(context.fingerprint()),
      ssl_ctx_(context.ssl_ctx_),
      io_(std::make_unique<DtlsIo>(DtlsIo{handler})) {}

DtlsSession::~DtlsSession() { SSL_free(ssl_); }

void DtlsSession::set_role(DtlsRole role, TimePoint now) {
    if (role_ != DtlsRole::undecided || state_ != DtlsState::fresh) return;
    role_ = role;
    if (role_ != DtlsRole::client || !begin(now)) return;
    advance(now);
    read_openssl_deadline(now);
}

void DtlsSession::set_remote_fingerprints(std::vector<Fingerprint> fingerprints) {
    const bool settled = state_ == DtlsState::connected || state_ == DtlsState::failed;
    if (settled || fingerprints.empty()) return;
    remote_fingerprints_ = std::move(fingerprints);
    if (state_ == DtlsState::awaiting_fingerprint) judge_peer();
}

void DtlsSession::on_datagram(BytesView datagram, TimePoint now) {
    if (state_ == DtlsState::failed) return;
    if (!looks_like_dtls(datagram)) {
        ++counters_.malformed;
        return;
    }
    if (role_ == DtlsRole::undecided) {
        if (!is_client_hello(datagram)) return;
        role_ = DtlsRole::server;
    }
    if (!ssl_ && (role_ != DtlsRole::server || !begin(now))) return;

    const RecordBuffers buffers(*this);
    io_->incoming = datagram;
    if (!SSL_is_init_finished(ssl_)) advance(now);
    // The datagram that ended the handshake may have carried more.
    if (ssl_ && SSL_is_init_finished(ssl_)) read_application_data();
    io_->incoming = {};
    read_openssl_deadline(now);
}

std::optional<TimePoint> DtlsSession::next_deadline() const {
    std::optional<TimePoint> next = retransmit_at_;
    const auto consider = [&next](std::optional<TimePoint> at) {
        if (at && (!next || *at < *next)) next = at;
    };
    consider(restart_at_);
    if (state_ == DtlsState::handshaking && started_at_) consider(*started_at_ + kHandshakeTimeout);
    return next;
}

void DtlsSession::on_timer(TimePoint now) {
    const RecordBuffers buffers(*this);
    const bool handshaking = state_ == DtlsState::handshaking && started_at_;
    if (handshaking && now >= *started_at_ + kHandshakeTimeout) {
        fail("the handshake did not finish in time");
        return;
    }
    if (restart_at_ && now >= *restart_at_) {
        restart_at_.reset();
        if (!begin(now)) return;
        advance(now);
    } else if (ssl_ && retransmit_at_ && now >= *retransmit_at_) {
        ERR_clear_error();
        if (DTLSv1_handle_timeout(ssl_) < 0 && !SSL_is_init_finished(ssl_)) attempt_broken(now);
    }
    read_openssl_deadline(now);
}

bool DtlsSession::begin(TimePoint now) {
    if (!started_at_) started_at_ = now;
    state_ = DtlsState::handshaking;
    ERR_clear_error();
    ssl_ = SSL_new(ssl_ctx_.get());
    BIO* bio = ssl_ ? make_datagram_bio(*io_) : nullptr;
    if (!bio) {
        fail("OpenSSL could not make a session: " + openssl_reason());
        return false;
    }
    SSL_set_bio(ssl_, bio, bio);
    SSL_set_mtu(ssl_, static_cast<long>(kMtu));
    DTLS_set_timer_cb(ssl_, next_retransmit_delay);
    if (role_ == DtlsRole::client) {
        SSL_set_connect_state(ssl_);
    } else {
        SSL_set_accept_state(ssl_);
    }
    return true;
}

// Lets OpenSSL take the handshake as far as what has arrived allows.
void DtlsSession::advance(TimePoint now) {
    ERR_clear_error();
    const int answer = SSL_do_handshake(ssl_);
    if (answer == 1) {
        handshake_done();
    } else if (SSL_get_error(ssl_, answer) != SSL_ERROR_WANT_READ) {
        attempt_broken(now);
    }
}

void DtlsSession::attempt_broken(TimePoint now) {
    const std::string reason = openssl_reason();
    drop_attempt();
    if (++counters_.restarts > kMaxRestarts) {
        fail("the handshake kept failing: " + reason);
        return;
    }
    // The server waits for the next ClientHello; the client gives the peer a moment.
    if (role_ == DtlsRole::client) {
        restart_at_ = now + kFirstRetransmit * (1 << (counters_.restarts - 1));
    }
}

void DtlsSession::drop_attempt() {
    SSL_free(ssl_);
    ssl_ = nullptr;
    retransmit_at_.reset();
    io_->incoming = {};
}

void DtlsSession::handshake_done() {
    if (!SSL_get_selected_srtp_profile(ssl_)) {
        fail("the peer offers no SRTP profile that we know");
        return;
    }
    state_ = DtlsState::awaiting_fingerprint;
    if (!remote_fingerprints_.empty()) judge_peer();
}

void DtlsSession::judge_peer() {
    X509* certificate = SSL_get0_peer_certificate(ssl_);
    const auto verdict = certificate ? check_fingerprints(*certificate, remote_fingerprints_)
                                     : FingerprintCheck::mismatch;
    switch (verdict) {
        case FingerprintCheck::match:
            become_connected();
            break;
        case FingerprintCheck::mismatch:
            fail("the peer's certificate does not have the signalled fingerprint");
            break;
        case FingerprintCheck::no_usable_hash:
            fail("no signalled fingerprint uses sha-256, sha-384, sha-512 or sha-1");
            break;
    }
}

void DtlsSession::become_connected() {
    state_ = DtlsState::connected;
    const auto early = std::exchange(early_data_, {});
    handler_.on_dtls_connected();
    for (const auto& data : early) handler_.on_dtls_data(data);
}

void DtlsSession::fail(std::string reason) {
    if (ssl_ && SSL_is_init_finished(ssl_)) {
        const RecordBuffers buffers(*this);
        SSL_shutdown(ssl_);
    }
    drop_attempt();
    ERR_clear_error();
    early_data_.clear();
    restart_at_.reset();
    state_ = DtlsState::failed;
    handler_.on_dtls_failed(reason);
}

void DtlsSession::read_application_data() {
    std::array<std::uint8_t, kMaxDatagram> data;
    while (ssl_ && !peer_closed_) {
        ERR_clear_error();
        const int size = SSL_read(ssl_, data.data(), static_cast<int>(data.size()));
        if (size > 0) {
            deliver(BytesView(data.data(), static_cast<std::size_t>(size)));
            continue;
        }
        if (SSL_get_error(ssl_, size) == SSL_ERROR_WANT_READ) break;
        // close_notify, or an authenticated fatal alert; forged ones never get this far.
        peer_closed_ = true;
        if (SSL_get_shutdown(ssl_) & SSL_RECEIVED_SHUTDOWN) SSL_shutdown(ssl_);
        ERR_clear_error();
    }
}

void DtlsSession::deliver(BytesView data) {
    if (closed_) return;
    if (state_ == DtlsState::connected) {
        handler_.on_dtls_data(data);
    } else if (early_data_.size() < kMaxEarlyData) {
        early_data_.emplace_back(data.begin(), data.end());
    } else {
        ++counters_.early_dropped;
    }
}

void DtlsSession::read_openssl_deadline(TimePoint now) {
    timeval left{};
    if (ssl_ && DTLSv1_get_timeout(ssl_, &left) == 1) {
        retransmit_at_ = now + seconds(left.tv_sec) + microseconds(left.tv_usec);
    } else {
        retransmit_at_.reset();
    }
}

std::optional<SrtpKeys> DtlsSession::srtp_keys() const {
    if (state_ != DtlsState::connected) return std::nullopt;
    const SRTP_PROTECTION_PROFILE* selected = SSL_get_selected_srtp_profile(ssl_);
    if (!selected) return std::nullopt;
    SrtpKeys keys;
    keys.profile = static_cast<SrtpProfile>(selected->id);
    const std::size_t salt = srtp_salt_length(keys.profile);

    // Client key, server key, client salt, server salt.
    constexpr std::string_view kLabel = "EXTRACTOR-dtls_srtp";
    std::array<std::uint8_t, 2 * kMaxSrtpMasterLength> material{};
    if (SSL_export_keying_material(ssl_, material.data(), 2 * (kSrtpKeyLength + salt),
                                   kLabel.data(), kLabel.size(), nullptr, 0, 0) != 1) {
        ERR_clear_error();
        return std::nullopt;
    }
    auto& client = role_ == DtlsRole::client ? keys.local : keys.remote;
    auto& server = role_ == DtlsRole::client ? keys.remote : keys.local;
    const std::uint8_t* salts = material.data() + 2 * kSrtpKeyLength;
    std::memcpy(client.data(), material.data(), kSrtpKeyLength);
    std::memcpy(server.data(), material.data() + kSrtpKeyLength, kSrtpKeyLength);
    std::memcpy(client.data() + kSrtpKeyLength, salts, salt);
    std::memcpy(server.data() + kSrtpKeyLength, salts + salt, salt);
    OPENSSL_cleanse(material.data(), material.size());
    return keys;
}

bool DtlsSession::send(BytesView data) {
    if (state_ != DtlsState::connected || closed_ || peer_closed_ || data.empty() ||
        data.size() > kMaxSend) {
        return false;
    }
    const RecordBuffers buffers(*this);
    ERR_clear_error();
    return SSL_write(ssl_, data.data(), static_cast<int>(data.size())) ==
           static_cast<int>(data.size());
}

void DtlsSession::close() {
    if (closed_) return;
    closed_ = true;
    if (!ssl_ || !SSL_is_init_finished(ssl_)) return;
    const RecordBuffers buffers(*this);
    ERR_clear_error();
    SSL_shutdown(ssl_);
    ERR_clear_error();
}

}  // namespace jmeet::bridge
