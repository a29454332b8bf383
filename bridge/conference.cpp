#include "bridge/conference.hpp"

#include <algorithm>

#include "bridge/channel/messages.hpp"

namespace jmeet::bridge {

Conference::Conference(ConferenceSetup setup, LoopServices& services)
    : setup_(std::move(setup)),
      services_(services),
      log_(log::Program::bridge, "Conference", setup_.log_context),
      speech_(members_, services.counters, services.config.loudest),
      video_(members_, speech_, services.config.allocation),
      messages_(members_, video_, speech_, log_) {}

Conference::~Conference() {
    while (!members_.empty()) remove_endpoint(*members_.all().back());
    std::erase(services_.agenda.dirty, this);
    std::erase(services_.agenda.speaking, this);
}

Endpoint& Conference::create_endpoint(const EndpointSetup& setup, TimePoint now) {
    Room& room = *this;
    auto& endpoint = members_.add(std::make_unique<Endpoint>(
        setup, services_, room, setup_.video,
        log_.with(fmt::format("epId={} stats_id={}", setup.id.value(), setup.stats_id)), now));
    speech_.sync();
    want_all_video();
    return endpoint;
}

void Conference::update_endpoint(Endpoint& endpoint, EndpointUpdate update, TimePoint now) {
    if (update.formats) {
        endpoint.set_formats(std::move(update.formats));
        want_all_video();
    }
    if (update.initial_last_n) {
        endpoint.video().settings().set_initial_last_n(*update.initial_last_n);
        on_allocation_due(endpoint);
    }
    if (update.sources) set_sources(endpoint, std::move(*update.sources));
    if (update.mute) endpoint.input().set_mute(*update.mute);
    if (update.transport) endpoint.transport().apply(*update.transport, now);
}

void Conference::take_from_receivers(VideoSource& source, Endpoint& owner) {
    owner.sender_constraints().remove_source(source.name());
    for (const auto& receiver : members_.all()) receiver->video().remove(source);
}

void Conference::set_sources(Endpoint& endpoint, std::vector<MediaSource> sources) {
    auto change = endpoint.input().set_sources(std::move(sources));
    for (const Ssrc ssrc : change.audio_removed) {
        audio_sources_.remove(ssrc);
        for (const auto& other : members_.all()) {
            other->audio().remove(ssrc);
            // A second one with that SSRC is not silenced by the first one's leaving.
            if (const auto* name = other->input().find_audio(ssrc)) audio_sources_.add(ssrc, *name);
        }
    }
    for (const auto& added : change.audio_added) {
        audio_sources_.add(added.encodings.front().primary, added.name);
    }
    for (const auto& gone : change.video_removed) take_from_receivers(*gone, endpoint);
    if (!change.changed()) return;
    speech_.sync();
    want_all_video();
}

void Conference::remove_endpoint(Endpoint& endpoint) {
    set_sources(endpoint, {});
    video_.remove_receiver(endpoint);
    speech_.remove(endpoint);
    connectivity_.forget(endpoint.id());
    ended_.erase(endpoint.token());
    members_.remove(endpoint);
    speech_.sync();
    want_all_video();
}

void Conference::mark_dirty() {
    if (dirty_) return;
    dirty_ = true;
    services_.agenda.dirty.push_back(this);
}

void Conference::want_all_video() {
    video_.want_all();
    mark_dirty();
}

bool Conference::run_allocations(TimePoint now) {
    video_.run(now);
    dirty_ = video_.wanted();
    return !dirty_;
}

bool Conference::tick_speech(TimePoint now) {
    if (speech_.tick(now) == ConferenceSpeech::Order::changed) want_all_video();
    speaking_ = speech_.active(now);
    return speaking_;
}

bool Conference::on_level(const EndpointInput& from, const SourceName& name,
                          std::uint8_t loudness, TimePoint now) {
    if (!speaking_) {
        speaking_ = true;
        services_.agenda.speaking.push_back(this);
    }
    return speech_.on_level(from.id(), name, loudness, now);
}

void Conference::on_audio(EndpointInput& from, const RtpPacket& packet, const SourceName& name,
                          TimePoint now) {
    const AudioSources::Source* const signalled = audio_sources_.find(packet.ssrc());
    if (!signalled) return;
    const NegotiatedFormat* const format = from.formats().find(packet.pt());
    const AudioSourceRef source{packet.ssrc(), name, from.id(), from.formats().extensions,
                                *signalled, format && format->format.codec == Codec::red};
    for (const auto& receiver : members_.all()) {
        if (&receiver->input() == &from) continue;
        receiver->audio().forward(packet, source, now);
    }
}

void Conference::on_layering_changed() { want_all_video(); }

void Conference::on_allocation_due(Endpoint& endpoint) {
    video_.want(endpoint);
    mark_dirty();
}

void Conference::on_channel_open(Endpoint& endpoint, ChannelSession::Carrier carrier) {
    ChannelSession& channel = endpoint.channel();
    if (carrier == ChannelSession::Carrier::web_socket) {
        channel.send(channel::write_server_hello());
    }
    for (const auto& c : endpoint.sender_constraints().all()) {
        channel.send(channel::write_sender_source_constraints(c.source, c.max_height));
    }
    endpoint.video().send_forwarded_sources();
    endpoint.video().send_map();
    endpoint.audio().send_map();
    for (const auto& id : connectivity_.inactive()) {
        channel.send(channel::write_connectivity_status(id, false));
    }
    speech_.tell(endpoint);
}

void Conference::on_channel_text(Endpoint& endpoint, ChannelSession::Carrier carrier,
                                 std::string_view text) {
    const auto now = Clock::now();
    if (!endpoint.channel().on_text(carrier, text.size(), now)) {
        messages_.on_too_much(endpoint, now);
        return;
    }
    messages_.on_text(endpoint, carrier, text, now);
    if (video_.wanted()) mark_dirty();
}

void Conference::on_report(Endpoint& from, const rtcp::SenderReport& report, TimePoint now) {
    if (from.input().has_audio(report.sender)) {
        for (const auto& receiver : members_.all()) {
            if (receiver.get() != &from) receiver->audio().forward_report(report, now);
        }
        return;
    }
    VideoSource* source = from.input().find_video_by_ssrc(report.sender);
    const int position = source ? source->position_of(report.sender) : -1;
    if (position < 0) return;
    for (const auto& receiver : members_.all()) {
        if (receiver.get() != &from) {
            receiver->video().forward_report(*source, position, report, now);
        }
    }
}

void Conference::on_keyframe_asked(Endpoint& by, Ssrc ours, TimePoint now) {
    ForwardedVideo* video = by.video().find_by_output(ours);
    if (!video) return;
    video->on_keyframe_asked(by.sender().rtt().rtt(), now);
}

void Conference::on_housekeeping(Endpoint& endpoint, TimePoint now) {
    const EndpointActivity activity = endpoint.activity();
    if (!endpoint.visitor()) {
        tell_status(endpoint, connectivity_.update(endpoint.id(),
                                                   is_active(activity, services_.config, now)));
    }
    const auto end = end_of(activity, services_.config, now);
    if (end && ended_.insert(endpoint.token()).second) {
        services_.control.endpoint_lost(endpoint.token(), *end);
    }
}

void Conference::tell_status(const Endpoint& endpoint, ConnectivityStatus::Change change) {
    if (change == ConnectivityStatus::Change::none) return;
    const bool restored = change == ConnectivityStatus::Change::restored;
    ++(restored ? services_.counters.endpoints_reconnected
                : services_.counters.endpoints_disconnected);
    log_.named("EndpointConnectionStatusMonitor")
        .info("{} is {}", endpoint.id().value(), restored ? "active again" : "inactive");
    members_.broadcast(channel::write_connectivity_status(endpoint.id(), restored));
}

namespace {

constexpr double kHighLoss = 0.1;

void add_allocation(MediaReport& report, const Allocation& allocation) {
    report.oversending_endpoints += allocation.oversending ? 1 : 0;
    report.suspended_source_endpoints += allocation.has_suspended ? 1 : 0;
    const auto forwarded = static_cast<std::uint32_t>(std::ranges::count_if(
        allocation.sources, [](const SourceAllocation& s) { return s.forwarded(); }));
    report.most_forwarded = std::max(report.most_forwarded.value_or(0), forwarded);
}

}  // namespace

void Conference::add_to(MediaReport& report, TimePoint now) const {
    std::uint32_t senders = 0;
    std::uint32_t silent = 0;
    std::uint32_t lossy = 0;
    for (const auto& e : members_.all()) {
        const bool audio = e->input().sending_audio(now);
        const bool video = e->input().sending_video(now);
        report.endpoints_sending_audio += audio ? 1 : 0;
        report.endpoints_sending_video += video ? 1 : 0;
        ++(audio || video ? senders : silent);
        e->input().add_to(report);
        add_allocation(report, e->video().allocation());
        report.unmatched_feedback += e->sender().sent_packets().unmatched();
        lossy += e->outgoing_loss() > kHighLoss ? 1 : 0;
        if (const auto rtt = e->sender().rtt().rtt()) {
            report.rtt_sum_ms += std::chrono::duration<double, std::milli>(*rtt).count();
            ++report.rtt_count;
        }
    }
    if (senders == 0) {
        ++report.inactive_conferences;
        report.inactive_endpoints += silent;
        report.p2p_conferences += members_.size() == 2 ? 1 : 0;
    } else {
        report.receive_only_endpoints += silent;
        report.high_loss_endpoints += lossy;
    }
}

}  // namespace jmeet::bridge
