// A Prosody of one's own for a test: configuration, data, certificate and ports in a temporary
// folder, gone with the object. Throws a sentence where Prosody or openssl is not installed.
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace jmeet::test {

struct ProsodyOptions {
    std::string domain = "meet.test";
    struct Account {
        std::string user;
        std::string password;
        bool admin = true;  // as docker-jitsi-meet makes focus and jvb
    };
    // On auth.<domain>.
    std::vector<Account> accounts{{"focus", "focus-secret", true},
                                  {"jvb", "jvb-secret", true},
                                  {"guest", "guest-secret", false}};
    std::string component_secret = "component-secret";
    bool require_encryption = true;
    std::string global_config;  // lines before the hosts
    std::string host_config;    // lines after the hosts: further components
};

class PrivateProsody {
 public:
    explicit PrivateProsody(ProsodyOptions options = {}) : options_(std::move(options)) {
        require_program("prosody", "apt-get install prosody");
        require_program("openssl", "apt-get install openssl");
        std::string pattern = (std::filesystem::temp_directory_path() / "jmeet-prosody-XXXXXX");
        if (!::mkdtemp(pattern.data())) throw std::runtime_error("no temporary folder");
        folder_ = pattern;
        port_ = free_port();
        component_port_ = free_port();
        make_certificate();
        for (const auto& account : options_.accounts) write_account(account);
        write_config();
        start();
    }
    ~PrivateProsody() {
        kill();
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }
    PrivateProsody(const PrivateProsody&) = delete;
    PrivateProsody& operator=(const PrivateProsody&) = delete;

    // Returns when clients can connect.
    void start() {
        pid_ = ::fork();
        if (pid_ < 0) throw std::runtime_error("fork failed");
        if (pid_ == 0) exec_prosody();
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (!listens(port_) || !listens(component_port_)) {
            int status = 0;
            const bool gone = ::waitpid(pid_, &status, WNOHANG) == pid_;
            if (gone) pid_ = -1;
            if (gone || std::chrono::steady_clock::now() > deadline) {
                throw std::runtime_error("Prosody does not listen:\n" + log());
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
    }
    void stop() { end(SIGTERM); }  // says goodbye to its clients
    void kill() { end(SIGKILL); }

    std::uint16_t port() const { return port_; }
    std::uint16_t component_port() const { return component_port_; }
    const std::string& domain() const { return options_.domain; }
    std::string auth_domain() const { return "auth." + options_.domain; }
    std::string muc_domain() const { return "conference." + options_.domain; }
    std::string internal_muc_domain() const { return "internal-muc." + options_.domain; }
    std::string focus_domain() const { return "focus." + options_.domain; }
    const std::string& component_secret() const { return options_.component_secret; }
    std::string certificate() const { return folder_ / "host.crt"; }
    pid_t pid() const { return pid_; }
    std::string log() const { return read(folder_ / "out") + read(folder_ / "prosody.log"); }

 private:
    static void require_program(const std::string& name, const std::string& fix) {
        const std::string command = "command -v " + name + " >/dev/null 2>&1";
        if (std::system(command.c_str()) != 0) {
            throw std::runtime_error("this test needs " + name + ": " + fix);
        }
    }

    static sockaddr_in loopback(std::uint16_t port) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = htons(port);
        return address;
    }

    static std::uint16_t free_port() {
        const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        auto address = loopback(0);
        socklen_t size = sizeof address;
        if (::bind(fd, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
            ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
            throw std::runtime_error("no free port");
        }
        ::close(fd);
        return ntohs(address.sin_port);
    }

    static bool listens(std::uint16_t port) {
        const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const auto address = loopback(port);
        const bool ok =
            ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
        ::close(fd);
        return ok;
    }

    static std::string read(const std::filesystem::path& path) {
        std::ifstream in(path);
        std::ostringstream text;
        text << in.rdbuf();
        return text.str();
    }

    void make_certificate() const {
        const std::string command =
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 "
            "-keyout '" + (folder_ / "host.key").string() + "' -out '" + certificate() +
            "' -subj /CN=" + auth_domain() + " -addext subjectAltName=DNS:" + auth_domain() +
            ",DNS:" + options_.domain + " >/dev/null 2>&1";
        if (std::system(command.c_str()) != 0) throw std::runtime_error("openssl req failed");
    }

    // Prosody's own storage: a dot in a host's name is %2e in the folder's.
    void write_account(const ProsodyOptions::Account& account) const {
        std::string host;
        for (const char c : auth_domain()) host += c == '.' ? std::string("%2e") : std::string(1, c);
        const auto folder = folder_ / "data" / host / "accounts";
        std::filesystem::create_directories(folder);
        std::ofstream(folder / (account.user + ".dat"))
            << "return { [\"password\"] = \"" << account.password << "\" };\n";
    }

    void write_config() const {
        std::ofstream out(folder_ / "prosody.cfg.lua");
        out << "run_as_root = true\n"
            << "pidfile = \"" << (folder_ / "prosody.pid").string() << "\"\n"
            << "data_path = \"" << (folder_ / "data").string() << "\"\n"
            << "interfaces = { \"127.0.0.1\" }\nlocal_interfaces = { \"127.0.0.1\" }\n"
            << "c2s_ports = { " << port_ << " }\ncomponent_ports = { " << component_port_ << " }\n"
            << "modules_enabled = { \"roster\", \"saslauth\", \"tls\", \"disco\", \"ping\", "
               "\"smacks\" }\n"
            << "modules_disabled = { \"s2s\", \"admin_socket\", \"admin_shell\" }\n"
            << "smacks_hibernation_time = 15\nauthentication = \"internal_hashed\"\n"
            << "c2s_require_encryption = " << (options_.require_encryption ? "true" : "false")
            << "\nssl = { key = \"" << (folder_ / "host.key").string() << "\", certificate = \""
            << certificate() << "\" }\n"
            << "log = { { levels = { min = \"info\" }, to = \"file\", filename = \""
            << (folder_ / "prosody.log").string() << "\" } }\n"
            << "admins = { ";
        for (const auto& account : options_.accounts) {
            if (account.admin) out << "\"" << account.user << "@" << auth_domain() << "\", ";
        }
        out << "}\n" << options_.global_config << "\n";
        out << "VirtualHost \"" << options_.domain << "\"\nVirtualHost \"" << auth_domain() << "\"\n";
        for (const auto& muc : {muc_domain(), internal_muc_domain()}) {
            out << "Component \"" << muc << "\" \"muc\"\n  storage = \"memory\"\n"
                << "  restrict_room_creation = true\n  muc_room_locking = false\n"
                << "  muc_room_default_public_jids = true\n";
        }
        out << "Component \"" << focus_domain() << "\"\n  component_secret = \""
            << options_.component_secret << "\"\n" << options_.host_config << "\n";
    }

    [[noreturn]] void exec_prosody() const {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        const int out = ::open((folder_ / "out").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
        ::dup2(out, 1);
        ::dup2(out, 2);
        const std::string config = folder_ / "prosody.cfg.lua";
        ::execlp("prosody", "prosody", "-F", "--config", config.c_str(), nullptr);
        ::_exit(127);
    }

    void end(int signal) {
        if (pid_ <= 0) return;
        ::kill(pid_, signal);
        int status = 0;
        ::waitpid(pid_, &status, 0);
        pid_ = -1;
    }

    ProsodyOptions options_;
    std::filesystem::path folder_;
    std::uint16_t port_ = 0;
    std::uint16_t component_port_ = 0;
    pid_t pid_ = -1;
};

}  // namespace jmeet::test
