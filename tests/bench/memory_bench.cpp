// What a bridge keeps in memory: fresh, per idle endpoint, per endpoint of a call of twenty.
//
// The bridge has a process of its own, the clients live in this one and ask it by COLIBRI2 over a
// socket pair; what is counted is the bridge process's resident memory. Idle endpoints are
// connected (ICE, DTLS, an open data channel), two to a conference, and silent. In the call
// everybody sends one layer as in a tile view (30 packets of 600 bytes a second), two speak, and
// everybody sees everybody; a first such call brings what the worker needs once.
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <stdexcept>
#include <thread>

#include "base/log.hpp"
#include "tests/bench/cores.hpp"
#include "tests/bench/people.hpp"

namespace {

using namespace jmeet;
using namespace jmeet::bench;
namespace colibri2 = xmpp::colibri2;

constexpr int kIdle = 300;
constexpr int kCall = 20;
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
    explicit Server(int fd) : fd_(fd), bridge_(control_, bench_config()) {}

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
                       [this](std::exception_ptr, ModifyResult result) {
                           if (!result) throw std::runtime_error(result.error().text);
                           write_text(fd_, colibri2::write(*result).to_xml());
                       });
    }

    int fd_;
    asio::io_context control_{1};
    Bridge bridge_;
};

class RemoteCall {
 public:
    explicit RemoteCall(int fd) : fd_(fd) {
        auto certificate = Certificate::make(std::chrono::system_clock::now());
        dtls_.emplace(std::move(*DtlsContext::make(*certificate)));
    }

    TestClient& join(int number, const std::string& meeting) {
        clients_.push_back(std::make_unique<TestClient>(client_options(number), sctp_, *dtls_));
        TestClient& client = *clients_.back();
        auto create = Call::request(client.create_request(), meeting);
        create.create = meetings_.insert(meeting).second;
        if (create.create) create.name = "room@conference.example.com";
        const auto answer = modify(create);
        client.on_answer(answer.endpoints.at(0), Clock::now());
        modify(Call::request(client.accept_request(), meeting));
        const auto end = Clock::now() + seconds(10);
        while (!client.channel_open()) {
            if (Clock::now() > end) throw std::runtime_error(client.id() + " did not connect");
            step();
            std::this_thread::sleep_for(milliseconds(1));
        }
        people_.add(client);
        return client;
    }

    void run_for(Duration time) {
        for (const auto end = Clock::now() + time; Clock::now() < end;) {
            step();
            people_.step(Clock::now());
            std::this_thread::sleep_for(milliseconds(1));
        }
    }
    People& people() { return people_; }

 private:
    colibri2::ConferenceModified modify(const colibri2::ConferenceModify& request) {
        write_text(fd_, colibri2::write(request).to_xml());
        return *colibri2::parse_conference_modified(*xmpp::parse_element(read_text(fd_)));
    }
    void step() {
        const auto now = Clock::now();
        for (const auto& client : clients_) client->step(now);
        if (now - last_sctp_ < SctpContext::kTick) return;
        last_sctp_ = now;
        sctp_.on_timer(now);
    }

    int fd_;
    std::optional<DtlsContext> dtls_;
    SctpContext sctp_;
    std::set<std::string> meetings_;
    std::vector<std::unique_ptr<TestClient>> clients_;
    People people_;
    TimePoint last_sctp_{};
};

double kib(std::int64_t bytes) { return static_cast<double>(bytes) / 1024; }

void start_call(RemoteCall& call, int first_number, const std::string& meeting) {
    const std::size_t first = call.people().listeners.size();
    for (int i = 0; i < kCall; ++i) call.join(first_number + i, meeting);
    for (std::size_t i = first; i < first + kCall; ++i) {
        TestClient& client = call.people().listeners[i]->client();
        client.send_text(kWantVideo);
        call.people().cameras.emplace_back(client, 1, 600);
        if (i < first + 2) call.people().microphones.emplace_back(client, Clock::now());
    }
}

void measure(int fd, pid_t bridge) {
    RemoteCall call(fd);
    // The first endpoint brings what is made once.
    call.join(0, "first");
    const auto fresh = resident(bridge);
    std::printf("%-44s %9.0f KiB resident, %.0f KiB its own\n", "fresh, one endpoint",
                kib(fresh.all), kib(fresh.own));
    for (int i = 1; i <= kIdle; ++i) call.join(i, "idle-" + std::to_string(i / 2));
    call.run_for(seconds(2));
    const auto idle = resident(bridge);
    std::printf("%-44s %9.1f KiB\n", "per idle endpoint", kib(idle.own - fresh.own) / kIdle);

    // The first call brings what the worker needs once; the second is measured.
    start_call(call, 1'000, "first-call");
    call.run_for(seconds(8));
    const auto before = resident(bridge);
    start_call(call, 2'000, "second-call");
    const auto packets = call.people().received();
    call.run_for(seconds(8));
    const auto after = resident(bridge);
    std::printf("%-44s %9.1f KiB (%.0f packets a second in two calls)\n",
                "per endpoint of a call of 20", kib(after.own - before.own) / kCall,
                static_cast<double>(call.people().received() - packets) / 8);
}

}  // namespace

int main() {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) != 0) return 1;
    allow_many_sockets();
    jmeet::log::set_up(jmeet::log::Level::severe, "");
    const pid_t bridge = ::fork();
    if (bridge == 0) {
        ::close(ends[0]);
        Server(ends[1]).run();
        return 0;
    }
    ::close(ends[1]);
    measure(ends[0], bridge);
    ::close(ends[0]);
    ::waitpid(bridge, nullptr, 0);
}
