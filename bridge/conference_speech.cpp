#include "bridge/conference_speech.hpp"

#include <algorithm>

namespace jmeet::bridge {

bool ConferenceSpeech::on_level(const EndpointId& endpoint, const SourceName& source,
                                std::uint8_t loudness, TimePoint now) {
    dominant_.on_level(endpoint, loudness, now);
    if (!config_.route_loudest_only) return true;
    const auto rank =
        loudest_.on_level(endpoint, loudness, dominant_.noise_floor(endpoint), now);
    if (loudest_.routes(rank)) return true;
    if (config_.always_route_dominant && dominant_.dominant() == endpoint) return true;
    // Whoever names a source wants it also while others are louder.
    return named_.named(source);
}

void ConferenceSpeech::subscribe(Endpoint& receiver,
                                 const channel::ReceiverAudioSubscription& wish) {
    named_.remove(receiver.audio().included());
    receiver.audio().set_subscription(wish.all ? Unnamed::all : Unnamed::none, wish.include,
                                      wish.exclude);
    named_.add(receiver.audio().included());
}

void ConferenceSpeech::remove(const Endpoint& endpoint) {
    dominant_.remove(endpoint.id());
    loudest_.remove(endpoint.id());
    named_.remove(endpoint.audio().included());
}

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

// Receivers with a camera on stage follow the speaker. Their new wishes and the speaker's key frame
// shall meet: it is asked for when the slowest of them has heard of the change.
void ConferenceSpeech::ask_keyframe_of(const EndpointId& speaker, TimePoint now) {
    Endpoint* const sender = members_.find(speaker);
    if (!sender || members_.size() <= 2) return;
    const auto camera = [this](const SourceName& name) {
        return std::any_of(members_.all().begin(), members_.all().end(), [&](const auto& e) {
            const VideoSource* const source = e->input().find_video(name);
            return source && source->type() == VideoType::camera;
        });
    };
    bool watched = false;
    Duration slowest{};
    for (const auto& receiver : members_.all()) {
        if (receiver.get() == sender) continue;
        slowest = std::max(slowest, receiver->sender().rtt().rtt().value_or(Duration{}));
        const auto& stage = receiver->video().settings().on_stage();
        watched = watched || std::any_of(stage.begin(), stage.end(), camera);
    }
    if (!watched) return;
    const Duration own = sender->sender().rtt().rtt().value_or(Duration{});
    sender->input().ask_keyframes_at(now + std::max(Duration{}, slowest - own + milliseconds(10)));
}

ConferenceSpeech::Order ConferenceSpeech::tick(TimePoint now) {
    const auto change = dominant_.decide(now);
    if (!change) return Order::same;
    ++counters_.dominant_speaker_changes;
    if (change->dominant) ask_keyframe_of(*change->dominant, now);
    return apply(change->dominant ? lists_.on_dominant(*change->dominant) : lists_.on_silence());
}

void ConferenceSpeech::tell(Endpoint& newcomer) const {
    if (!lists_.recent().empty()) newcomer.channel().send(message());
}

}  // namespace jmeet::bridge
