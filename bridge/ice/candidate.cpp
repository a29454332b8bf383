#include "bridge/ice/candidate.hpp"

#include <algorithm>
#include <array>

namespace jmeet::bridge {

namespace {

constexpr std::array<std::string_view, 4> kTypeNames{"host", "srflx", "prflx", "relay"};

std::uint32_t type_preference(CandidateType type) {
    switch (type) {
        case CandidateType::host: return 126;
        case CandidateType::prflx: return 110;
        case CandidateType::srflx: return 100;
        case CandidateType::relay: return 0;
    }
    return 0;
}

std::uint16_t local_preference(const Address& a, std::size_t host_count) {
    if (host_count < 2) return 65'535;
    if (a.is_v6()) return a.is_link_local() ? 30 : 40;
    return 10;
}

bool applies(const StaticMapping& mapping, const Address& host) {
    return mapping.inside.same_ip(host) &&
           (mapping.inside.port() == 0 || mapping.inside.port() == host.port());
}

class Maker {
 public:
    explicit Maker(std::size_t host_count) : host_count_(host_count) {}

    void add(CandidateType type, const Address& address, const Address& base) {
        const auto same = [&](const LocalCandidate& c) {
            return c.address == address && c.base == base;
        };
        if (std::ranges::any_of(made_, same)) return;
        LocalCandidate c;
        c.type = type;
        c.address = address;
        c.base = base;
        c.priority = candidate_priority(type, local_preference(base, host_count_));
        c.foundation = std::to_string(made_.size() + 1);
        c.id = "c" + c.foundation;
        made_.push_back(std::move(c));
    }
    std::vector<LocalCandidate> take() { return std::move(made_); }

 private:
    std::size_t host_count_;
    std::vector<LocalCandidate> made_;
};

// Mappings onto themselves, and the later one of two with the same pair of addresses.
std::vector<StaticMapping> pruned(std::span<const StaticMapping> mappings) {
    std::vector<StaticMapping> kept;
    for (const StaticMapping& m : mappings) {
        if (m.inside.same_ip(m.outside)) continue;
        const auto same = [&](const StaticMapping& k) {
            return k.inside.same_ip(m.inside) && k.outside.same_ip(m.outside);
        };
        if (std::ranges::none_of(kept, same)) kept.push_back(m);
    }
    return kept;
}

}  // namespace

std::string_view to_string(CandidateType type) {
    return kTypeNames[static_cast<std::size_t>(type)];
}

std::optional<CandidateType> parse_candidate_type(std::string_view name) {
    const auto found = std::ranges::find(kTypeNames, name);
    if (found == kTypeNames.end()) return {};
    return static_cast<CandidateType>(found - kTypeNames.begin());
}

std::uint32_t candidate_priority(CandidateType type, std::uint16_t preference) {
    return (type_preference(type) << 24) | (std::uint32_t{preference} << 8) | 255;
}

std::uint64_t pair_priority(std::uint32_t controlling, std::uint32_t controlled) {
    const std::uint64_t low = std::min(controlling, controlled);
    const std::uint64_t high = std::max(controlling, controlled);
    return (low << 32) + 2 * high + (controlling > controlled ? 1 : 0);
}

std::vector<LocalCandidate> make_local_candidates(std::span<const Address> hosts,
                                                  std::span<const StaticMapping> mappings,
                                                  std::uint16_t port) {
    const std::vector<StaticMapping> usable = pruned(mappings);
    Maker maker(hosts.size());
    for (const Address& ip : hosts) {
        const Address host = ip.with_port(port);
        maker.add(CandidateType::host, host, host);
        for (const StaticMapping& m : usable) {
            if (!applies(m, host)) continue;
            const std::uint16_t outside = m.outside.port() == 0 ? port : m.outside.port();
            maker.add(CandidateType::srflx, m.outside.with_port(outside), host);
        }
    }
    return maker.take();
}

std::vector<LocalCandidate> without_private(std::span<const LocalCandidate> candidates) {
    std::vector<LocalCandidate> shown;
    for (const LocalCandidate& c : candidates) {
        if (c.address.is_private()) continue;
        shown.push_back(c);
        if (c.base.is_private()) shown.back().base = Address::v4(0, 9);
    }
    return shown;
}

}  // namespace jmeet::bridge
