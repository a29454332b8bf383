#include "bridge/dtls/bio.hpp"

#include <algorithm>
#include <cstring>

namespace jmeet::bridge {
namespace {

DtlsIo& io_of(BIO* bio) { return *static_cast<DtlsIo*>(BIO_get_data(bio)); }

// No answer means "try again later": nothing has ended.
int read_datagram(BIO* bio, char* out, int size) {
    BytesView& incoming = io_of(bio).incoming;
    BIO_clear_retry_flags(bio);
    if (incoming.empty() || size <= 0) {
        BIO_set_retry_read(bio);
        return -1;
    }
    // What does not fit is lost, as with a datagram socket.
    const std::size_t taken = std::min(incoming.size(), static_cast<std::size_t>(size));
    std::memcpy(out, incoming.data(), taken);
    incoming = {};
    return static_cast<int>(taken);
}

int write_datagram(BIO* bio, const char* data, int size) {
    if (size <= 0) return 0;
    io_of(bio).handler.on_dtls_outgoing(
        BytesView(reinterpret_cast<const std::uint8_t*>(data), static_cast<std::size_t>(size)));
    return size;  // a lost datagram is the retransmission timer's business
}

long control(BIO*, int command, long, void*) {
    switch (command) {
        case BIO_CTRL_FLUSH:
            return 1;
        case BIO_CTRL_DGRAM_QUERY_MTU:
        case BIO_CTRL_DGRAM_GET_FALLBACK_MTU:
            return static_cast<long>(DtlsSession::kMtu);
        default:  // the rest concerns sockets, or asks for lengths that are 0
            return 0;
    }
}

int create(BIO* bio) {
    BIO_set_init(bio, 1);
    return 1;
}

BIO_METHOD* datagram_method() {
    // One for the process; OpenSSL has no owner for it either.
    static BIO_METHOD* method = [] {
        BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "datagrams");
        if (made) {
            BIO_meth_set_read(made, read_datagram);
            BIO_meth_set_write(made, write_datagram);
            BIO_meth_set_ctrl(made, control);
            BIO_meth_set_create(made, create);
        }
        return made;
    }();
    return method;
}

}  // namespace

BIO* make_datagram_bio(DtlsIo& io) {
    BIO_METHOD* method = datagram_method();
    BIO* bio = method ? BIO_new(method) : nullptr;
    if (bio) BIO_set_data(bio, &io);
    return bio;
}

}  // namespace jmeet::bridge
