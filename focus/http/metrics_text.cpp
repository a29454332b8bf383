#include "focus/http/metrics_text.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>

namespace jmeet::focus {
namespace {

constexpr std::string_view kPrefix = "jitsi_jicofo_";
// LIMIT: wishes of one header that are looked at; Prometheus has five.
constexpr std::size_t kMaxWishes = 32;

struct Wish {
    std::string type;
    double quality = 1;
};

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::string_view take_until(std::string_view& text, char end) {
    const auto at = text.find(end);
    const std::string_view part = text.substr(0, at);
    text = at == std::string_view::npos ? std::string_view() : text.substr(at + 1);
    return trimmed(part);
}

Wish parse_wish(std::string_view text) {
    Wish wish;
    wish.type = take_until(text, ';');
    std::transform(wish.type.begin(), wish.type.end(), wish.type.begin(), [](unsigned char c) {
        return static_cast<char>(std::tolower(c));
    });
    while (!text.empty()) {
        const std::string_view parameter = take_until(text, ';');
        if (!parameter.starts_with("q=") && !parameter.starts_with("Q=")) continue;
        const char* const end = parameter.data() + parameter.size();
        if (std::from_chars(parameter.data() + 2, end, wish.quality).ec != std::errc()) {
            wish.quality = 0;
        }
    }
    return wish;
}

std::optional<MetricsForm> form_of(const std::string& type) {
    if (type == "*/*" || type == "application/openmetrics-text" || type == "application/*") {
        return MetricsForm::open_metrics;
    }
    if (type == "text/plain" || type == "text/*") return MetricsForm::text;
    if (type == "application/json") return MetricsForm::json;
    return {};
}

std::string escaped(std::string_view text) {
    std::string result;
    for (const char c : text) {
        if (c == '\n') {
            result += "\\n";
            continue;
        }
        if (c == '\\' || c == '"') result += '\\';
        result += c;
    }
    return result;
}

std::string number(double value) {
    if (std::floor(value) == value && std::abs(value) < 1e15) {
        return fmt::format("{}", static_cast<std::int64_t>(value));
    }
    return fmt::format("{}", value);
}

void write_head(std::string& out, const std::string& name, std::string_view type,
                const std::string& help) {
    out += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
}

void write_family(std::string& out, const std::vector<const MetricValue*>& family,
                  MetricsForm form) {
    const MetricValue& first = *family.front();
    const bool counter = first.kind == MetricValue::Kind::counter;
    const std::string name = std::string(kPrefix) + first.name;
    const std::string sample = name + (counter ? "_total" : "");
    // OpenMetrics names the family, the older form the samples.
    write_head(out, form == MetricsForm::open_metrics ? name : sample,
               counter ? "counter" : "gauge", first.help);
    for (const MetricValue* const value : family) {
        out += sample;
        if (!value->bridge.empty()) out += fmt::format("{{jvb=\"{}\"}}", escaped(value->bridge));
        out += " " + number(value->value) + "\n";
    }
}

}  // namespace

std::optional<MetricsForm> choose_metrics_form(std::string_view accept) {
    if (trimmed(accept).empty()) return MetricsForm::open_metrics;
    std::vector<Wish> wishes;
    while (!accept.empty() && wishes.size() < kMaxWishes) {
        wishes.push_back(parse_wish(take_until(accept, ',')));
    }
    std::stable_sort(wishes.begin(), wishes.end(),
                     [](const Wish& a, const Wish& b) { return a.quality > b.quality; });
    for (const Wish& wish : wishes) {
        if (!(wish.quality > 0)) break;
        if (const auto form = form_of(wish.type)) return form;
    }
    return {};
}

std::string write_metrics(const std::vector<MetricValue>& values, const std::string& version,
                          MetricsForm form) {
    // The samples of one family stand together.
    std::map<std::string, std::vector<const MetricValue*>> families;
    for (const MetricValue& value : values) families[value.name].push_back(&value);
    std::string out;
    for (const auto& [name, family] : families) write_family(out, family, form);
    const bool open = form == MetricsForm::open_metrics;
    const std::string info = std::string(kPrefix) + "version";
    write_head(out, open ? info : info + "_info", open ? "info" : "gauge", "Application version.");
    out += fmt::format("{}_info{{version=\"{}\"}} 1\n", info, escaped(version));
    if (open) out += "# EOF\n";
    return out;
}

const char* content_type(MetricsForm form) {
    switch (form) {
        case MetricsForm::open_metrics:
            return "application/openmetrics-text; version=1.0.0; charset=utf-8";
        case MetricsForm::text: return "text/plain; version=0.0.4; charset=utf-8";
        case MetricsForm::json: break;
    }
    return "application/json";
}

}  // namespace jmeet::focus
