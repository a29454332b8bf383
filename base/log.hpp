// Log lines in the shape that Jitsi's operators parse:
//   PROG yyyy-MM-dd HH:mm:ss.SSS LEVEL: [thread-id] [k=v k=v] Class.method#line: message
//
// PROG is "Jicofo" for the focus half and "JVB" for the bridge half, as upstream writes it, so
// that existing collectors and dashboards go on working. Any thread. Never on the packet path.
#pragma once

#include <spdlog/fmt/fmt.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <source_location>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace jmeet::log {

enum class Level : std::uint8_t { fine, info, warning, severe };
enum class Program : std::uint8_t { focus, bridge };

// Before this is called lines go to stdout at INFO. also_to_file: a path, or empty.
void set_up(Level lowest, const std::string& also_to_file);
// Nothing is logged from now on: for a program that prints its own answer.
void switch_off();
bool enabled(Level level);
void write(Program program, Level level, std::string_view context, std::string_view class_name,
           const std::source_location& where, std::string_view message);

// A format string that remembers where it stands; checked at compile time.
template <class... Args>
struct Format {
    fmt::format_string<Args...> text;
    std::source_location where;
    template <class T>
    consteval Format(const T& t, std::source_location w = std::source_location::current())  // NOLINT
        : text(t), where(w) {}
};

// A named source of lines with its context, e.g. Logger(Program::focus, "ParticipantInvite",
// "conf_name=a@muc participant=1a2b"). Cheap to copy; kept as a member.
class Logger {
 public:
    Logger(Program program, std::string class_name, std::string context = {})
        : program_(program), class_name_(std::move(class_name)), context_(std::move(context)) {}

    Logger with(std::string_view more_context) const {
        Logger copy = *this;
        if (!copy.context_.empty()) copy.context_ += ' ';
        copy.context_ += more_context;
        return copy;
    }
    Logger named(std::string class_name) const {
        Logger copy = *this;
        copy.class_name_ = std::move(class_name);
        return copy;
    }

    template <class... Args>
    void fine(Format<std::type_identity_t<Args>...> f, Args&&... args) const {
        line(Level::fine, f, std::forward<Args>(args)...);
    }
    template <class... Args>
    void info(Format<std::type_identity_t<Args>...> f, Args&&... args) const {
        line(Level::info, f, std::forward<Args>(args)...);
    }
    template <class... Args>
    void warning(Format<std::type_identity_t<Args>...> f, Args&&... args) const {
        line(Level::warning, f, std::forward<Args>(args)...);
    }
    template <class... Args>
    void severe(Format<std::type_identity_t<Args>...> f, Args&&... args) const {
        line(Level::severe, f, std::forward<Args>(args)...);
    }

 private:
    template <class F, class... Args>
    void line(Level level, const F& f, Args&&... args) const {
        if (!enabled(level)) return;
        write(program_, level, context_, class_name_, f.where,
              fmt::format(f.text, std::forward<Args>(args)...));
    }

    Program program_;
    std::string class_name_;
    std::string context_;
};

// For every line that an outsider can cause: true at most once per interval, with the number of
// times it was held back since.
class Limiter {
 public:
    explicit Limiter(std::chrono::seconds interval = std::chrono::seconds(60))
        : interval_(interval) {}
    // False: stay silent. True: *held_back is the number of calls held back since the last line.
    bool may_speak(std::chrono::steady_clock::time_point now, std::uint64_t* held_back) {
        if (spoken_ && now - last_ < interval_) {
            ++held_back_;
            return false;
        }
        spoken_ = true;
        last_ = now;
        *held_back = std::exchange(held_back_, 0);
        return true;
    }

 private:
    std::chrono::seconds interval_;
    std::chrono::steady_clock::time_point last_{};
    std::uint64_t held_back_ = 0;
    bool spoken_ = false;
};

}  // namespace jmeet::log
