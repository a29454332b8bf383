#include "base/option_binder.hpp"

#include <spdlog/fmt/fmt.h>

namespace jmeet {

OptionBinder& OptionBinder::group(std::string heading) {
    group_ = std::move(heading);
    return *this;
}

OptionBinder& OptionBinder::add(Option option, std::function<Result<void>(const Options&)> read) {
    option.group = group_;
    bound_.push_back({std::move(option), std::move(read)});
    return *this;
}

template <class Read>
OptionBinder& OptionBinder::bind(std::string name, std::string env, OptionKind kind,
                                 std::string standard, std::string meaning, Range range,
                                 Read read) {
    Option option{name, std::move(env), kind, std::move(standard), std::move(meaning), group_,
                  range.lowest, range.highest};
    return add(std::move(option), [name, read](const Options& options) -> Result<void> {
        if (options.is_set(name)) read(options, name);
        return {};
    });
}

OptionBinder& OptionBinder::add(bool& field, std::string name, std::string env,
                                std::string meaning) {
    return bind(std::move(name), std::move(env), OptionKind::boolean, field ? "1" : "0",
                std::move(meaning), {},
                [&field](const Options& o, const std::string& n) { field = o.flag(n); });
}

OptionBinder& OptionBinder::add(int& field, std::string name, std::string env,
                                std::string meaning, Range range) {
    return bind(std::move(name), std::move(env), OptionKind::number, std::to_string(field),
                std::move(meaning), range, [&field](const Options& o, const std::string& n) {
                    field = static_cast<int>(o.number(n));
                });
}

OptionBinder& OptionBinder::add(std::uint16_t& field, std::string name, std::string env,
                                std::string meaning, Range range) {
    return bind(std::move(name), std::move(env), OptionKind::number, std::to_string(field),
                std::move(meaning), range, [&field](const Options& o, const std::string& n) {
                    field = static_cast<std::uint16_t>(o.number(n));
                });
}

OptionBinder& OptionBinder::add(double& field, std::string name, std::string env,
                                std::string meaning) {
    return bind(std::move(name), std::move(env), OptionKind::real, fmt::format("{}", field),
                std::move(meaning), {},
                [&field](const Options& o, const std::string& n) { field = o.real(n); });
}

OptionBinder& OptionBinder::add(std::string& field, std::string name, std::string env,
                                std::string meaning, OptionKind kind) {
    return bind(std::move(name), std::move(env), kind, field, std::move(meaning), {},
                [&field](const Options& o, const std::string& n) { field = o.text(n); });
}

OptionBinder& OptionBinder::add(std::optional<std::string>& field, std::string name,
                                std::string env, std::string meaning) {
    return bind(std::move(name), std::move(env), OptionKind::text, field.value_or(""),
                std::move(meaning), {},
                [&field](const Options& o, const std::string& n) { field = o.text(n); });
}

OptionBinder& OptionBinder::add(std::vector<std::string>& field, std::string name,
                                std::string env, std::string meaning) {
    return bind(std::move(name), std::move(env), OptionKind::list,
                fmt::format("{}", fmt::join(field, ",")), std::move(meaning), {},
                [&field](const Options& o, const std::string& n) { field = o.list(n); });
}

OptionBinder& OptionBinder::add(std::chrono::milliseconds& field, std::string name,
                                std::string env, std::string meaning) {
    const auto ms = field.count();
    return bind(std::move(name), std::move(env), OptionKind::duration,
                ms % 1000 == 0 ? fmt::format("{}s", ms / 1000) : fmt::format("{}ms", ms),
                std::move(meaning), {}, [&field](const Options& o, const std::string& n) {
                    field = std::chrono::milliseconds(o.milliseconds(n));
                });
}

OptionBinder& OptionBinder::add(std::chrono::seconds& field, std::string name, std::string env,
                                std::string meaning) {
    return bind(std::move(name), std::move(env), OptionKind::number,
                std::to_string(field.count()), std::move(meaning) + ", in seconds",
                {0, 31'536'000}, [&field](const Options& o, const std::string& n) {
                    field = std::chrono::seconds(o.number(n));
                });
}

std::vector<Option> OptionBinder::table() const {
    std::vector<Option> result;
    for (const Bound& bound : bound_) result.push_back(bound.option);
    return result;
}

Result<void> OptionBinder::read(const Options& options) const {
    for (const Bound& bound : bound_) {
        if (!bound.read) continue;
        if (const auto done = bound.read(options); !done) return done.error();
    }
    return {};
}

}  // namespace jmeet
