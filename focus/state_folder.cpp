#include "focus/state_folder.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <stdexcept>

namespace jmeet::focus {
namespace {

namespace fs = std::filesystem;
constexpr char kSuffix[] = ".conference";

// FNV-1a: the same in every build; the room's name may be longer than a file's.
std::uint64_t hash_of(const std::string& text) {
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    return hash;
}

bool write_file(const fs::path& file, std::string_view text) {
    const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) return false;
    while (!text.empty()) {
        const auto written = ::write(fd, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) break;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    const bool closed = ::close(fd) == 0;
    return closed && text.empty();
}

Result<xmpp::Element> read_element(const fs::path& file) {
    std::error_code failed;
    const auto size = fs::file_size(file, failed);
    if (failed || size > StateFolder::kMaxFileBytes) return fail("it cannot be read, or is too long");
    std::string text(size, '\0');
    std::ifstream in(file, std::ios::binary);
    if (!in.read(text.data(), static_cast<std::streamsize>(size))) return fail("it cannot be read");
    return xmpp::parse_element(text);
}

}  // namespace

StateFolder::StateFolder(const std::string& path)
    : folder_(path), log_(log::Program::focus, "StateFolder"), failures_(seconds(60)) {
    std::error_code failed;
    fs::create_directories(folder_, failed);
    const fs::path probe = folder_ / "probe.tmp";
    if (!failed && !write_file(probe, "x")) failed = {errno, std::generic_category()};
    if (failed) {
        throw std::runtime_error("The folder '" + path + "' for the state of conferences cannot be "
                                 "written (" + failed.message() +
                                 "): change --state-folder or its owner.");
    }
    fs::remove(probe, failed);
}

fs::path StateFolder::file_of(const xmpp::Jid& room) const {
    return folder_ / fmt::format("{:016x}{}", hash_of(room.to_string()), kSuffix);
}

std::vector<ConferenceRecord> StateFolder::load() {
    std::vector<ConferenceRecord> records;
    std::error_code failed;
    for (fs::directory_iterator entry(folder_, failed), end; !failed && entry != end;
         entry.increment(failed)) {
        if (entry->path().extension() != kSuffix) continue;
        auto record = records.size() < kMaxFiles ? read(entry->path())
                                                 : Result<ConferenceRecord>(fail("too many"));
        if (record) {
            saved_.insert(record->room);
            records.push_back(std::move(*record));
            continue;
        }
        log_.warning("{} is not used: {}", entry->path().string(), record.error().what);
        std::error_code ignored;
        fs::remove(entry->path(), ignored);
    }
    return records;
}

Result<ConferenceRecord> StateFolder::read(const fs::path& file) const {
    const auto element = read_element(file);
    if (!element) return fail(element.error().what);
    auto record = parse_record(*element);
    if (record && file_of(record->room).filename() != file.filename()) {
        return fail("it has the name of another room");
    }
    return record;
}

void StateFolder::save(const ConferenceRecord& record) {
    if (put(file_of(record.room), write_record(record), "that conference would start anew")) {
        saved_.insert(record.room);
    }
}

bool StateFolder::put(const fs::path& file, const xmpp::Element& content,
                      std::string_view what_is_lost) {
    const std::string text = content.to_xml();
    const fs::path draft = file.string() + ".tmp";
    if (text.size() <= kMaxFileBytes && write_file(draft, text) &&
        std::rename(draft.c_str(), file.c_str()) == 0) {
        return true;
    }
    const std::string why = std::strerror(errno);
    std::uint64_t held_back = 0;
    if (failures_.may_speak(Clock::now(), &held_back)) {
        log_.warning("{} cannot be written ({}; {} more before): after a crash {}.",
                     file.string(), why, held_back, what_is_lost);
    }
    return false;
}

std::optional<xmpp::Element> StateFolder::load_logins() {
    std::error_code ignored;
    if (!fs::exists(logins_file(), ignored)) return {};
    auto element = read_element(logins_file());
    if (element) return std::move(*element);
    log_.warning("{} is not used: {}", logins_file().string(), element.error().what);
    return {};
}

void StateFolder::save_logins(const xmpp::Element& logins) {
    put(logins_file(), logins, "people would have to log in again");
}

void StateFolder::remove(const xmpp::Jid& room) {
    std::error_code ignored;
    fs::remove(file_of(room), ignored);
    saved_.erase(room);
}

}  // namespace jmeet::focus
