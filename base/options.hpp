// The options of the program: a table of names with default and meaning, read from
// command line > environment > --env-file > default.
//
// Set-up only, before any thread: refuses to start with one sentence that names the fix.
// Environment names are those of docker-jitsi-meet, so that its .env files go on working.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace jmeet {

enum class OptionKind : std::uint8_t {
    text,
    secret,    // as text; never printed
    number,    // a whole number within the option's range
    real,      // a number with a fraction
    boolean,   // 1, true, yes, on / 0, false, no, off
    list,      // items separated by commas
    duration,  // "15 seconds", "500 ms", a bare number is milliseconds
};

struct Option {
    std::string name;     // long option without the dashes: "xmpp-server"
    std::string env;      // "XMPP_SERVER"; may be empty
    OptionKind kind = OptionKind::text;
    std::string standard;  // the default, as it would be typed; empty: unset
    std::string meaning;  // one line; the unit where there is one
    std::string group;    // heading in --help
    std::int64_t lowest = 0;
    std::int64_t highest = INT64_MAX;
};

class Options {
 public:
    // What the process was started with. Name -> value; empty values count as unset, as in
    // docker-jitsi-meet's templates.
    using Environment = std::map<std::string, std::string>;

    // The text for --help or --version is a successful result with `answer` set: print it, end.
    static Result<Options> parse(const std::vector<Option>& table,
                                 const std::vector<std::string>& arguments,
                                 const Environment& environment);

    std::optional<std::string> answer;  // for the user, instead of running

    bool is_set(const std::string& name) const;  // by the user, not by the default
    // The value or the default; "" for an unset option without one. The name must be in the table.
    const std::string& text(const std::string& name) const;
    std::int64_t number(const std::string& name) const;
    double real(const std::string& name) const;
    bool flag(const std::string& name) const;
    std::vector<std::string> list(const std::string& name) const;
    std::int64_t milliseconds(const std::string& name) const;
    // "--xmpp-server / XMPP_SERVER", for sentences that name an option.
    std::string spelled(const std::string& name) const;

 private:
    const std::string& value_of(const std::string& name) const;

    std::map<std::string, Option> table_;
    std::map<std::string, std::string> given_;
};

// KEY=value lines as docker compose reads them: comments, blank lines, "export ", quotes.
Result<Options::Environment> parse_env_file(const std::string& text, const std::string& path);

// Numbers with a unit in Jitsi's configuration spelling; empty where it is none.
std::optional<std::int64_t> parse_duration_ms(const std::string& text);

// The environment of this process.
Options::Environment process_environment();

}  // namespace jmeet
