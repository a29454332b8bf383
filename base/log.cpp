#include "base/log.hpp"

#include <spdlog/details/os.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <vector>

namespace jmeet::log {
namespace {

std::atomic<Level> lowest_level{Level::info};

std::shared_ptr<spdlog::logger> make_logger(const std::string& also_to_file) {
    std::vector<spdlog::sink_ptr> sinks{std::make_shared<spdlog::sinks::stdout_sink_mt>()};
    if (!also_to_file.empty()) {
        sinks.push_back(std::make_shared<spdlog::sinks::basic_file_sink_mt>(also_to_file));
    }
    auto logger = std::make_shared<spdlog::logger>("jmeet", sinks.begin(), sinks.end());
    logger->set_level(spdlog::level::trace);
    logger->flush_on(spdlog::level::trace);
    logger->set_pattern("%v");
    return logger;
}

// shared_ptr: spdlog's own way to hold a logger.
std::shared_ptr<spdlog::logger>& logger() {
    static std::shared_ptr<spdlog::logger> instance = make_logger({});
    return instance;
}

std::string_view name_of(Level level) {
    switch (level) {
        case Level::fine: return "FINE";
        case Level::info: return "INFO";
        case Level::warning: return "WARNING";
        case Level::severe: return "SEVERE";
    }
    return "INFO";
}

// "void jmeet::focus::Rooms::join(Jid)" -> "join"; lambdas and operators -> "".
std::string_view method_of(const char* function) {
    std::string_view text(function);
    const auto open = text.find('(');
    if (open == std::string_view::npos) return {};
    text = text.substr(0, open);
    const auto start = text.find_last_of(": *&");
    if (start != std::string_view::npos) text = text.substr(start + 1);
    return text.find_first_of("<>{}") == std::string_view::npos ? text : std::string_view{};
}

}  // namespace

void set_up(Level lowest, const std::string& also_to_file) {
    logger() = make_logger(also_to_file);
    lowest_level = lowest;
}

void switch_off() { lowest_level = static_cast<Level>(0xFF); }

bool enabled(Level level) { return level >= lowest_level.load(std::memory_order_relaxed); }

void write(Program program, Level level, std::string_view context, std::string_view class_name,
           const std::source_location& where, std::string_view message) {
    const auto now = std::chrono::system_clock::now();
    const auto ms =
        std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count() %
        1000;
    const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
    std::tm local{};
    localtime_r(&seconds, &local);
    char stamp[32];
    std::strftime(stamp, sizeof stamp, "%Y-%m-%d %H:%M:%S", &local);

    const std::string_view method = method_of(where.function_name());
    std::string line = fmt::format("{} {}.{:03} {}: [{}] ",
                                   program == Program::focus ? "Jicofo" : "JVB", stamp, ms,
                                   name_of(level), spdlog::details::os::thread_id());
    if (!context.empty()) line += fmt::format("[{}] ", context);
    line += class_name;
    if (!method.empty()) line += fmt::format(".{}", method);
    line += fmt::format("#{}: ", where.line());
    // A line is a line: what a peer sent cannot start another.
    for (const char c : message) line += (c == '\n' || c == '\r') ? ' ' : c;
    // The text goes in as an argument: data is never a format string.
    logger()->log(spdlog::level::info, "{}", line);
}

}  // namespace jmeet::log
