#include "focus/conference.hpp"

#include <algorithm>
#include <charconv>

#include "focus/random_id.hpp"

namespace jmeet::focus {
namespace {

constexpr char kMeetingId[] = "muc#roominfo_meetingId";
constexpr char kIsBreakout[] = "muc#roominfo_isbreakout";
constexpr char kMainRoom[] = "muc#roominfo_breakout_main_room";
constexpr char kVisitorsEnabled[] = "muc#roominfo_visitorsEnabled";
constexpr char kSoftLimit[] = "muc#roominfo_participantsSoftLimit";
constexpr char kPresets[] = "muc#roominfo_conference_presets_service_enabled";

std::string shared_document_name(const FocusConfig& config, const xmpp::Jid& room) {
    if (!config.conference.random_shared_document_name) return room.node();
    std::string name = make_uuid();
    std::erase(name, '-');
    return name;
}

}  // namespace

Conference::Conference(FocusContext& focus, xmpp::Jid room, ConferenceOptions options,
                       std::function<void(Conference&)> on_ended)
    : state_{.focus = focus,
             .room = room,
             .options = options,
             .meeting_id = {},
             .created = Clock::now(),
             .log = log::Logger(log::Program::focus, "JitsiMeetConferenceImpl",
                                "room=" + room.to_string()),
             .members = {},
             .participants = {},
             .sources = ConferenceSources(
                 {.max_ssrcs_per_user =
                      static_cast<std::size_t>(focus.config.conference.max_ssrcs_per_user),
                  .max_groups_per_user =
                      static_cast<std::size_t>(focus.config.conference.max_ssrc_groups_per_user)}),
             .moderation = {},
             .metadata = {},
             .start_muted_policy = {},
             .presence = {},
             .ended_sessions = {},
             .changed = true},
      on_ended_(std::move(on_ended)),
      muc_(focus.client.rooms(), room, focus.config.xmpp.username,
           static_cast<xmpp::MucEvents&>(*this)),
      initial_timer_(state_.executor()),
      single_timer_(state_.executor()),
      visitors_(state_.executor(), focus.config.conference.visitor_notification_interval,
                [this](const char* key, const std::string& value) { set_property(key, value); }),
      signaling_(state_),
      tasks_(state_.executor()),
      roles_(state_, muc_, tasks_) {
    state_.presence.shared_document = shared_document_name(focus.config, room);
    state_.presence.version = focus.config.version;
    state_.presence.set_property("support-terminate-restart", "true");
    state_.log.info("Created new conference.");
    start_initial_timer();
}

Conference::~Conference() = default;

awaitable<Result<void>> Conference::start() {
    // Whoever ends the conference meanwhile waits for this coroutine before it goes.
    const auto done = [this](bool*) { starting_ = false; };
    starting_ = true;
    const std::unique_ptr<bool, decltype(done)> guard(&starting_, done);
    phase_ = Phase::joining;
    state_.log.info("Joining {}", state_.room.to_string());
    xmpp::MucJoinOptions options;
    options.public_jids = xmpp::MucPublicJids::always;
    options.rejoin = xmpp::MucRejoin::automatic;
    options.hold_events = true;
    options.read_form = true;
    options.deadline = state_.focus.config.xmpp.reply_timeout;
    const auto joined = co_await muc_.join(options);
    if (phase_ == Phase::ended) co_return fail("The conference ended while it was starting.");
    if (!joined) {
        end("the room cannot be joined: " + joined.error().what);
        co_return fail(joined.error().what);
    }
    if (before_ && joined->created) {
        end("nobody is left of it");
        co_return fail("Nobody is left in the room.");
    }
    if (joined->form) read_form(*joined->form);
    if (joined->form && joined->form->flag(kPresets)) co_await wait_for_metadata();
    if (phase_ == Phase::ended) co_return fail("The conference ended while it was starting.");
    if (state_.meeting_id.empty()) {
        // A server without Jitsi's plugins names none; the bridge knows the one that was made.
        state_.meeting_id = before_ ? before_->meeting_id : make_uuid();
    }
    if (!state_.focus.claim_meeting_id(state_.meeting_id)) {
        const std::string taken = std::exchange(state_.meeting_id, {});
        end("its meeting id " + taken + " belongs to another conference");
        co_return fail("The meeting id is in use by another conference.");
    }
    make_parts();
    if (before_) adopt(*before_);
    phase_ = Phase::joined;
    if (state_.focus.auth) {
        roles_.enable(RoleManager::Mode::by_session);
    } else if (!main_room_ && state_.focus.config.conference.enable_auto_owner) {
        roles_.enable(RoleManager::Mode::first_person);
    }
    publish();
    muc_.release_events();
    if (std::exchange(before_, std::nullopt) && !ended()) reconcile();
    co_return Result<void>();
}

void Conference::read_form(const xmpp::DataForm& form) {
    state_.meeting_id = form.value(kMeetingId);
    read_visitor_settings(form);
    if (!form.flag(kIsBreakout)) return;
    const auto main = xmpp::Jid::parse(form.value(kMainRoom));
    if (main) main_room_ = main->bare();
}

// COMPAT: Prosody's visitors component names them here; where the metadata has them, it wins.
void Conference::read_visitor_settings(const xmpp::DataForm& form) {
    xmpp::RoomMetadata& metadata = state_.metadata;
    if (!metadata.visitors_enabled && form.has(kVisitorsEnabled)) {
        metadata.visitors_enabled = form.flag(kVisitorsEnabled);
    }
    const std::string limit = form.value(kSoftLimit);
    int number = 0;
    const auto [end, error] = std::from_chars(limit.data(), limit.data() + limit.size(), number);
    if (metadata.participants_soft_limit || error != std::errc() || *end != '\0') return;
    metadata.participants_soft_limit = number;
}

awaitable<void> Conference::wait_for_metadata() {
    // LIMIT: how long a room with presets may keep its metadata back, as with Jicofo.
    for (int i = 0; i < 200 && !metadata_seen_; ++i) co_await sleep_for(milliseconds(50));
}

void Conference::make_parts() {
    state_.log = state_.log.with("meeting_id=" + state_.meeting_id);
    bridges_.emplace(state_.focus.bridges,
                     ConferenceBridges::Naming{state_.meeting_id, state_.room.to_string(),
                                               state_.options.rtcstats_enabled,
                                               state_.options.pinned_bridge_version},
                     static_cast<ConferenceBridgesEvents&>(*this), state_.log, state_.executor());
    inviter_.emplace(state_, *bridges_, signaling_, tasks_,
                     Inviter::Events{.on_bridge_availability =
                                         [this](bool none) {
                                             if (state_.presence.bridge_not_available == none) {
                                                 return;
                                             }
                                             state_.presence.bridge_not_available = none;
                                             publish();
                                         },
                                     .on_participants_changed = [this] { check_if_over({}); }});
    sessions_.emplace(state_, *bridges_, signaling_, *inviter_, tasks_);
    mutes_.emplace(state_, *bridges_);
}

void Conference::end(const std::string& why) {
    if (phase_ == Phase::ended) return;
    state_.log.info("Stopping: {}.", why);
    initial_timer_.cancel();
    single_timer_.cancel();
    visitors_.stop();
    if (bridges_) bridges_->expire_all();
    phase_ = Phase::ended;
    count_time();
    muc_.leave();
    if (!state_.meeting_id.empty()) state_.focus.release_meeting_id(state_.meeting_id);
    state_.log.info("Stopped.");
    on_ended_(*this);
}

void Conference::count_time() {
    FocusCounters& counters = state_.focus.counters;
    const auto seconds_since = [](TimePoint then) {
        return std::chrono::duration<double>(Clock::now() - then).count();
    };
    counters.conferences_seconds += seconds_since(state_.created);
    for (const auto& [id, participant] : state_.participants) {
        counters.endpoint_seconds += seconds_since(participant->created);
    }
}

awaitable<void> Conference::stop() {
    end("the focus stops");
    while (starting_) co_await sleep_for(milliseconds(20));
    co_await tasks_.stop();
    if (bridges_) co_await bridges_->stop();
    co_await muc_.stop();
}

void Conference::on_requested() {
    if (initial_timer_.running()) start_initial_timer();
}

void Conference::start_initial_timer() {
    initial_timer_.start(state_.focus.config.conference.initial_timeout, [this] {
        if (state_.focus.has_breakout_rooms(state_.room)) return;
        end("nobody came");
    });
}

xmpp::Element Conference::on_jingle(const xmpp::Element& iq) {
    state_.changed = true;
    if (sessions_ && !ended()) return sessions_->answer(iq);
    return xmpp::make_error(iq, xmpp::stanza_error("bad-request"));
}

xmpp::Element Conference::on_mute(const xmpp::Element& iq, const xmpp::Mute& request) {
    state_.changed = true;
    if (mutes_ && !ended()) return mutes_->answer(iq, request);
    return xmpp::make_error(iq, xmpp::stanza_error("item-not-found"));
}

void Conference::on_room_metadata(xmpp::RoomMetadata metadata) {
    metadata_seen_ = true;
    if (metadata.start_muted) state_.start_muted_policy = metadata.start_muted;
    const int before = min_participants();
    if (!metadata.visitors_enabled) metadata.visitors_enabled = state_.metadata.visitors_enabled;
    if (!metadata.participants_soft_limit) {
        metadata.participants_soft_limit = state_.metadata.participants_soft_limit;
    }
    state_.metadata = std::move(metadata);
    if (!ready() || min_participants() >= before) return;
    if (static_cast<int>(state_.members.size()) >= min_participants()) invite_everybody();
}

void Conference::on_av_moderation(const xmpp::AvModeration& message) {
    state_.changed = true;
    if (mutes_) return mutes_->on_av_moderation(message);
    state_.moderation.apply(message);
}

void Conference::on_bridge_usable() {
    if (!ready() || static_cast<int>(state_.members.size()) < min_participants()) return;
    inviter_->invite_waiting();
}

void Conference::on_bridge_lost(const Bridge& bridge, const std::string& why) {
    if (!ready()) return;
    const auto ids = bridges_->remove_bridge(bridge.jid());
    if (ids.empty()) return;
    if (!bridge.shutting_down()) return on_reinvite(ids, bridge.jid().to_string() + " " + why);
    state_.log.info("Bridge {} is shutting down, re-inviting [{}]", bridge.jid().to_string(),
                    fmt::join(ids, ", "));
    reinvite(ids);
}

void Conference::on_reinvite(const std::vector<std::string>& ids, const std::string& why) {
    if (!ready()) return;
    state_.log.info("Re-inviting [{}] because {}", fmt::join(ids, ", "), why);
    reinvite(ids);
}

void Conference::reinvite(const std::vector<std::string>& ids) {
    state_.focus.counters.bridges_removed += bridges_->take_failed_sessions();
    inviter_->on_bridge_failure();
    inviter_->reinvite(ids);
}

void Conference::on_bridge_count(int bridges) {
    set_property("bridge-count", std::to_string(bridges));
}

void Conference::set_property(const char* key, const std::string& value) {
    if (state_.presence.set_property(key, value)) publish();
}

void Conference::publish() {
    if (phase_ != Phase::joined) return;
    for (xmpp::Element& extension : xmpp::write_focus_presence(state_.presence)) {
        muc_.set_extension(std::move(extension));
    }
    if (!state_.presence.bridge_not_available) {
        muc_.remove_extension("bridgeNotAvailable", "http://jitsi.org/protocol/focus");
    }
    muc_.publish();
}

void Conference::update_sender_limits() {
    const ConferenceConfig& config = state_.focus.config.conference;
    const auto set = [&](const char* key, bool reached) {
        const auto& properties = state_.presence.properties;
        const bool said = std::any_of(properties.begin(), properties.end(),
                                      [&](const auto& p) { return p.first == key; });
        if (!said && !reached) return false;
        return state_.presence.set_property(key, reached ? "true" : "false");
    };
    bool changed = set("audio-limit-reached",
                       state_.members.audio_senders() >= config.max_audio_senders);
    changed |= set("video-limit-reached",
                   state_.members.video_senders() >= config.max_video_senders);
    if (changed) publish();
}

}  // namespace jmeet::focus
