// Regions that count as near each other, as operators spell them:
// ["eu-west","eu-central"],["us-east"]
//
// Pure values. A region that is in no group is a group of its own.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace jmeet::focus {

using RegionGroups = std::vector<std::vector<std::string>>;

// Quotes may be left out; the error names the place.
Result<RegionGroups> parse_region_groups(const std::string& text);

// Empty for an unknown region.
std::vector<std::string> region_group(const RegionGroups& groups,
                                      const std::optional<std::string>& region);

}  // namespace jmeet::focus
