#include "focus/bridges/region_groups.hpp"

#include <algorithm>

namespace jmeet::focus {
namespace {

std::string trimmed(const std::string& text) {
    constexpr char kAround[] = " \t\r\n\"'";
    const auto first = text.find_first_not_of(kAround);
    if (first == std::string::npos) return {};
    return text.substr(first, text.find_last_not_of(kAround) - first + 1);
}

std::vector<std::string> split(const std::string& text) {
    std::vector<std::string> parts;
    for (std::size_t at = 0; at <= text.size();) {
        const std::size_t end = std::min(text.find(',', at), text.size());
        std::string part = trimmed(text.substr(at, end - at));
        if (!part.empty()) parts.push_back(std::move(part));
        at = end + 1;
    }
    return parts;
}

}  // namespace

Result<RegionGroups> parse_region_groups(const std::string& text) {
    RegionGroups groups;
    std::size_t at = 0;
    for (;;) {
        at = text.find_first_not_of(" \t\r\n,", at);
        if (at == std::string::npos) return groups;
        const std::size_t end = text.find(']', at);
        const bool nested = text.find('[', at + 1) < end;
        if (text[at] != '[' || end == std::string::npos || nested) {
            return fail("\"" + text + "\" is no list of groups like [\"eu-west\",\"eu-central\"],"
                        "[\"us-east\"]: see character " + std::to_string(at + 1));
        }
        auto group = split(text.substr(at + 1, end - at - 1));
        if (!group.empty()) groups.push_back(std::move(group));
        at = end + 1;
    }
}

std::vector<std::string> region_group(const RegionGroups& groups,
                                      const std::optional<std::string>& region) {
    if (!region) return {};
    for (const auto& group : groups) {
        if (std::find(group.begin(), group.end(), *region) != group.end()) return group;
    }
    return {*region};
}

}  // namespace jmeet::focus
