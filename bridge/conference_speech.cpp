#include "bridge/conference_speech.hpp"

#include "bridge/channel/messages.hpp"

namespace jmeet::bridge {

std::string ConferenceSpeech::message() const {
    return channel::write_dominant_speaker(lists_.recent(), lists_.in_silence()
                                                                ? channel::ConferenceSilence::yes
                                                                : channel::ConferenceSilence::no);
}

ConferenceSpeech::Order ConferenceSpeech::apply(const SpeakerListChange& change) {
    if (change.announce_speaker && !lists_.recent().empty()) members_.broadcast(message());
    return change.last_n_order ? Order::changed : Order::same;
}

ConferenceSpeech::Order ConferenceSpeech::sync() {
    std::vector<ConferenceMember> now_here;
    now_here.reserve(members_.size());
    for (const auto& e : members_.all()) {
        if (e->visitor()) continue;
        now_here.push_back({e->id(), e->input().has_video() ? VideoAvailability::available
                                                            : VideoAvailability::none});
    }
    return apply(lists_.sync(now_here));
}

ConferenceSpeech::Order ConferenceSpeech::tick(TimePoint now) {
    const auto change = dominant_.decide(now);
    if (!change) return Order::same;
    ++counters_.dominant_speaker_changes;
    return apply(change->dominant ? lists_.on_dominant(*change->dominant) : lists_.on_silence());
}

void ConferenceSpeech::tell(Endpoint& newcomer) const {
    if (!lists_.recent().empty()) newcomer.channel().send(message());
}

}  // namespace jmeet::bridge
