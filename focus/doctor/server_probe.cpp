#include "focus/doctor/server_probe.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "focus/doctor/tls_probe.hpp"

namespace jmeet::doctor {
namespace {

struct Addresses {
    addrinfo* first = nullptr;
    int error = 0;

    Addresses(const std::string& host, const std::string& port) {
        addrinfo hints{};
        hints.ai_socktype = SOCK_STREAM;
        error = ::getaddrinfo(host.c_str(), port.empty() ? nullptr : port.c_str(), &hints, &first);
    }
    ~Addresses() {
        if (first) ::freeaddrinfo(first);
    }
    Addresses(const Addresses&) = delete;
    Addresses& operator=(const Addresses&) = delete;
};

std::string text_of(const sockaddr& address, socklen_t length) {
    char text[NI_MAXHOST] = {};
    ::getnameinfo(&address, length, text, sizeof text, nullptr, 0, NI_NUMERICHOST);
    return text;
}

class Socket {
 public:
    explicit Socket(int fd) : fd_(fd) {}
    ~Socket() {
        if (fd_ >= 0) ::close(fd_);
    }
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;
    int fd() const { return fd_; }

 private:
    int fd_;
};

// 0 or errno.
int connect_within(int fd, const addrinfo& to, milliseconds patience) {
    ::fcntl(fd, F_SETFL, O_NONBLOCK);
    if (::connect(fd, to.ai_addr, to.ai_addrlen) != 0) {
        if (errno != EINPROGRESS) return errno;
        pollfd wait{fd, POLLOUT, 0};
        if (::poll(&wait, 1, static_cast<int>(patience.count())) <= 0) return ETIMEDOUT;
        int error = 0;
        socklen_t length = sizeof error;
        ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length);
        if (error != 0) return error;
    }
    ::fcntl(fd, F_SETFL, 0);
    const timeval limit{patience.count() / 1000, (patience.count() % 1000) * 1000};
    ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    return 0;
}

ServerProbe::Reach reach_of(int error) {
    if (error == ECONNREFUSED) return ServerProbe::Reach::refused;
    return error == ETIMEDOUT ? ServerProbe::Reach::silent : ServerProbe::Reach::unreachable;
}

// What the server says until one of the endings, its close, or its silence.
std::string read_until(int fd, std::initializer_list<const char*> endings) {
    std::string heard;
    char piece[2048];
    while (heard.size() < kMaxStreamHead) {
        const ssize_t length = ::recv(fd, piece, sizeof piece, 0);
        if (length <= 0) break;
        heard.append(piece, static_cast<std::size_t>(length));
        for (const char* ending : endings) {
            if (heard.find(ending) != std::string::npos) return heard;
        }
    }
    return heard;
}

bool say(int fd, const std::string& text) {
    return ::send(fd, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size());
}

void open_stream(int fd, const std::string& domain, ServerProbe& probe) {
    say(fd, "<?xml version='1.0'?><stream:stream to='" + domain +
                "' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
                "version='1.0'>");
    const std::string head =
        read_until(fd, {"</stream:features>", "<stream:features/>", "</stream:stream>"});
    if (head.find("host-unknown") != std::string::npos) {
        probe.reach = ServerProbe::Reach::host_unknown;
        return;
    }
    if (head.find("<stream:features") == std::string::npos) {
        probe.reach = ServerProbe::Reach::no_xmpp;
        probe.error = head.empty() ? "it says nothing" : "it says \"" + head.substr(0, 40) + "\"";
        return;
    }
    probe.reach = ServerProbe::Reach::served;
    probe.offers_tls = head.find("urn:ietf:params:xml:ns:xmpp-tls") != std::string::npos;
    if (!probe.offers_tls) return;
    say(fd, "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    if (read_until(fd, {"<proceed", "<failure"}).find("<proceed") == std::string::npos) {
        probe.tls_error = "the server refuses to begin with it";
        return;
    }
    const auto certificate = read_certificate(fd, domain);
    if (certificate) probe.certificate = *certificate;
    if (!certificate) probe.tls_error = certificate.error().what;
}

}  // namespace

Result<std::vector<std::string>> resolve(const std::string& host) {
    const Addresses found(host, {});
    if (found.error != 0) return fail(::gai_strerror(found.error));
    std::vector<std::string> result;
    for (const addrinfo* a = found.first; a; a = a->ai_next) {
        result.push_back(text_of(*a->ai_addr, a->ai_addrlen));
    }
    return result;
}

ServerProbe probe_server(const std::string& host, std::uint16_t port, const std::string& domain,
                         milliseconds patience) {
    ServerProbe probe;
    const Addresses found(host, std::to_string(port));
    if (found.error != 0) {
        probe.reach = ServerProbe::Reach::unreachable;
        probe.error = ::gai_strerror(found.error);
        return probe;
    }
    for (const addrinfo* to = found.first; to; to = to->ai_next) {
        const Socket socket(::socket(to->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
        const int error = connect_within(socket.fd(), *to, patience);
        if (error == 0) {
            open_stream(socket.fd(), domain, probe);
            return probe;
        }
        probe.reach = reach_of(error);
        probe.error = std::strerror(error);
    }
    return probe;
}

}  // namespace jmeet::doctor
