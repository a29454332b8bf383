#include "bridge/conference_view.hpp"

#include "bridge/conference.hpp"

namespace jmeet::bridge {

namespace {

EndpointView view_of(Endpoint& endpoint, TimePoint now) {
    EndpointView view;
    view.id = endpoint.id();
    view.settings = endpoint.video().settings();
    view.allocation = endpoint.video().allocation();
    view.bandwidth_rule = endpoint.video().bandwidth_rule(now);
    view.estimate_bps = endpoint.estimate();
    view.round_trip = endpoint.sender().rtt().rtt();
    view.outgoing_loss = endpoint.outgoing_loss();
    view.dtls_connected = endpoint.transport().dtls_connected();
    view.channel_open = endpoint.channel().open();
    view.sends_audio = endpoint.input().sending_audio(now);
    view.sends_video = endpoint.input().sending_video(now);
    return view;
}

}  // namespace

ConferenceView Conference::view(TimePoint now) const {
    ConferenceView view;
    const SpeakerLists& lists = speech_.lists();
    if (!lists.recent().empty()) view.dominant = lists.recent().front();
    view.by_speech_activity = lists.by_speech_activity();
    view.last_n_order = lists.last_n_order();
    for (const auto& endpoint : members_.all()) view.endpoints.push_back(view_of(*endpoint, now));
    return view;
}

}  // namespace jmeet::bridge
