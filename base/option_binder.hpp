// Ties options to the fields of a configuration: one line says an option's name, its meaning and
// where its value goes. Kind and default come from the field itself.
//
// Set-up only. The bound fields outlive the binder.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/options.hpp"

namespace jmeet {

class OptionBinder {
 public:
    struct Range {
        std::int64_t lowest = 0;
        std::int64_t highest = INT64_MAX;
    };

    // The heading of what follows.
    OptionBinder& group(std::string heading);

    OptionBinder& add(bool& field, std::string name, std::string env, std::string meaning);
    OptionBinder& add(int& field, std::string name, std::string env, std::string meaning,
                      Range range);
    OptionBinder& add(std::uint16_t& field, std::string name, std::string env,
                      std::string meaning, Range range = {1, 65535});
    OptionBinder& add(double& field, std::string name, std::string env, std::string meaning);
    OptionBinder& add(std::string& field, std::string name, std::string env,
                      std::string meaning, OptionKind kind = OptionKind::text);
    OptionBinder& add(std::optional<std::string>& field, std::string name, std::string env,
                      std::string meaning);
    OptionBinder& add(std::vector<std::string>& field, std::string name, std::string env,
                      std::string meaning);
    // Typed with a unit ("15 seconds"), or bare as milliseconds.
    OptionBinder& add(std::chrono::milliseconds& field, std::string name, std::string env,
                      std::string meaning);
    // Typed as a bare number of seconds.
    OptionBinder& add(std::chrono::seconds& field, std::string name, std::string env,
                      std::string meaning);
    // An option that is read elsewhere, or by `read`.
    OptionBinder& add(Option option, std::function<Result<void>(const Options&)> read = {});

    std::vector<Option> table() const;
    // Fills the fields of the options that were given; others keep what they have.
    Result<void> read(const Options& options) const;

 private:
    struct Bound {
        Option option;
        std::function<Result<void>(const Options&)> read;
    };
    template <class Read>
    OptionBinder& bind(std::string name, std::string env, OptionKind kind, std::string standard,
                       std::string meaning, Range range, Read read);

    std::string group_;
    std::vector<Bound> bound_;
};

}  // namespace jmeet
