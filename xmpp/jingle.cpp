#include "xmpp/jingle.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "xmpp/namespaces.hpp"

namespace jmeet::xmpp {
namespace {

struct ActionName {
    JingleAction action;
    std::string_view name;
};

// The first name of an action is the one that is written.
constexpr std::array kActionNames{
    ActionName{JingleAction::session_initiate, "session-initiate"},
    ActionName{JingleAction::session_accept, "session-accept"},
    ActionName{JingleAction::session_info, "session-info"},
    ActionName{JingleAction::session_terminate, "session-terminate"},
    ActionName{JingleAction::source_add, "source-add"},
    ActionName{JingleAction::source_add, "addsource"},
    ActionName{JingleAction::source_remove, "source-remove"},
    ActionName{JingleAction::source_remove, "removesource"},
    ActionName{JingleAction::transport_info, "transport-info"},
    ActionName{JingleAction::transport_replace, "transport-replace"},
    ActionName{JingleAction::transport_accept, "transport-accept"},
    ActionName{JingleAction::transport_reject, "transport-reject"},
    ActionName{JingleAction::unsupported, "content-accept"},
    ActionName{JingleAction::unsupported, "content-add"},
    ActionName{JingleAction::unsupported, "content-modify"},
    ActionName{JingleAction::unsupported, "content-reject"},
    ActionName{JingleAction::unsupported, "content-remove"},
    ActionName{JingleAction::unsupported, "description-info"},
    ActionName{JingleAction::unsupported, "security-info"},
};

// Jitsi's names, in the case in which they are passed on.
Result<void> check_sources(JingleContent& content) {
    if (content.sources.empty() && content.groups.empty()) return {};
    if (content.media() != "audio" && content.media() != "video") {
        return fail("unknown media type: " + content.media());
    }
    for (Source& source : content.sources) {
        source.video_type = lower(source.video_type);
        if (!source.video_type.empty() && source.video_type != "camera" &&
            source.video_type != "desktop") {
            return fail("unknown videoType: " + source.video_type);
        }
    }
    for (SsrcGroup& group : content.groups) {
        const std::string semantics = lower(group.semantics);
        if (semantics == "sim") {
            group.semantics = "SIM";
        } else if (semantics == "fid") {
            group.semantics = "FID";
        } else {
            return fail("unknown ssrc-group semantics: " + group.semantics);
        }
    }
    return {};
}

Result<void> parse_description(const Element& element, JingleContent& content) {
    auto description = parse_rtp_children(element, element.get("media"));
    if (!description) return description.error();
    content.description = *std::move(description);
    content.maxptime = element.get_u32("maxptime");
    content.rtcp_mux = element.child("rtcp-mux") != nullptr;
    if (const Element* last_n = element.child("initial-last-n", ns::kColibri2)) {
        if (const auto value = last_n->get_u32("value")) {
            content.initial_last_n = static_cast<int>(std::min(*value, 1'000'000U));
        }
    }
    return parse_sources(element, content.sources, content.groups);
}

Result<JingleContent> parse_content(const Element& element) {
    JingleContent content;
    content.creator = element.get("creator");
    content.name = element.get("name");
    content.senders = element.get("senders");
    if (const Element* description = element.child("description", ns::kJingleRtp)) {
        if (auto done = parse_description(*description, content); !done) return done.error();
    }
    // COMPAT: some clients put sources directly under the content; groups never.
    std::vector<SsrcGroup> ignored;
    if (auto done = parse_sources(element, content.sources, ignored); !done) return done.error();
    if (auto done = check_sources(content); !done) return done.error();
    if (const Element* transport = element.child("transport", ns::kJingleIceUdp)) {
        auto parsed = parse_ice_udp_transport(*transport);
        if (!parsed) return parsed.error();
        content.transport = *std::move(parsed);
    }
    if (const Element* last_n = element.child("initial-last-n", ns::kColibri2)) {
        if (const auto value = last_n->get_u32("value")) {
            content.initial_last_n = static_cast<int>(std::min(*value, 1'000'000U));
        }
    }
    return content;
}

JingleReason parse_reason(const Element& element) {
    JingleReason reason;
    for (const Element& child : element.children()) {
        if (child.name() == "text") {
            reason.text = child.text();
        } else if (reason.condition.empty() && child.ns() == element.ns()) {
            reason.condition = child.name();
        }
    }
    return reason;
}

BridgeSession parse_bridge_session(const Element& element) {
    return {.id = element.get("id"),
            .region = element.get("region"),
            .restart = element.get_bool("restart"),
            .ice_restart = element.get_bool("ice-restart")};
}

void parse_extension(const Element& child, Jingle& jingle) {
    if (child.is("group", ns::kJingleGrouping)) {
        if (child.get("semantics") != "BUNDLE") return;
        for (const Element* content : child.children_named("content")) {
            if (jingle.bundle.size() < kMaxContents) jingle.bundle.push_back(content->get("name"));
        }
    } else if (child.is("bridge-session", ns::kFocus)) {
        if (!jingle.bridge_session) jingle.bridge_session = parse_bridge_session(child);
    } else if (child.is("startmuted", ns::kStartMuted)) {
        jingle.start_muted = StartMuted{child.get_bool("audio"), child.get_bool("video")};
    } else if (child.is("json-message", ns::kJitmeet)) {
        jingle.json_message = child.text();
    } else if (child.is("ice-state", ns::kFocus)) {
        jingle.ice_state = lower(trimmed(child.text()));
    } else if (child.is("reason", ns::kJingle)) {
        jingle.reason = parse_reason(child);
    }
}

Element write_content(const JingleContent& content) {
    Element element("content", ns::kJingle);
    if (!content.creator.empty()) element.set("creator", content.creator);
    element.set("name", content.name);
    if (!content.senders.empty()) element.set("senders", content.senders);
    if (content.description) {
        Element& description = element.add("description", ns::kJingleRtp);
        description.set("media", content.description->media);
        if (content.maxptime) description.set("maxptime", std::int64_t{*content.maxptime});
        write_rtp_children(description, *content.description);
        if (content.rtcp_mux) description.add("rtcp-mux");
        for (const Source& source : content.sources) description.add(write_source(source));
        for (const SsrcGroup& group : content.groups) description.add(write_ssrc_group(group));
    } else {
        for (const Source& source : content.sources) element.add(write_source(source));
    }
    if (content.initial_last_n) {
        Element& parent = content.description ? element.children().front() : element;
        parent.add("initial-last-n", ns::kColibri2)
            .set("value", std::int64_t{*content.initial_last_n});
    }
    if (content.transport) {
        element.add(
            write_ice_udp_transport(*content.transport, FingerprintFlags::explicit_false));
    }
    return element;
}

void write_reason(Element& parent, const JingleReason& reason) {
    Element& element = parent.add("reason");
    if (!reason.condition.empty()) element.add(reason.condition);
    if (!reason.text.empty()) element.add("text").set_text(reason.text);
}

void write_bridge_session(Element& parent, const BridgeSession& session) {
    Element& element = parent.add("bridge-session", ns::kFocus);
    if (!session.id.empty()) element.set("id", session.id);
    if (!session.region.empty()) element.set("region", session.region);
    if (session.restart) element.set("restart", "true");
    if (session.ice_restart) element.set("ice-restart", "true");
}

void write_extensions(Element& element, const Jingle& jingle) {
    if (!jingle.bundle.empty()) {
        Element& group = element.add("group", ns::kJingleGrouping);
        group.set("semantics", "BUNDLE");
        for (const std::string& name : jingle.bundle) group.add("content").set("name", name);
    }
    if (jingle.start_muted) {
        Element& muted = element.add("startmuted", ns::kStartMuted);
        muted.set("audio", jingle.start_muted->audio ? "true" : "false");
        muted.set("video", jingle.start_muted->video ? "true" : "false");
    }
    if (!jingle.ice_state.empty()) {
        element.add("ice-state", ns::kFocus).set_text(jingle.ice_state);
    }
    if (jingle.bridge_session) write_bridge_session(element, *jingle.bridge_session);
    if (!jingle.json_message.empty()) {
        element.add("json-message", ns::kJitmeet).set_text(jingle.json_message);
    }
}

}  // namespace

const std::string& JingleContent::media() const {
    return description && !description->media.empty() ? description->media : name;
}

JingleHead read_jingle_head(const Element& jingle) {
    JingleHead head;
    head.sid = jingle.get("sid");
    const std::string& name = jingle.get("action");
    const auto found = std::find_if(kActionNames.begin(), kActionNames.end(),
                                    [&](const ActionName& a) { return a.name == name; });
    if (found != kActionNames.end()) head.action = found->action;
    return head;
}

Result<Jingle> parse_jingle(const Element& element) {
    if (!element.is("jingle", ns::kJingle)) return fail("no jingle element");
    const JingleHead head = read_jingle_head(element);
    Jingle jingle;
    jingle.action = head.action;
    jingle.sid = head.sid;
    jingle.initiator = element.get("initiator");
    jingle.responder = element.get("responder");
    for (const Element& child : element.children()) {
        if (!child.is("content", ns::kJingle)) {
            parse_extension(child, jingle);
            continue;
        }
        if (jingle.contents.size() == kMaxContents) return fail("too many contents");
        auto content = parse_content(child);
        if (!content) return content.error();
        jingle.contents.push_back(*std::move(content));
    }
    return jingle;
}

Element write_jingle(const Jingle& jingle) {
    Element element("jingle", ns::kJingle);
    element.set("action", to_string(jingle.action));
    if (!jingle.initiator.empty()) element.set("initiator", jingle.initiator);
    if (!jingle.responder.empty()) element.set("responder", jingle.responder);
    element.set("sid", jingle.sid);
    if (jingle.reason) write_reason(element, *jingle.reason);
    for (const JingleContent& content : jingle.contents) element.add(write_content(content));
    write_extensions(element, jingle);
    return element;
}

std::string_view to_string(JingleAction action) {
    const auto found = std::find_if(kActionNames.begin(), kActionNames.end(),
                                    [&](const ActionName& a) { return a.action == action; });
    const bool writable = action != JingleAction::missing && action != JingleAction::unsupported;
    return writable && found != kActionNames.end() ? found->name : std::string_view{};
}

std::string make_sid(std::uint64_t random) {
    constexpr std::string_view kDigits = "0123456789abcdefghijklmnopqrstuv";
    std::string sid;
    do {
        sid.insert(sid.begin(), kDigits[random % 32]);
        random /= 32;
    } while (random);
    return sid;
}

}  // namespace jmeet::xmpp
