// The implementation of talk.hpp (a *_test.cpp so that it is built with the tests).
#include "tests/focus/talk.hpp"

#include <spdlog/fmt/fmt.h>

#include "tests/fake_time.hpp"
#include "xmpp/namespaces.hpp"

namespace jmeet::focus {
namespace {

constexpr char kServerInfo[] =
    "<query xmlns='http://jabber.org/protocol/disco#info'>"
    "<identity type='room_metadata' category='component' name='metadata.meet.test'/>"
    "<identity type='av_moderation' category='component' name='avmoderation.meet.test'/>"
    "<identity type='breakout_rooms' category='component' name='breakout.meet.test'/>"
    "<feature var='http://jabber.org/protocol/disco#info'/></query>";

constexpr char kOwnerForm[] =
    "<query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='form'>"
    "<field var='FORM_TYPE' type='hidden'>"
    "<value>http://jabber.org/protocol/muc#roomconfig</value></field>"
    "<field var='muc#roominfo_meetingId' type='text-single'>"
    "<value>6f0e4f0c-6b0a-4a39-8e86-0d6c4f9f6a10</value></field></x></query>";

constexpr char kModernFeatures[] =
    "<feature var='http://jitsi.org/json-encoded-sources'/>"
    "<feature var='http://jitsi.org/ssrc-rewriting-1'/><feature var='http://jitsi.org/tcc'/>"
    "<feature var='urn:ietf:rfc:4588'/><feature var='urn:xmpp:jingle:apps:rtp:audio'/>"
    "<feature var='urn:xmpp:jingle:apps:rtp:video'/>";

std::string self_presence(const std::string& room) {
    return fmt::format(
        "<presence from='{}/focus' to='{}'><x xmlns='http://jabber.org/protocol/muc#user'>"
        "<status code='201'/><item jid='{}' affiliation='owner' role='moderator'/>"
        "<status code='110'/></x></presence>",
        room, kFocusJid, kFocusJid);
}

}  // namespace

FocusConfig talk_config() {
    FocusConfig config;
    config.xmpp.domain = "auth.meet.test";
    config.xmpp.xmpp_domain = "meet.test";
    config.xmpp.client_proxy = "focus.meet.test";
    config.xmpp.reply_timeout = seconds(1);
    config.bridge.brewery_jid = kBrewery;
    config.bridge.health_checks = false;
    config.conference.initial_timeout = milliseconds(10'000);
    config.conference.single_participant_timeout = milliseconds(100);
    config.sctp_enabled = false;
    config.health.enabled = false;
    config.version = "1.1.SNAPSHOT";
    return config;
}

Talk::Talk(FocusConfig config, std::optional<BridgeList::Local> local) {
    auto own = std::make_unique<ScriptedStream>(io, xmpp::Jid("focus", "auth.meet.test", "focus"));
    stream = own.get();
    std::unique_ptr<ScriptedStream> other;
    if (!config.xmpp.component_secret.empty()) {
        other = std::make_unique<ScriptedStream>(io, xmpp::Jid("", config.xmpp.component_domain));
        component = other.get();
    }
    focus = std::make_unique<Services>(std::move(own), std::move(config), std::move(local),
                                       std::move(other));
    start();
}

Talk::~Talk() {
    bool stopped = false;
    asio::co_spawn(io, focus->stop(), [&](const std::exception_ptr&) { stopped = true; });
    for (int i = 0; i < 400 && !stopped; ++i) {
        // Whoever is still asked at the end answers at once.
        for (const xmpp::Element& sent : std::exchange(stream->sent, {})) {
            if (sent.name() == "iq" && sent.get("type") == "get") answer(sent);
        }
        step(milliseconds(10));
    }
    CHECK_MESSAGE(stopped, "the focus stops when it is asked to");
}

void Talk::start() {
    focus->start();
    run();
    answer(expect("disco#info of the server", iq("get", "meet.test", "query")), kServerInfo);
    REQUIRE(run_until([&] {
        for (const auto& s : stream->sent) {
            if (presence(std::string(kBrewery) + "/focus")(s)) return true;
        }
        return false;
    }));
    expect("join of the brewery", presence(std::string(kBrewery) + "/focus"));
    hear(self_presence(kBrewery));
    if (const auto form = find(iq("get", kBrewery, "query"))) answer(*form, kOwnerForm);
    answer(expect("form of the brewery", iq("set", kBrewery, "query")));
    stream->sent.clear();
}

void Talk::run() {
    io.restart();
    io.poll();
}

void Talk::step(milliseconds time) {
    move_time(time);
    run();
    // A question, and then its answer.
    for (int i = 0; packets_arrive && i < 2; ++i) {
        packets_arrive();
        run();
    }
    // The server is there.
    while (const auto ping = find(iq("get", "auth.meet.test", "ping"))) answer(*ping);
}

bool Talk::run_until(const std::function<bool()>& condition) {
    run();
    for (int i = 0; i < 30'000; ++i) {
        if (condition()) return true;
        step(milliseconds(1));
    }
    return false;
}

void Talk::run_for(milliseconds time) {
    run();
    for (; time > time.zero(); time -= std::min(time, milliseconds(1))) step(milliseconds(1));
}

void Talk::hear(const xmpp::Element& stanza) {
    stream->on_stanza().emit(stanza);
    run();
}

void Talk::hear(const std::string& xml) {
    const auto stanza = xmpp::parse_element(xml, xmpp::ns::kClient);
    REQUIRE_MESSAGE(stanza.has_value(), xml);
    hear(*stanza);
}

std::optional<xmpp::Element> Talk::find(const Match& match) {
    for (auto at = stream->sent.begin(); at != stream->sent.end(); ++at) {
        if (!match(*at)) continue;
        xmpp::Element found = std::move(*at);
        stream->sent.erase(at);
        return found;
    }
    return {};
}

xmpp::Element Talk::expect(const std::string& what, const Match& match) {
    auto found = find(match);
    std::string said;
    if (!found) {
        for (const auto& s : stream->sent) said += "\n  " + s.to_xml(xmpp::ns::kClient);
    }
    REQUIRE_MESSAGE(found.has_value(), what << " was not sent; what was sent:" << said);
    return *found;
}

void Talk::expect_none(const std::string& what, const Match& match) {
    const auto found = find(match);
    CHECK_MESSAGE(!found.has_value(), what << " was sent: "
                                           << (found ? found->to_xml(xmpp::ns::kClient) : ""));
}

Talk::Match Talk::iq(std::string type, std::string to, std::string payload) {
    return [=](const xmpp::Element& s) {
        return s.name() == "iq" && s.get("type") == type && s.get("to") == to &&
               s.child(payload) != nullptr;
    };
}

Talk::Match Talk::jingle(std::string to, std::string action) {
    return [=](const xmpp::Element& s) {
        const auto* payload = s.child("jingle", xmpp::ns::kJingle);
        return s.get("to") == to && payload && payload->get("action") == action;
    };
}

Talk::Match Talk::answer_to(std::string id) {
    return [=](const xmpp::Element& s) {
        return s.name() == "iq" && s.get("id") == id &&
               (s.get("type") == "result" || s.get("type") == "error");
    };
}

Talk::Match Talk::presence(std::string to, std::string type) {
    return [=](const xmpp::Element& s) {
        return s.name() == "presence" && s.get("to") == to && s.get("type") == type;
    };
}

Talk::Match Talk::colibri(const std::string& nick) {
    return iq("get", bridge_jid(nick), "conference-modify");
}

void Talk::answer(const xmpp::Element& iq, const std::string& payload) {
    hear(fmt::format("<iq type='result' id='{}' from='{}' to='{}'>{}</iq>", iq.get("id"),
                     iq.get("to"), kFocusJid, payload));
}

void Talk::refuse(const xmpp::Element& iq, const std::string& error) {
    hear(fmt::format("<iq type='error' id='{}' from='{}' to='{}'><error type='cancel'>{}</error>"
                     "</iq>",
                     iq.get("id"), iq.get("to"), kFocusJid, error));
}

void Talk::bridge_appears(const std::string& nick, const std::string& stats) {
    hear(fmt::format(
        "<presence from='{}' to='{}'><stats xmlns='http://jitsi.org/protocol/colibri'>"
        "<stat name='stress_level' value='0.1'/><stat name='drain' value='false'/>"
        "<stat name='version' value='2.3'/><stat name='region' value='region1'/>{}</stats>"
        "<x xmlns='http://jabber.org/protocol/muc#user'>"
        "<item jid='jvb@auth.meet.test/x' affiliation='owner' role='moderator'/></x></presence>",
        bridge_jid(nick), kFocusJid, stats));
}

void Talk::bridge_leaves(const std::string& nick) {
    hear(fmt::format("<presence from='{}' to='{}' type='unavailable'>"
                     "<x xmlns='http://jabber.org/protocol/muc#user'>"
                     "<item affiliation='owner' role='none'/></x></presence>",
                     bridge_jid(nick), kFocusJid));
}

std::string Talk::request_conference(const std::string& id, const std::string& properties) {
    const std::string from = "focus.meet.test/someone@meet.test/web";
    hear(fmt::format("<iq type='set' id='{}' from='{}' to='{}'>"
                     "<conference xmlns='http://jitsi.org/protocol/focus' room='{}' "
                     "machine-uid='m1'>{}</conference></iq>",
                     id, from, kFocusJid, kRoom, properties));
    return from;
}

void Talk::let_room_in() {
    expect("join of the room", presence(occupant("focus")));
    hear(self_presence(kRoom));
    answer(expect("owner form", iq("get", kRoom, "query")), kOwnerForm);
    answer(expect("submission", iq("set", kRoom, "query")));
}

void Talk::open_room(const std::string& properties) {
    request_conference("open", properties);
    let_room_in();
    const auto said = expect("answer to the request", answer_to("open"));
    CHECK(said.child("conference")->get("ready") == "true");
}

void Talk::client_joins(const std::string& nick, const std::string& features,
                        const std::string& extra) {
    hear(fmt::format("<presence from='{}' to='{}'><stats-id>{}-Stats</stats-id>{}"
                     "<x xmlns='http://jabber.org/protocol/muc#user'>"
                     "<item affiliation='none' role='participant' jid='{}@meet.test/web'/></x>"
                     "</presence>",
                     occupant(nick), kFocusJid, nick, extra, nick));
    const auto asked = expect("disco#info of " + nick, iq("get", occupant(nick), "query"));
    answer(asked, fmt::format("<query xmlns='http://jabber.org/protocol/disco#info'>{}</query>",
                              features.empty() ? kModernFeatures : features.c_str()));
}

void Talk::client_leaves(const std::string& nick, const std::string& inside) {
    hear(fmt::format("<presence from='{}' to='{}' type='unavailable'>{}"
                     "<x xmlns='http://jabber.org/protocol/muc#user'>"
                     "<item affiliation='none' role='none'/></x></presence>",
                     occupant(nick), kFocusJid, inside));
}

xmpp::Element Talk::allocate(const std::string& nick, const std::string& bridge) {
    const auto asked = expect("allocation of " + nick + " on " + bridge, [&](const auto& s) {
        if (!colibri(bridge)(s)) return false;
        const auto* endpoint = s.child("conference-modify")->child("endpoint");
        return endpoint && endpoint->get("id") == nick && endpoint->get_bool("create");
    });
    answer(asked,
           fmt::format(
               "<conference-modified xmlns='jitsi:colibri2'><endpoint id='{}'><transport>"
               "<transport xmlns='urn:xmpp:jingle:transports:ice-udp:1' ufrag='u{}' pwd='p'>"
               "<rtcp-mux/><fingerprint xmlns='urn:xmpp:jingle:apps:dtls:0' setup='actpass' "
               "hash='sha-256'>AA:BB</fingerprint></transport></transport></endpoint><sources>"
               "<media-source type='audio' id='jvb-a0'>"
               "<source xmlns='urn:xmpp:jingle:apps:rtp:ssma:0' ssrc='11' name='jvb-a0'/>"
               "</media-source><media-source type='video' id='jvb-v0'>"
               "<source xmlns='urn:xmpp:jingle:apps:rtp:ssma:0' ssrc='12' name='jvb-v0'/>"
               "</media-source></sources></conference-modified>",
               nick, nick));
    return asked;
}

xmpp::Element Talk::accept_iq(const std::string& nick, const std::string& sid,
                              std::uint32_t first_ssrc) {
    const auto content = [&](const char* media, std::uint32_t ssrc) {
        return fmt::format(
            "<content creator='responder' name='{0}' senders='both'>"
            "<description xmlns='urn:xmpp:jingle:apps:rtp:1' media='{0}'>"
            "<source xmlns='urn:xmpp:jingle:apps:rtp:ssma:0' ssrc='{1}' name='{2}-{3}0'>"
            "<parameter name='msid' value='{2}-{0}-0-1 t-1'/></source></description>"
            "<transport xmlns='urn:xmpp:jingle:transports:ice-udp:1' ufrag='c{2}' pwd='q'>"
            "<fingerprint xmlns='urn:xmpp:jingle:apps:dtls:0' hash='sha-256' setup='active'>"
            "CC:DD</fingerprint></transport></content>",
            media, ssrc, nick, media[0]);
    };
    return *xmpp::parse_element(
        fmt::format("<iq type='set' id='accept-{0}' from='{1}' to='{2}'>"
                    "<jingle xmlns='urn:xmpp:jingle:1' action='session-accept' sid='{3}'>{4}{5}"
                    "</jingle></iq>",
                    nick, occupant(nick), kFocusJid, sid, content("audio", first_ssrc),
                    content("video", first_ssrc + 1)),
        xmpp::ns::kClient);
}

std::string Talk::accept(const std::string& nick, std::uint32_t first_ssrc) {
    const auto offer =
        expect("session-initiate to " + nick, jingle(occupant(nick), "session-initiate"));
    answer(offer);
    const std::string sid = offer.child("jingle")->get("sid");
    sids[nick] = sid;
    hear(accept_iq(nick, sid, first_ssrc));
    CHECK(expect("answer to the accept", answer_to("accept-" + nick)).get("type") == "result");
    const auto update = expect("update of " + nick, [&](const auto& s) {
        const auto* modify = s.child("conference-modify");
        const auto* endpoint = modify ? modify->child("endpoint") : nullptr;
        return endpoint && endpoint->get("id") == nick && endpoint->child("sources");
    });
    answer(update, fmt::format("<conference-modified xmlns='jitsi:colibri2'><endpoint id='{}'/>"
                               "</conference-modified>",
                               nick));
    return sid;
}

void Talk::two_party_call(const std::string& features) {
    bridge_appears("jvb1");
    open_room();
    client_joins("aaaa", features);
    client_joins("bbbb", features);
    allocate("aaaa");
    allocate("bbbb");
    accept("aaaa", 1001);
    accept("bbbb", 2001);
}

}  // namespace jmeet::focus
