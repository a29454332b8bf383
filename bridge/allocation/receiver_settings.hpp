// What one receiver asked for: last-N, selected and on-stage sources, constraints.
//
// One per endpoint, owned by it, used on its conference's media worker. Until the first
// ReceiverVideoConstraints the default height is 0, so nothing is forwarded; that first message
// raises it to the configured default unless it names one itself (JVB behaviour).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "bridge/allocation/config.hpp"
#include "bridge/allocation/layers.hpp"

namespace jmeet::bridge {

using ConstraintsMap = std::map<SourceName, VideoConstraints>;

// The body of ReceiverVideoConstraints: absent fields keep their value; `constraints` replaces
// the whole map.
struct ReceiverSettingsUpdate {
    std::optional<int> last_n;
    std::optional<std::vector<SourceName>> selected;
    std::optional<std::vector<SourceName>> on_stage;
    std::optional<VideoConstraints> default_constraints;
    std::optional<ConstraintsMap> constraints;
    std::optional<std::int64_t> assumed_bandwidth;

    bool operator==(const ReceiverSettingsUpdate&) const = default;
};

enum class SettingsChange : std::uint8_t { none, changed };

class ReceiverSettings {
 public:
    explicit ReceiverSettings(const AllocationConfig& config = {});

    SettingsChange apply(const ReceiverSettingsUpdate& update);
    // LastNChangedEvent: does not count as the first constraints.
    SettingsChange set_last_n(int last_n);
    // initial-last-n of session-accept: only until the first ReceiverVideoConstraints.
    SettingsChange set_initial_last_n(int last_n);

    bool received_any() const { return received_any_; }
    int last_n() const { return last_n_; }
    const std::vector<SourceName>& selected() const { return selected_; }
    const std::vector<SourceName>& on_stage() const { return on_stage_; }
    const VideoConstraints& default_constraints() const { return default_; }
    const ConstraintsMap& constraints() const { return constraints_; }
    // -1 = none.
    std::int64_t assumed_bandwidth() const { return assumed_bandwidth_; }

    const VideoConstraints& constraints_for(const SourceName& source) const;
    Stage stage_of(const SourceName& source) const;

 private:
    std::optional<std::int64_t> assumed_limit_;
    std::int32_t later_default_height_;
    bool received_any_ = false;
    int last_n_;
    std::vector<SourceName> selected_;
    std::vector<SourceName> on_stage_;
    VideoConstraints default_;
    ConstraintsMap constraints_;
    std::int64_t assumed_bandwidth_ = -1;
};

}  // namespace jmeet::bridge
