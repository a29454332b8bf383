// FocusHttp: GET /debug, what is below it, and /rtcstats.
#include "base/json.hpp"
#include "focus/debug_json.hpp"
#include "focus/http/bad_request.hpp"
#include "focus/http/focus_http.hpp"

namespace jmeet::focus {
namespace {

const char* authority_name(AuthConfig::Type type) {
    switch (type) {
        case AuthConfig::Type::none: return "null";
        case AuthConfig::Type::xmpp: return "XMPPDomainAuthAuthority";
        case AuthConfig::Type::jwt: return "ExternalJWTAuthority";
    }
    return "null";
}

}  // namespace

HttpResponse FocusHttp::rtcstats() const {
    json::Writer out;
    out.begin_object();
    for (const auto& [room, conference] : services_.rooms().all()) {
        if (!conference->state().options.rtcstats_enabled || !conference->ready()) continue;
        out.key(conference->state().meeting_id);
        conference->write_debug(out, DebugDetail::without_signaling);
    }
    out.end_object();
    return HttpResponse::json(out.str());
}

HttpResponse FocusHttp::debug(const HttpRequest& request) const {
    const bool full = request.parameter("full") == "true";
    json::Writer out;
    out.begin_object();
    out.key("focus_manager").begin_object();
    for (const auto& [room, conference] : services_.rooms().all()) {
        out.key(room.to_string());
        if (full) {
            conference->write_debug(out, DebugDetail::full);
        } else {
            out.value(static_cast<std::int64_t>(conference->state().participants.size()));
        }
    }
    out.end_object();
    out.key("bridge_selector").begin_object();
    out.member("strategy", services_.bridges().strategy_name());
    out.key("bridge").begin_object();
    for (Bridge* const bridge : services_.bridges().all()) {
        out.key(bridge->jid().to_string());
        write_bridge(out, *bridge, Clock::now());
    }
    out.end_object().end_object();
    out.key("jibri_detector").null().key("sip_jibri_detector").null();
    out.key("jigasi_detector").null();
    const Components& components = services_.components();
    out.key("av_moderation").begin_object();
    out.member("address", components.av_moderation).end_object();
    out.key("conference_iq_handler").begin_object();
    out.member("breakout_address", components.breakout_rooms);
    out.member("focus_auth_jid", services_.client().jid().bare().to_string());
    out.member("jigasi_enabled", services_.config().sip_gateway_enabled);
    out.member("auth_authority", authority_name(services_.config().auth.type)).end_object();
    out.end_object();
    return HttpResponse::json(out.str());
}

HttpResponse FocusHttp::debug_conferences() const {
    json::Writer out;
    out.begin_array();
    for (const auto& [room, conference] : services_.rooms().all()) out.value(room.to_string());
    out.end_array();
    return HttpResponse::json(out.str());
}

HttpResponse FocusHttp::debug_conferences_full() const {
    json::Writer out;
    out.begin_object();
    for (const auto& [room, conference] : services_.rooms().all()) {
        out.key(room.to_string());
        conference->write_debug(out, DebugDetail::full);
    }
    out.end_object();
    return HttpResponse::json(out.str());
}

HttpResponse FocusHttp::debug_conference(const std::string& room) const {
    const auto jid = xmpp::Jid::parse(room);
    if (!jid || jid->node().empty()) return bad_request("not a room JID");
    const Conference* const conference = services_.rooms().find(jid->bare());
    if (!conference) return HttpResponse::json("{}");
    json::Writer out;
    conference->write_debug(out, DebugDetail::full);
    return HttpResponse::json(out.str());
}

HttpResponse FocusHttp::debug_caps() const {
    json::Writer out;
    out.begin_object();
    for (const auto& [name, version] : services_.counters().caps.all()) {
        out.key(name).begin_object();
        out.member("count", version.count).key("features");
        write_texts(out, version.features.names());
        out.end_object();
    }
    out.end_object();
    return HttpResponse::json(out.str());
}

}  // namespace jmeet::focus
