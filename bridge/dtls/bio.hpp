// OpenSSL's view of the network, for DtlsSession only: a BIO that keeps datagrams apart.
//
// OpenSSL's own memory BIO is a byte stream: a truncated datagram would eat the next one, and two
// outgoing datagrams would come out as one.
#pragma once

#include <openssl/bio.h>

#include "base/bytes.hpp"
#include "bridge/dtls/session.hpp"

namespace jmeet::bridge {

struct DtlsIo {
    DtlsHandler& handler;
    BytesView incoming{};  // one datagram, until OpenSSL has taken it
};

// A BIO over `io`, which must outlive it; nullptr without memory.
BIO* make_datagram_bio(DtlsIo& io);

}  // namespace jmeet::bridge
