#include "focus/signaling_delays.hpp"

#include <algorithm>
#include <charconv>

namespace jmeet::focus {
namespace {

constexpr char kBetween[] = " \t\r\n\"'{},";

// The number that `text` consists of, or -1.
int whole_number(const std::string& text) {
    int number = -1;
    const char* const end = text.data() + text.size();
    const auto [read, error] = std::from_chars(text.data(), end, number);
    return error == std::errc() && read == end ? number : -1;
}

std::string next_word(const std::string& text, std::size_t& at) {
    at = std::min(text.find_first_not_of(kBetween, at), text.size());
    const std::size_t end =
        std::min(text.find_first_of(std::string(kBetween) + "=:", at), text.size());
    std::string word = text.substr(at, end - at);
    at = end;
    return word;
}

}  // namespace

Result<std::map<int, std::chrono::milliseconds>> parse_signaling_delays(const std::string& text) {
    std::map<int, std::chrono::milliseconds> delays;
    for (std::size_t at = 0;;) {
        const std::string size = next_word(text, at);
        if (size.empty() && at == text.size()) return delays;
        at = text.find_first_not_of(" \t\"'", at);
        const bool assigned = at != std::string::npos && (text[at] == '=' || text[at] == ':');
        const std::string delay = assigned ? next_word(text, ++at) : "";
        const int people = whole_number(size);
        const int ms = whole_number(delay);
        if (people < 0 || ms < 0) {
            return fail("\"" + text + "\" is no list like { 50 = 500, 100 = 1000 } of participants "
                        "and milliseconds");
        }
        delays[people] = std::chrono::milliseconds(ms);
    }
}

}  // namespace jmeet::focus
