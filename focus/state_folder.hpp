// One small file per running conference in a folder of our own, and one for the login sessions, so
// that a process that is started after this one was killed can go on.
//
// Owned by Succession; control thread. Files are written whole under another name and then renamed,
// mode 0600; what cannot be read is left out with one log line. Not synced: they outlive the
// process, not the machine, and a machine that went down took the calls with it.
// LIMITS: kMaxFileBytes a file (a conference of a thousand), kMaxFiles read.
#pragma once

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "focus/conference_record.hpp"

namespace jmeet::focus {

class StateFolder {
 public:
    static constexpr std::size_t kMaxFileBytes = xmpp::kMaxStanzaBytes;
    static constexpr std::size_t kMaxFiles = 5'000;

    // Makes the folder where it is missing. Throws std::runtime_error with one sentence.
    explicit StateFolder(const std::string& path);

    std::vector<ConferenceRecord> load();
    void save(const ConferenceRecord& record);
    void remove(const xmpp::Jid& room);
    // Of login_record.hpp; nothing where there is none.
    std::optional<xmpp::Element> load_logins();
    void save_logins(const xmpp::Element& logins);
    // Whose files are there.
    const std::set<xmpp::Jid>& saved() const { return saved_; }

 private:
    std::filesystem::path file_of(const xmpp::Jid& room) const;
    std::filesystem::path logins_file() const { return folder_ / "logins"; }
    Result<ConferenceRecord> read(const std::filesystem::path& file) const;
    // Whole or not at all; what is lost after a crash is said at most once a minute.
    bool put(const std::filesystem::path& file, const xmpp::Element& content,
             std::string_view what_is_lost);

    const std::filesystem::path folder_;
    log::Logger log_;
    log::Limiter failures_;
    std::set<xmpp::Jid> saved_;
};

}  // namespace jmeet::focus
