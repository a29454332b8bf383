// A bridge's (or Jibri's, Jigasi's) statistics in brewery presence:
// <stats xmlns='http://jitsi.org/protocol/colibri'><stat name='' value=''/>...</stats>.
//
// Plain values; control thread. All values are text; numbers as Java prints them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "xmpp/element.hpp"

namespace jmeet::xmpp {

// LIMIT: a stock bridge publishes 82.
inline constexpr std::size_t kMaxStats = 512;

class BridgeStats {
 public:
    // The first of a name wins, as in Jicofo.
    std::optional<std::string> find(std::string_view name) const;
    // "5", "5.0", "1.0E-4"; nothing where absent, no number, or NaN and infinities.
    std::optional<double> find_double(std::string_view name) const;
    // "true" in any case is true, everything else false; nothing where absent.
    std::optional<bool> find_bool(std::string_view name) const;

    // Appends. An empty name or value is left out when written, as upstream does.
    void add(std::string name, std::string value);
    void add(std::string name, const char* value) { add(std::move(name), std::string(value)); }
    void add(std::string name, bool value);
    void add(std::string name, std::int64_t value);
    void add(std::string name, std::int32_t value) { add(std::move(name), std::int64_t{value}); }
    void add(std::string name, std::uint64_t value);
    // "0.0", "1.0E-4", "NaN": as Java's Double.toString.
    void add(std::string name, double value);

    const std::vector<std::pair<std::string, std::string>>& all() const { return stats_; }
    bool operator==(const BridgeStats&) const = default;

 private:
    std::vector<std::pair<std::string, std::string>> stats_;
};

// Nothing when the presence has no <stats/>.
std::optional<BridgeStats> parse_bridge_stats(const Element& presence);
// The <stats/> element.
Element write_bridge_stats(const BridgeStats& stats);

// What Double.toString says in Java for it, for values of everyday size.
std::string java_double(double value);

}  // namespace jmeet::xmpp
