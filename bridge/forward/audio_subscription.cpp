#include "bridge/forward/audio_subscription.hpp"

namespace jmeet::bridge {

void AudioSources::add(Ssrc ssrc, const SourceName& name, AudioOrigin origin) {
    by_ssrc_[ssrc] = {name, origin};
}

const AudioSources::Source* AudioSources::find(Ssrc ssrc) const {
    const auto it = by_ssrc_.find(ssrc);
    return it == by_ssrc_.end() ? nullptr : &it->second;
}

void AudioSubscription::set(Unnamed unnamed, const std::vector<SourceName>& include,
                            const std::vector<SourceName>& exclude) {
    set_ = true;
    unnamed_ = unnamed;
    include_ = {include.begin(), include.end()};
    exclude_ = {exclude.begin(), exclude.end()};
}

bool AudioSubscription::wants(const AudioSources::Source& source) const {
    const bool synthetic = source.origin == AudioOrigin::synthetic;
    if (!set_) return !synthetic;
    if (exclude_.contains(source.name)) return false;
    if (include_.contains(source.name)) return true;
    return !synthetic && unnamed_ == Unnamed::all;
}

}  // namespace jmeet::bridge
