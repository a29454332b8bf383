#include "bridge/colibri_handler.hpp"

#include <algorithm>

#include "bridge/colibri_media.hpp"
#include "bridge/colibri_transport.hpp"
#include "xmpp/jid.hpp"

namespace jmeet::bridge {
namespace {

namespace c2 = xmpp::colibri2;

c2::Refusal refuse(std::string condition, std::string reason, std::string text) {
    return {std::move(condition), std::move(reason), std::move(text), {}};
}

std::string random_text(std::size_t length) {
    static constexpr char kAlphabet[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    std::string text;
    while (text.size() < length) {
        std::uint64_t bits = random_u64();
        // 6 bits at a time; 62 and 63 are thrown away so that every character is as likely.
        for (int i = 0; i < 10 && text.size() < length; ++i, bits >>= 6) {
            if ((bits & 63) < 62) text += kAlphabet[bits & 63];
        }
    }
    return text;
}

Ssrc random_ssrc() {
    for (;;) {
        const auto value = static_cast<std::uint32_t>(random_u64());
        if (value != 0) return Ssrc(value);
    }
}

bool touches_media(const c2::Endpoint& e) {
    return e.create || !e.media.empty() || e.transport || e.sources;
}

bool has_capability(const c2::Endpoint& e, std::string_view name) {
    return std::find(e.capabilities.begin(), e.capabilities.end(), name) != e.capabilities.end();
}

c2::MediaSource feedback_source(const char* type, const char* id, Ssrc ssrc) {
    c2::MediaSource source;
    source.type = type;
    source.id = id;
    source.sources.emplace_back();
    source.sources.back().ssrc = ssrc.value();
    source.sources.back().name = id;
    return source;
}

std::uint64_t epoch_ms() {
    return static_cast<std::uint64_t>(std::chrono::duration_cast<milliseconds>(
                                          std::chrono::system_clock::now().time_since_epoch())
                                          .count());
}

}  // namespace

std::optional<c2::Refusal> check_shape(const c2::ConferenceModify& request) {
    const auto unsupported = [](std::string text) {
        return refuse("feature-not-implemented", "feature_not_implemented", std::move(text));
    };
    if (!request.endpoints.empty() && !request.relays.empty()) {
        return unsupported("Using both endpoints and relays in one request is not supported");
    }
    if (request.endpoints.size() > 1 &&
        std::any_of(request.endpoints.begin(), request.endpoints.end(), touches_media)) {
        return unsupported("Creating or updating media of several endpoints is not supported");
    }
    if (request.relays.size() > 1) {
        return unsupported("More than one relay in one request is not supported");
    }
    return std::nullopt;
}

ColibriHandler::ColibriHandler(Environment environment)
    : env_(std::move(environment)), log_(log::Program::bridge, "Colibri2ConferenceHandler") {}

IceCredentials ColibriHandler::make_credentials() { return make_local_credentials(epoch_ms()); }

ModifyResult ColibriHandler::modify(const Modify& request, TimePoint now) {
    auto found = look_up(request, now);
    if (!found) return found.error();
    ControlConference& conference = **found;
    if (auto refusal = check_shape(request)) return *refusal;

    const bool ignore_unknown =
        std::none_of(request.endpoints.begin(), request.endpoints.end(), touches_media) &&
        std::all_of(request.relays.begin(), request.relays.end(),
                    [](const c2::Relay& r) { return r.expire; });
    c2::ConferenceModified answer;
    bool creates = request.create;
    for (const auto& asked : request.endpoints) {
        creates |= asked.create;
        auto endpoint = handle_endpoint(conference, asked, ignore_unknown);
        if (!endpoint) return endpoint.error();
        answer.endpoints.push_back(std::move(*endpoint));
    }
    if (request.has_connects) {
        return refuse("feature-not-implemented", "feature_not_implemented",
                      "Media export is not supported");
    }
    for (const auto& relay : request.relays) {
        if (!relay.expire) {
            return refuse("feature-not-implemented", "", "Octo is disable in configuration.");
        }
        c2::Relay echo;
        echo.id = relay.id;
        echo.expire = true;
        answer.relays.push_back(std::move(echo));
    }
    if (creates) {
        answer.sources.emplace();
        answer.sources->push_back(feedback_source("audio", "jvb-a0", conference.audio_ssrc));
        answer.sources->push_back(feedback_source("video", "jvb-v0", conference.video_ssrc));
    }
    if (request.expire || (!request.create && conference.endpoints.empty())) {
        remove_conference(conferences_.find(conference.meeting_id), now);
    }
    return answer;
}

Result<ControlConference*, c2::Refusal> ColibriHandler::look_up(const Modify& request,
                                                                TimePoint now) {
    const auto it = conferences_.find(request.meeting_id);
    if (!request.create) {
        if (it == conferences_.end()) {
            return refuse("item-not-found", "conference_not_found",
                          "Conference not found for ID: " + request.meeting_id);
        }
        return &it->second;
    }
    if (it != conferences_.end()) {
        return refuse("conflict", "conference_already_exists",
                      "Conference already exists for ID: " + request.meeting_id);
    }
    if (env_.shutdown_state() == ShutdownState::graceful_shutdown) {
        return refuse("service-unavailable", "graceful_shutdown", "In graceful shutdown");
    }
    if (!request.name.empty()) {
        const auto jid = xmpp::Jid::parse(request.name);
        if (!jid || !jid->is_bare()) {
            return refuse("bad-request", "", "Conference name is not a bare JID");
        }
    }
    if (conferences_.size() >= kMaxConferences) {
        return refuse("resource-constraint", "", "This bridge holds as many conferences as it may");
    }
    return &create_conference(request, now);
}

ControlConference& ColibriHandler::create_conference(const Modify& request, TimePoint now) {
    ControlConference conference;
    std::uint64_t key = random_u64();
    conference.local_id = fmt::format("{:x}", key);
    while (by_local_id_.contains(conference.local_id)) {
        key = random_u64();
        conference.local_id = fmt::format("{:x}", key);
    }
    conference.key = ConferenceKey{key};
    conference.meeting_id = request.meeting_id;
    conference.name = request.name;
    conference.audio_ssrc = random_ssrc();
    conference.video_ssrc = random_ssrc();
    conference.created = now;
    auto& kept = conferences_[request.meeting_id] = std::move(conference);
    by_local_id_[kept.local_id] = &kept;
    ++totals_.conferences_created;
    const std::string context = fmt::format("confId={} conf_name={} meeting_id={}", kept.local_id,
                                            kept.name, kept.meeting_id.substr(0, 8));
    log_.named("Videobridge").with(context).info("create_conf, id={} meeting_id={}",
                                                 kept.local_id, kept.meeting_id);
    env_.media.create_conference({kept.key, context, kept.audio_ssrc, kept.video_ssrc});
    return kept;
}

Result<c2::Endpoint, c2::Refusal> ColibriHandler::handle_endpoint(ControlConference& conference,
                                                                  const AskedEndpoint& asked,
                                                                  bool ignore_unknown) {
    c2::Endpoint answer;
    answer.id = asked.id;
    if (asked.expire) {
        remove_endpoint(conference, asked.id);
        answer.expire = true;
        return answer;
    }
    ControlEndpoint* endpoint = nullptr;
    if (asked.create) {
        auto created = create_endpoint(conference, asked);
        if (!created) return created.error();
        endpoint = *created;
    } else {
        const auto it = conference.endpoints.find(asked.id);
        if (it == conference.endpoints.end()) {
            if (ignore_unknown) return answer;
            c2::Refusal unknown = refuse("item-not-found", "unknown_endpoint",
                                         "Endpoint not found for ID: " + asked.id);
            unknown.endpoint_id = asked.id;
            return unknown;
        }
        endpoint = &it->second;
        if (!asked.stats_id.empty()) endpoint->stats_id = asked.stats_id;
    }
    if (auto updated = update_endpoint(*endpoint, asked); !updated) return updated.error();
    if (asked.create) {
        answer.transport =
            describe_transport(env_.config, env_.candidates, conference, *endpoint);
        if (asked.transport->sctp) answer.transport->sctp = c2::Sctp{5000, "server"};
    }
    return answer;
}

Result<ControlEndpoint*, c2::Refusal> ColibriHandler::create_endpoint(
    ControlConference& conference, const AskedEndpoint& asked) {
    if (conference.endpoints.contains(asked.id)) {
        return refuse("conflict", "", "Endpoint with ID " + asked.id + " already exists");
    }
    if (!asked.transport) {
        return refuse("bad-request", "", "Attempt to create endpoint " + asked.id +
                                             " with no <transport>");
    }
    if (!has_capability(asked, "source-names")) {
        return refuse("bad-request", "", "Source names are mandatory");
    }
    if (conference.endpoints.size() >= kMaxEndpoints) {
        return refuse("resource-constraint", "", "The conference is full on this bridge");
    }
    ControlEndpoint endpoint;
    endpoint.token = EndpointToken{++next_token_};
    endpoint.id = EndpointId(asked.id);
    endpoint.stats_id = asked.stats_id;
    endpoint.ice = make_credentials();
    endpoint.dtls = env_.dtls;
    endpoint.channel_password = random_text(24);
    endpoint.visitor = asked.muc_role == "visitor";
    endpoint.private_addresses = has_capability(asked, "private-address-connectivity");

    EndpointSetup setup;
    setup.conference = conference.key;
    setup.token = endpoint.token;
    setup.id = endpoint.id;
    setup.stats_id = endpoint.stats_id;
    setup.role = asked.transport->ice_controlling ? IceRole::controlling : IceRole::controlled;
    setup.local = endpoint.ice;
    setup.dtls = endpoint.dtls;
    setup.ssrc_rewriting = has_capability(asked, "ssrc-rewriting");
    setup.mid_demux = setup.ssrc_rewriting && has_capability(asked, "rtp-mid-demux");
    setup.visitor = endpoint.visitor;
    const auto sctp = check_sctp(asked);
    setup.sctp = asked.transport->sctp.has_value() && sctp.has_value();

    auto& kept = conference.endpoints[asked.id] = std::move(endpoint);
    by_token_[kept.token] = {&conference, asked.id};
    ++endpoints_;
    ++(kept.visitor ? totals_.visitors : totals_.participants);
    env_.media.create_endpoint(std::move(setup));
    if (!sctp) return sctp.error();
    return &kept;
}

Result<void, c2::Refusal> ColibriHandler::check_sctp(const AskedEndpoint& asked) const {
    const auto& sctp = asked.transport->sctp;
    if (!sctp) return {};
    if (!env_.config.sctp) return refuse("feature-not-implemented", "", "SCTP support is not configured");
    if (sctp->role && *sctp->role != "server") {
        return refuse("feature-not-implemented", "",
                      "Unsupported SCTP role: " + *sctp->role);
    }
    if (sctp->port && *sctp->port != 5000) {
        return refuse("bad-request", "", "Specific SCTP port requested, not supported.");
    }
    return {};
}

Result<void, c2::Refusal> ColibriHandler::update_endpoint(ControlEndpoint& endpoint,
                                                          const AskedEndpoint& asked) {
    EndpointUpdate update;
    update.token = endpoint.token;
    if (!asked.media.empty()) {
        auto formats = endpoint.formats ? std::make_shared<MediaFormats>(*endpoint.formats)
                                        : std::make_shared<MediaFormats>();
        for (const auto& media : asked.media) add_media(*formats, media);
        update.formats = endpoint.formats = std::move(formats);
    }
    update.initial_last_n = asked.initial_last_n;
    if (asked.transport && asked.transport->ice) update.transport = to_update(*asked.transport->ice);
    if (update.transport && !update.transport->ice_generation && update.transport->role) {
        endpoint.dtls_role = update.transport->role;
    }
    if (asked.force_mute) update.mute = MuteUpdate{asked.force_mute->audio, asked.force_mute->video};

    std::optional<c2::Refusal> refusal;
    if (asked.sources && endpoint.visitor && !asked.sources->empty()) {
        refusal = refuse("bad-request", "", "Attempt to set sources for a visitor");
        update.mute.reset();
    } else if (asked.sources) {
        auto sources = make_sources(*asked.sources, endpoint.id);
        if (sources) {
            const auto is_video = [](const MediaSource& s) { return s.type == MediaType::video; };
            endpoint.video_sources = std::count_if(sources->begin(), sources->end(), is_video);
            endpoint.audio_sources = sources->size() - endpoint.video_sources;
            update.sources = std::move(*sources);
        } else {
            refusal = refuse("internal-server-error", "", sources.error().what);
            update.mute.reset();
        }
    }
    env_.media.update_endpoint(std::move(update));
    if (refusal) return *refusal;
    return {};
}

void ColibriHandler::remove_endpoint(ControlConference& conference, const std::string& id) {
    const auto it = conference.endpoints.find(id);
    if (it == conference.endpoints.end()) return;
    env_.media.expire_endpoint(it->second.token);
    by_token_.erase(it->second.token);
    conference.endpoints.erase(it);
    --endpoints_;
}

void ColibriHandler::remove_conference(std::map<std::string, ControlConference>::iterator it,
                                       TimePoint now) {
    if (it == conferences_.end()) return;
    ControlConference& conference = it->second;
    while (!conference.endpoints.empty()) {
        // A copy: the id must outlive the entry that holds it.
        const std::string id = conference.endpoints.begin()->first;
        remove_endpoint(conference, id);
    }
    ++totals_.conferences_completed;
    totals_.conference_seconds += static_cast<std::uint64_t>(
        std::chrono::duration_cast<seconds>(now - conference.created).count());
    log_.named("Videobridge").info("expire_conf, id={} meeting_id={}", conference.local_id,
                                   conference.meeting_id);
    env_.media.expire_conference(conference.key);
    by_local_id_.erase(conference.local_id);
    conferences_.erase(it);
}

void ColibriHandler::on_endpoint_lost(EndpointToken token, EndpointEnd reason, TimePoint now) {
    const auto it = by_token_.find(token);
    if (it == by_token_.end()) return;
    auto [conference, id] = it->second;
    const char* why = reason == EndpointEnd::ice_failed     ? "ICE failed"
                      : reason == EndpointEnd::never_active ? "never active"
                                                            : "inactive";
    log_.named("Endpoint").info("Expiring endpoint {}: {}.", id, why);
    ++totals_.endpoints_lost;
    remove_endpoint(*conference, id);
    // The conference stays: the sweep takes it when it has been empty long enough.
    if (conference->endpoints.empty()) sweep(now);
}

void ColibriHandler::sweep(TimePoint now) {
    for (auto it = conferences_.begin(); it != conferences_.end();) {
        const auto next = std::next(it);
        if (it->second.endpoints.empty() &&
            now - it->second.created > env_.config.empty_conference_timeout) {
            remove_conference(it, now);
        }
        it = next;
    }
}

void ColibriHandler::expire_all(TimePoint now) {
    while (!conferences_.empty()) remove_conference(conferences_.begin(), now);
}

const ControlEndpoint* ColibriHandler::find_for_channel(std::string_view local_conference_id,
                                                        std::string_view endpoint_id) const {
    const auto conference = by_local_id_.find(std::string(local_conference_id));
    if (conference == by_local_id_.end()) return nullptr;
    const auto& endpoints = conference->second->endpoints;
    const auto it = endpoints.find(std::string(endpoint_id));
    return it == endpoints.end() ? nullptr : &it->second;
}

}  // namespace jmeet::bridge
