#include "tests/bench/bridge_process.hpp"

#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stdexcept>
#include <thread>

#include "base/asio.hpp"
#include "bridge/bridge.hpp"
#include "tests/bench/cores.hpp"

namespace jmeet::bench {

namespace colibri2 = xmpp::colibri2;

namespace {

// LIMIT: one COLIBRI2 request as text; those of the test clients have 3 KB.
constexpr std::size_t kMaxText = 65'536;

std::string read_text(int fd) {
    std::string text(kMaxText, '\0');
    const auto size = ::recv(fd, text.data(), text.size(), 0);
    text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return text;
}

void write_text(int fd, const std::string& text) {
    if (::send(fd, text.data(), text.size(), 0) < 0) throw std::runtime_error("the bridge is gone");
}

// The bridge's process: answers requests until the other end is closed.
class Server {
 public:
    Server(int fd, const bridge::BridgeConfig& config) : fd_(fd), bridge_(control_, config) {}

    void run() {
        std::thread reader([this] {
            for (auto text = read_text(fd_); !text.empty(); text = read_text(fd_)) {
                asio::post(control_, [this, text = std::move(text)] { answer(text); });
            }
            control_.stop();
        });
        const auto work = asio::make_work_guard(control_);
        control_.run();
        reader.join();
    }

 private:
    void answer(const std::string& text) {
        const auto element = xmpp::parse_element(text);
        auto request = colibri2::parse_conference_modify(*element);
        asio::co_spawn(control_, bridge_.modify(std::move(*request)),
                       [this](std::exception_ptr, bridge::ModifyResult result) {
                           if (!result) throw std::runtime_error(result.error().text);
                           write_text(fd_, colibri2::write(*result).to_xml());
                       });
    }

    int fd_;
    asio::io_context control_{1};
    bridge::Bridge bridge_;
};

}  // namespace

BridgeProcess::BridgeProcess(const bridge::BridgeConfig& config, std::optional<int> core) {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) != 0) throw std::runtime_error("no sockets");
    pid_ = ::fork();
    if (pid_ == 0) {
        ::close(ends[0]);
        if (core) pin(0, *core);
        Server(ends[1], config).run();
        ::_exit(0);
    }
    ::close(ends[1]);
    fd_ = ends[0];
}

BridgeProcess::~BridgeProcess() {
    ::close(fd_);
    ::waitpid(pid_, nullptr, 0);
}

colibri2::ConferenceModified BridgeProcess::modify(const colibri2::ConferenceModify& request) {
    write_text(fd_, colibri2::write(request).to_xml());
    return *colibri2::parse_conference_modified(*xmpp::parse_element(read_text(fd_)));
}

}  // namespace jmeet::bench
