#include "bridge/conference_video.hpp"

#include <utility>

#include "bridge/channel/messages.hpp"

namespace jmeet::bridge {

std::vector<OfferedSource> ConferenceVideo::offered_sources(TimePoint now) const {
    std::vector<OfferedSource> offered;
    for (const auto& id : speech_.last_n_order()) {
        Endpoint* endpoint = members_.find(id);
        if (!endpoint) continue;
        for (const auto& source : endpoint->input().video_sources()) {
            offered.push_back({source->snapshot(now), source.get(),
                               &endpoint->input().formats().extensions});
        }
    }
    return offered;
}

void ConferenceVideo::run(TimePoint now) {
    const bool for_all = all_ && now >= next_for_all_;
    // A message that comes in while others go out may want something again: that is for later.
    const auto some = std::exchange(some_, {});
    if (!for_all && some.empty()) return;
    if (for_all) all_ = false;
    const auto offered = offered_sources(now);
    std::vector<const OfferedSource*> of_others;
    LastNLimits limits;
    limits.bridge = config_.jvb_last_n;
    limits.conference_size = conference_size_limit(config_.conference_last_n_limits,
                                                   static_cast<int>(offered.size()) + 1);
    limits.ssrcs = config_.video_ssrc_limit;
    for (const auto& receiver : members_.all()) {
        if (!for_all && !some.contains(receiver->token())) continue;
        of_others.clear();
        for (const auto& o : offered) {
            if (o.snapshot.owner != receiver->id()) of_others.push_back(&o);
        }
        const auto wishes = receiver->video().allocate(of_others, limits, now);
        if (wishes == VideoOutput::Wishes::changed) tell_senders(*receiver);
    }
    if (for_all) next_for_all_ = now + kShare * (Clock::now() - now);
}

void ConferenceVideo::tell_senders(Endpoint& receiver) {
    for (const auto& s : receiver.video().allocation().sources) {
        Endpoint* sender = members_.find(s.owner);
        if (!sender) continue;
        const auto told =
            sender->sender_constraints().put(s.name, receiver.id().value(), s.effective);
        if (!told) continue;
        sender->channel().send(
            channel::write_sender_source_constraints(told->source, told->max_height));
    }
}

void ConferenceVideo::remove_receiver(const Endpoint& receiver) {
    some_.erase(receiver.token());
    for (const auto& sender : members_.all()) {
        for (const auto& told :
             sender->sender_constraints().remove_receiver(receiver.id().value())) {
            sender->channel().send(
                channel::write_sender_source_constraints(told.source, told.max_height));
        }
    }
}

}  // namespace jmeet::bridge
