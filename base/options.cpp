#include "base/options.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <fstream>
#include <sstream>

#include "base/text.hpp"

extern char** environ;

namespace jmeet {
namespace {

std::optional<bool> parse_flag(const std::string& text) {
    const std::string word = lower(text);
    for (const char* yes : {"1", "true", "yes", "on", "t", "y"}) {
        if (word == yes) return true;
    }
    for (const char* no : {"0", "false", "no", "off", "f", "n"}) {
        if (word == no) return false;
    }
    return {};
}

template <class Number>
std::optional<Number> parse_number(const std::string& text) {
    Number value{};
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failed != std::errc{} || end != text.data() + text.size()) return {};
    return value;
}

// What is wrong with the value; empty where nothing is.
std::string complaint(const Option& option, const std::string& value) {
    switch (option.kind) {
        case OptionKind::number: {
            const auto number = parse_number<std::int64_t>(value);
            if (!number) return "is not a whole number";
            if (*number < option.lowest || *number > option.highest) {
                return "is not between " + std::to_string(option.lowest) + " and " +
                       std::to_string(option.highest);
            }
            return {};
        }
        case OptionKind::real:
            return parse_number<double>(value) ? "" : "is not a number";
        case OptionKind::boolean:
            return parse_flag(value) ? "" : "is neither on nor off (use 1 or 0)";
        case OptionKind::duration:
            return parse_duration_ms(value) ? ""
                                            : "is not a duration (use for example 15s or 500ms)";
        case OptionKind::text:
        case OptionKind::secret:
        case OptionKind::list:
            return {};
    }
    return {};
}

std::size_t edit_distance(const std::string& a, const std::string& b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t above = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1])});
            diagonal = above;
        }
    }
    return row[b.size()];
}

std::string nearest(const std::vector<Option>& table, std::string typed) {
    typed.erase(0, typed.find_first_not_of('-'));
    typed = typed.substr(0, typed.find('='));
    std::string best;
    std::size_t best_distance = 4;  // further away it is no typing error
    for (const auto& option : table) {
        if (const auto d = edit_distance(typed, option.name); d < best_distance) {
            best_distance = d;
            best = option.name;
        }
    }
    return best;
}

std::string describe(const Option& option) {
    std::string text = option.meaning;
    if (!option.standard.empty()) text += " [default: " + option.standard + "]";
    if (!option.env.empty()) text += " (env: " + option.env + ")";
    return text;
}

Result<Options::Environment> read_env_file(const std::string& path) {
    std::ifstream file(path);
    if (!file) {
        return fail("cannot read the file given with --env-file=" + path +
                    ": check its path and rights");
    }
    std::ostringstream text;
    text << file.rdbuf();
    return parse_env_file(text.str(), path);
}

}  // namespace

Result<Options> Options::parse(const std::vector<Option>& table,
                               const std::vector<std::string>& arguments,
                               const Environment& environment) {
    CLI::App app("jmeet: conference focus, bridge selector and SFU for Jitsi Meet", "jmeet");
    app.get_formatter()->column_width(40);
    std::map<std::string, std::string> typed;
    std::map<std::string, CLI::Option*> registered;
    for (const auto& option : table) {
        auto* const added = app.add_option("--" + option.name, typed[option.name],
                                           describe(option));
        added->group(option.group)->type_name("");
        added->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
        registered[option.name] = added;
    }
    bool version = false;
    app.add_flag("--version", version, "print the version and end");

    Options result;
    for (const auto& option : table) result.table_[option.name] = option;
    // CLI11 takes the arguments from the back of the vector.
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    try {
        app.parse(reversed);
    } catch (const CLI::CallForHelp&) {
        result.answer = app.help();
        return result;
    } catch (const CLI::ExtrasError&) {
        const auto extras = app.remaining();
        const std::string what = extras.empty() ? "" : extras.front();
        const std::string near = nearest(table, what);
        return fail("unknown option '" + what + "'" +
                    (near.empty() ? "" : ": did you mean --" + near + "?") +
                    (near.empty() ? ": " : " ") + "'jmeet --help' lists all of them");
    } catch (const CLI::ParseError& e) {
        return fail(std::string(e.what()) + ": see 'jmeet --help'");
    }
    if (version) {
        result.answer = "jmeet " JMEET_VERSION "\n";
        return result;
    }

    Environment file;
    if (const auto at = registered.find("env-file");
        at != registered.end() && at->second->count() > 0) {
        auto read = read_env_file(typed["env-file"]);
        if (!read) return read.error();
        file = std::move(*read);
    }
    for (const auto& option : table) {
        if (registered[option.name]->count() > 0) {
            result.given_[option.name] = typed[option.name];
        } else if (option.env.empty()) {
            continue;
        } else if (const auto in_env = environment.find(option.env);
                   in_env != environment.end() && !in_env->second.empty()) {
            result.given_[option.name] = in_env->second;
        } else if (const auto in_file = file.find(option.env);
                   in_file != file.end() && !in_file->second.empty()) {
            result.given_[option.name] = in_file->second;
        }
    }
    for (const auto& [name, value] : result.given_) {
        const Option& option = result.table_.at(name);
        if (const auto wrong = complaint(option, value); !wrong.empty()) {
            return fail("option " + result.spelled(name) + ": '" + value + "' " + wrong);
        }
    }
    return result;
}

bool Options::is_set(const std::string& name) const { return given_.contains(name); }

const std::string& Options::value_of(const std::string& name) const {
    if (const auto found = given_.find(name); found != given_.end()) return found->second;
    return table_.at(name).standard;
}

const std::string& Options::text(const std::string& name) const { return value_of(name); }

std::int64_t Options::number(const std::string& name) const {
    return parse_number<std::int64_t>(value_of(name)).value_or(0);
}

double Options::real(const std::string& name) const {
    return parse_number<double>(value_of(name)).value_or(0);
}

bool Options::flag(const std::string& name) const {
    return parse_flag(value_of(name)).value_or(false);
}

std::vector<std::string> Options::list(const std::string& name) const {
    std::vector<std::string> items;
    std::istringstream text(value_of(name));
    for (std::string item; std::getline(text, item, ',');) {
        if (const auto word = trimmed(item); !word.empty()) items.emplace_back(word);
    }
    return items;
}

std::int64_t Options::milliseconds(const std::string& name) const {
    return parse_duration_ms(value_of(name)).value_or(0);
}

std::string Options::spelled(const std::string& name) const {
    const Option& option = table_.at(name);
    return "--" + name + (option.env.empty() ? "" : " / " + option.env);
}

Result<Options::Environment> parse_env_file(const std::string& text, const std::string& path) {
    Options::Environment environment;
    std::istringstream lines(text);
    std::size_t number = 0;
    for (std::string raw; std::getline(lines, raw);) {
        ++number;
        std::string_view line = trimmed(raw);
        if (line.empty() || line.front() == '#') continue;
        if (line.starts_with("export ")) line = trimmed(line.substr(7));
        const auto equals = line.find('=');
        if (equals == std::string_view::npos || equals == 0) {
            return fail(path + " line " + std::to_string(number) +
                        ": expected NAME=value, or # before a comment");
        }
        const std::string name(trimmed(line.substr(0, equals)));
        std::string_view value = trimmed(line.substr(equals + 1));
        if (!value.empty() && (value.front() == '"' || value.front() == '\'')) {
            const auto close = value.find(value.front(), 1);
            if (close == std::string_view::npos) {
                return fail(path + " line " + std::to_string(number) + ": the quote is not closed");
            }
            value = value.substr(1, close - 1);
        } else if (const auto comment = value.find(" #"); comment != std::string_view::npos) {
            value = trimmed(value.substr(0, comment));
        }
        environment[name] = std::string(value);
    }
    return environment;
}

std::optional<std::int64_t> parse_duration_ms(const std::string& text) {
    const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
    const auto number = parse_number<std::int64_t>(text.substr(0, digits));
    if (!number) return {};
    const std::string unit = lower(trimmed(std::string_view(text).substr(digits)));
    static const std::map<std::string, std::int64_t> kUnits{
        {"", 1},          {"ms", 1},        {"millis", 1},      {"milliseconds", 1},
        {"s", 1000},      {"second", 1000}, {"seconds", 1000},  {"m", 60'000},
        {"minute", 60'000}, {"minutes", 60'000}, {"h", 3'600'000}, {"hour", 3'600'000},
        {"hours", 3'600'000}, {"d", 86'400'000}, {"day", 86'400'000}, {"days", 86'400'000}};
    const auto found = kUnits.find(unit);
    // LIMIT: a year, so that no product overflows.
    constexpr std::int64_t kLongest = 366LL * 86'400'000;
    if (found == kUnits.end() || *number > kLongest / found->second) return {};
    return *number * found->second;
}

Options::Environment process_environment() {
    Options::Environment environment;
    for (char** entry = environ; entry && *entry; ++entry) {
        const std::string_view text(*entry);
        const auto equals = text.find('=');
        if (equals != std::string_view::npos) {
            environment.emplace(text.substr(0, equals), text.substr(equals + 1));
        }
    }
    return environment;
}

}  // namespace jmeet
