#include "xmpp/jitsi_stats.hpp"

#include <array>
#include <charconv>
#include <cmath>

#include "xmpp/namespaces.hpp"

namespace jmeet::xmpp {
namespace {

bool equals_true(std::string_view text) {
    constexpr std::string_view kTrue = "true";
    if (text.size() != kTrue.size()) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if ((text[i] | 0x20) != kTrue[i]) return false;
    }
    return true;
}

// The shortest decimal digits of a positive value, and the power of ten of the first one.
struct Digits {
    std::string text;
    int exponent = 0;
};

Digits shortest_digits(double positive) {
    std::array<char, 32> buffer{};
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), positive,
                                   std::chars_format::scientific)
                         .ptr;
    const std::string_view all(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
    const auto e = all.find('e');
    Digits digits;
    for (const char c : all.substr(0, e)) {
        if (c != '.') digits.text.push_back(c);
    }
    const char* first = all.data() + e + 1;
    if (*first == '+') ++first;
    std::from_chars(first, end, digits.exponent);
    return digits;
}

}  // namespace

std::string java_double(double value) {
    if (std::isnan(value)) return "NaN";
    const std::string sign = std::signbit(value) ? "-" : "";
    if (std::isinf(value)) return sign + "Infinity";
    if (value == 0) return sign + "0.0";
    auto [text, exponent] = shortest_digits(std::abs(value));
    // Java: plain between 1e-3 and 1e7, else one digit, a point, the rest, E and the exponent.
    if (exponent < -3 || exponent >= 7) {
        const std::string rest = text.size() > 1 ? text.substr(1) : "0";
        return sign + text[0] + "." + rest + "E" + std::to_string(exponent);
    }
    if (exponent < 0) {
        return sign + "0." + std::string(static_cast<std::size_t>(-exponent - 1), '0') + text;
    }
    const auto whole = static_cast<std::size_t>(exponent) + 1;
    if (text.size() <= whole) text.append(whole - text.size() + 1, '0');
    return sign + text.substr(0, whole) + "." + text.substr(whole);
}

std::optional<std::string> BridgeStats::find(std::string_view name) const {
    for (const auto& [key, value] : stats_) {
        if (key == name) return value;
    }
    return {};
}

std::optional<double> BridgeStats::find_double(std::string_view name) const {
    const auto text = find(name);
    if (!text) return {};
    double value = 0;
    const auto [end, failed] = std::from_chars(text->data(), text->data() + text->size(), value);
    if (failed != std::errc{} || end != text->data() + text->size()) return {};
    if (!std::isfinite(value)) return {};
    return value;
}

std::optional<bool> BridgeStats::find_bool(std::string_view name) const {
    const auto text = find(name);
    if (!text) return {};
    return equals_true(*text);
}

void BridgeStats::add(std::string name, std::string value) {
    if (stats_.size() < kMaxStats) stats_.emplace_back(std::move(name), std::move(value));
}

void BridgeStats::add(std::string name, bool value) {
    add(std::move(name), std::string(value ? "true" : "false"));
}

void BridgeStats::add(std::string name, std::int64_t value) {
    add(std::move(name), std::to_string(value));
}

void BridgeStats::add(std::string name, std::uint64_t value) {
    add(std::move(name), std::to_string(value));
}

void BridgeStats::add(std::string name, double value) {
    add(std::move(name), java_double(value));
}

std::optional<BridgeStats> parse_bridge_stats(const Element& presence) {
    const Element* stats = presence.child("stats", ns::kColibri);
    if (!stats) return {};
    BridgeStats parsed;
    for (const Element* stat : stats->children_named("stat")) {
        const auto value = stat->attribute("value");
        if (!stat->get("name").empty() && value) parsed.add(stat->get("name"), *value);
    }
    return parsed;
}

Element write_bridge_stats(const BridgeStats& stats) {
    Element element("stats", ns::kColibri);
    for (const auto& [name, value] : stats.all()) {
        if (name.empty() || value.empty()) continue;
        element.add("stat").set("name", name).set("value", value);
    }
    return element;
}

}  // namespace jmeet::xmpp
