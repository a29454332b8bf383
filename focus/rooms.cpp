#include "focus/rooms.hpp"

#include <algorithm>

#include "xmpp/namespaces.hpp"

namespace jmeet::focus {
namespace {

using xmpp::stanza_error;

constexpr xmpp::MuteMedia kMuteMedia[] = {xmpp::MuteMedia::audio, xmpp::MuteMedia::video,
                                          xmpp::MuteMedia::desktop};

}  // namespace

xmpp::Jid decode_sender(const xmpp::Jid& from, const std::string& client_proxy) {
    if (client_proxy.empty() || from.domain() != client_proxy || !from.node().empty()) return from;
    const auto decoded = xmpp::Jid::parse(from.resource());
    return decoded ? *decoded : from;
}

Rooms::Rooms(xmpp::Client& client, BridgeList& bridges, const FocusConfig& config,
             FocusCounters& counters, const Components& components, AuthSessions* auth)
    : client_(client),
      config_(config),
      counters_(counters),
      components_(components),
      context_{.client = client,
               .bridges = bridges,
               .config = config,
               .offer = make_offer_config(config),
               .counters = counters,
               .components = components,
               .auth = auth,
               .claim_meeting_id = [this](const std::string& id) {
                   return meeting_ids_.insert(id).second;
               },
               .release_meeting_id = [this](const std::string& id) { meeting_ids_.erase(id); },
               .has_breakout_rooms =
                   [this](const xmpp::Jid& main) { return has_breakout_rooms(main); }},
      log_(log::Program::focus, "ConferenceIqHandler"),
      tasks_(client.stream().io().get_executor()) {
    bridges.watch(*this);
    messages_ = client_.stream().on_stanza().add([this](const xmpp::Element& stanza) {
        if (stanza.name() == "message") on_message(stanza);
    });
    handle_iqs();
}

Rooms::~Rooms() = default;

void Rooms::handle_iqs() {
    client_.iq().handle(xmpp::IqType::set, "conference", xmpp::ns::kFocus,
                        [this](xmpp::Element iq) { return answer_request(std::move(iq)); });
    client_.iq().handle_sync(
        xmpp::IqType::set, "jingle", xmpp::ns::kJingle, [this](const xmpp::Element& iq) {
            const auto from = xmpp::Jid::parse(iq.get("from"));
            Conference* const conference = from ? find(from->bare()) : nullptr;
            if (conference) return conference->on_jingle(iq);
            return xmpp::make_error(iq, stanza_error("bad-request"));
        });
    for (const xmpp::MuteMedia media : kMuteMedia) {
        client_.iq().handle_sync(
            xmpp::IqType::set, "mute", xmpp::mute_namespace(media),
            [this](const xmpp::Element& iq) {
                const auto request = xmpp::parse_mute(iq.children().front());
                if (!request || request->jid.empty() || !request->mute) {
                    return xmpp::make_error(iq, stanza_error("bad-request"));
                }
                const auto from = xmpp::Jid::parse(iq.get("from"));
                Conference* const conference = from ? find(from->bare()) : nullptr;
                if (conference) return conference->on_mute(iq, *request);
                return xmpp::make_error(iq, stanza_error("item-not-found"));
            });
    }
}

awaitable<void> Rooms::stop() {
    stopping_ = true;
    while (!conferences_.empty()) conferences_.begin()->second->end("the focus stops");
    // The burials are children: they end when the conferences' last stanzas are out.
    while (tasks_.size() > 0) co_await sleep_for(milliseconds(20));
    co_await tasks_.stop();
}

awaitable<xmpp::Element> Rooms::answer_request(xmpp::Element iq) {
    const xmpp::Element* const payload = iq.child("conference", xmpp::ns::kFocus);
    const auto from = xmpp::Jid::parse(iq.get("from"));
    if (!payload || !from) co_return xmpp::make_error(iq, stanza_error("bad-request"));
    auto parsed = xmpp::parse_conference(*payload);
    if (!parsed) {
        co_return xmpp::make_error(iq, stanza_error("bad-request", parsed.error().what));
    }
    const auto answer = co_await request(std::move(*parsed),
                                         decode_sender(*from, config_.xmpp.client_proxy));
    if (!answer) co_return xmpp::make_error(iq, answer.error());
    co_return xmpp::make_result(iq, xmpp::write_conference(*answer));
}

awaitable<xmpp::IqResult<xmpp::ConferenceIq>> Rooms::request(xmpp::ConferenceIq request,
                                                             xmpp::Jid from) {
    log_.info("Conference request for room {}, from {}, token={}", request.room.to_string(),
              from.empty() ? "http" : from.to_string(), !request.token.empty());
    ++counters_.conference_requests;
    xmpp::ConferenceIq answer;
    answer.room = request.room;
    answer.focus_jid = xmpp::Jid(config_.xmpp.username, config_.xmpp.domain).to_string();
    answer.set_property("authentication", context_.auth ? "true" : "false");
    if (context_.auth) {
        answer.set_property("externalAuth", context_.auth->external() ? "true" : "false");
    }
    if (config_.sip_gateway_enabled) answer.set_property("sipGatewayEnabled", "true");
    answer.set_property("visitors-supported", "false");
    answer.ready = false;

    if (const auto admitted = authenticate(request, from, answer); !admitted) {
        co_return admitted.error();
    }
    Conference* conference = find(request.room);
    if (conference) {
        conference->on_requested();
    } else if (client_.connected() && !stopping_) {
        if (conferences_.size() >= kMaxConferences) {
            log_.warning("Refusing {}: {} conferences are running.", request.room.to_string(),
                         kMaxConferences);
            co_return stanza_error("resource-constraint", "too many conferences");
        }
        ++counters_.conference_requests_new;
        const auto started = co_await create(request).start();
        if (!started && client_.connected()) {
            co_return stanza_error("internal-server-error", started.error().what);
        }
        conference = find(request.room);
    }
    // Neither joining nor a lost connection is an error: clients ask again by themselves.
    answer.ready = conference && conference->ready();
    co_return answer;
}

xmpp::IqResult<void> Rooms::authenticate(const xmpp::ConferenceIq& request, const xmpp::Jid& from,
                                         xmpp::ConferenceIq& answer) {
    AuthSessions* const auth = context_.auth;
    if (!auth) return {};
    // Breakout rooms are the server's, made for people who are in the main room.
    if (request.room.domain() == components_.breakout_rooms) return {};
    const auto session = auth->use(request, from, Clock::now());
    if (!session) {
        log_.info("Refusing {} in {}: {}", from.to_string(), request.room.to_string(),
                  session.error().to_string());
        return session.error();
    }
    if (*session) {
        answer.session_id = (*session)->id;
        answer.identity = (*session)->identity;
        for (Conference* const conference : everyone()) conference->on_authenticated();
        return {};
    }
    // Guests may join what somebody else has opened.
    if (find(request.room) || has_breakout_rooms(request.room)) return {};
    return stanza_error("not-authorized", "not authorized user domain");
}

bool Rooms::has_breakout_rooms(const xmpp::Jid& main_room) const {
    return std::any_of(conferences_.begin(), conferences_.end(),
                       [&](const auto& c) { return c.second->main_room() == main_room; });
}

Conference& Rooms::create(const xmpp::ConferenceIq& request) {
    ConferenceOptions options;
    options.start_audio_muted = request.property_int("startAudioMuted");
    options.start_video_muted = request.property_int("startVideoMuted");
    options.rtcstats_enabled = request.property_bool("rtcstatsEnabled", true);
    if (!options.rtcstats_enabled) {
        log_.info("New room with rtcstats disabled: {}", request.room.to_string());
    }
    return add(request.room, options);
}

Conference& Rooms::add(const xmpp::Jid& room, ConferenceOptions options) {
    options.pinned_bridge_version =
        pins_.version_for(room, std::chrono::system_clock::now());
    ++counters_.conferences_created;
    auto conference = std::make_unique<Conference>(context_, room, options,
                                                   [this](Conference& c) { on_ended(c); });
    return *conferences_.emplace(room, std::move(conference)).first->second;
}

awaitable<void> Rooms::restore(ConferenceRecord record) {
    if (stopping_ || find(record.room)) co_return;
    Conference& conference = add(record.room, record.options);
    const xmpp::Jid room = record.room;
    conference.restore_from(std::move(record));
    const auto started = co_await conference.start();
    if (!started) log_.info("{} is not taken over: {}", room.to_string(), started.error().what);
}

void Rooms::on_ended(Conference& conference) {
    const auto at = conferences_.find(conference.room());
    const auto main_room = conference.main_room();
    if (context_.auth) context_.auth->on_conference_ended(conference.room());
    std::unique_ptr<Conference> ended = std::move(at->second);
    conferences_.erase(at);
    // What called us may still be inside it: it goes when its last coroutine has ended.
    tasks_.spawn("bury a conference", bury(std::move(ended)));
    if (!main_room) return;
    if (Conference* const main = find(*main_room)) main->on_breakout_ended();
}

awaitable<void> Rooms::bury(std::unique_ptr<Conference> conference) {
    co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
    co_await conference->stop();
}

Conference* Rooms::find(const xmpp::Jid& room) const {
    const auto at = conferences_.find(room);
    return at == conferences_.end() ? nullptr : at->second.get();
}

// A list to walk while conferences may end; an ended one lives on until it is buried.
std::vector<Conference*> Rooms::everyone() const {
    std::vector<Conference*> result;
    for (const auto& [room, conference] : conferences_) result.push_back(conference.get());
    return result;
}

void Rooms::on_bridge_usable(Bridge& bridge) {
    if (!conferences_.empty()) {
        log_.info("New bridge available, will try to restart: {}", bridge.jid().to_string());
    }
    for (Conference* const conference : everyone()) conference->on_bridge_usable();
}

void Rooms::on_bridge_lost(Bridge& bridge, const std::string& why) {
    for (Conference* const conference : everyone()) conference->on_bridge_lost(bridge, why);
}

// Only messages of the server's own components count, and only their exact address is theirs.
void Rooms::on_message(const xmpp::Element& message) {
    const std::string& type = message.get("type");
    if (!type.empty() && type != "normal") return;
    const std::string& from = message.get("from");
    const xmpp::Element* const json = from.empty() ? nullptr : xmpp::find_json_message(message);
    if (!json) return;
    if (from == components_.room_metadata) on_metadata(*json);
    if (from == components_.av_moderation) on_moderation(*json);
}

void Rooms::on_metadata(const xmpp::Element& json) {
    const auto room = xmpp::Jid::parse(json.get("room"));
    Conference* const conference = room ? find(room->bare()) : nullptr;
    if (!conference) return;
    auto metadata = xmpp::parse_room_metadata(json.text());
    if (!metadata) {
        log_.warning("Room metadata of {} is ignored: {}", room->to_string(),
                     metadata.error().what);
        return;
    }
    conference->on_room_metadata(std::move(*metadata));
}

void Rooms::on_moderation(const xmpp::Element& json) {
    const auto moderation = xmpp::parse_av_moderation(json.text());
    if (!moderation) {
        log_.warning("An A/V moderation message is ignored: {}", moderation.error().what);
        return;
    }
    const auto room = xmpp::Jid::parse(moderation->room);
    Conference* const conference = room ? find(room->bare()) : nullptr;
    if (conference) conference->on_av_moderation(*moderation);
}

}  // namespace jmeet::focus
