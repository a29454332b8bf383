// What the strategies are made of: the first candidate that is where it is wanted, in the region
// that is wanted, and not too loaded.
//
// Pure; lives for one selection. Candidates are in the order of preference already.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "focus/bridges/selection.hpp"

namespace jmeet::focus {

struct CandidateWish {
    enum class Where : std::uint8_t { anywhere, in_conference };
    enum class Near : std::uint8_t { anywhere, region, group };
    enum class Load : std::uint8_t {
        any,
        not_full,        // below max-bridge-participants of this conference; stress is ignored
        not_overloaded,  // by stress alone
        fits,            // neither overloaded nor full nor joined too fast by this conference
    };
    Where where;
    Near near;
    Load load;
};

class Candidates {
 public:
    Candidates(const BridgePointers& bridges, const std::vector<ConferenceBridge>& conference,
               const BridgeConfig& config, TimePoint now)
        : bridges_(bridges), conference_(conference), config_(config), now_(now) {}

    // The first that meets the first wish that anybody meets; an unknown region is met by nobody.
    Bridge* first(std::span<const CandidateWish> wishes,
                  const std::optional<std::string>& region) const;
    Bridge* first(const CandidateWish& wish, const std::optional<std::string>& region) const {
        return first(std::span(&wish, 1), region);
    }
    const ConferenceBridge* in_conference(const Bridge& bridge) const;

 private:
    bool meets(Bridge& bridge, const CandidateWish& wish,
               const std::optional<std::string>& region) const;
    bool near(const Bridge& bridge, CandidateWish::Near wanted,
              const std::optional<std::string>& region) const;
    bool bears(Bridge& bridge, CandidateWish::Load wanted) const;
    bool full(const ConferenceBridge& use) const;

    const BridgePointers& bridges_;
    const std::vector<ConferenceBridge>& conference_;
    const BridgeConfig& config_;
    const TimePoint now_;
};

}  // namespace jmeet::focus
