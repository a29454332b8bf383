// Recorded conversations of Jicofo replayed: our focus hears what Jicofo heard and must say what
// Jicofo said (apart from ids, session ids and the order of things that have none).
#include <rapidjson/document.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "base/json.hpp"
#include "tests/focus/talk.hpp"
#include "xmpp/namespaces.hpp"

namespace jmeet::focus {
namespace {

std::string canonical_json(const json::Value& value) {
    if (value.IsArray()) {
        std::vector<std::string> items;
        for (const auto& item : value.GetArray()) items.push_back(canonical_json(item));
        std::sort(items.begin(), items.end());
        std::string text = "[";
        for (const auto& item : items) text += item + ",";
        return text + "]";
    }
    if (value.IsObject()) {
        std::vector<std::string> items;
        for (const auto& member : value.GetObject()) {
            items.push_back(std::string(member.name.GetString()) + ":" +
                            canonical_json(member.value));
        }
        std::sort(items.begin(), items.end());
        std::string text = "{";
        for (const auto& item : items) text += item + ",";
        return text + "}";
    }
    return json::to_string(value);
}

bool is_dropped(const xmpp::Element& parent, const xmpp::Element& child) {
    if (child.is("traceparent", "jitsi:opentelemetry")) return true;
    if (child.name() == "history") return true;  // we ask for none, Jicofo gets it
    if (parent.name() != "presence") return false;
    return child.name() == "priority" || child.name() == "c";
}

// Attributes and children in one order; what differs from run to run is left out.
std::string canonical(const xmpp::Element& element) {
    std::vector<std::string> attributes;
    for (const auto& [name, value] : element.attributes()) {
        if (name == "xml:lang" || name == "from") continue;
        const std::string& tag = element.name();
        if (name == "id" && (tag == "iq" || tag == "presence" || tag == "bridge-session")) continue;
        if (name == "sid" && tag == "jingle") continue;
        if (tag == "conference-modify" &&
            (name == "create" || name == "name" || name == "rtcstats-enabled")) {
            continue;
        }
        attributes.push_back(name + "='" + value + "'");
    }
    std::sort(attributes.begin(), attributes.end());
    std::string text = "<" + element.name() + " " + element.ns();
    for (const auto& attribute : attributes) text += " " + attribute;
    text += ">";
    std::vector<std::string> children;
    for (const auto& child : element.children()) {
        if (!is_dropped(element, child)) children.push_back(canonical(child));
    }
    std::sort(children.begin(), children.end());
    for (const auto& child : children) text += child + "\n";
    const auto document = json::parse(element.text());
    if (document && document->IsObject()) return text + canonical_json(*document) + "</>";
    return text + element.text() + "</>";
}

class Replay {
 public:
    // Jicofo knew the clients' features from earlier calls where it did not ask for them.
    explicit Replay(Talk& talk, std::string known_features = {})
        : talk_(talk), known_features_(std::move(known_features)) {}

    void play(const std::string& file) {
        std::ifstream in(std::string(JMEET_SOURCE_DIR) + "/tests/focus/recorded/" + file);
        std::stringstream text;
        text << in.rdbuf();
        const auto recorded = xmpp::parse_element(text.str());
        REQUIRE_MESSAGE(recorded.has_value(), file);
        for (const xmpp::Element& step : recorded->children()) {
            INFO(file << " step " << step.get("n"));
            if (step.get("from") == "focus") {
                expect(step.children().front());
            } else {
                hear(step.children().front());
            }
        }
    }

    // What was said beyond the recording.
    std::vector<xmpp::Element> rest() {
        talk_.run();
        return talk_.stream->sent;
    }
    int creates() const { return creates_; }

 private:
    void expect(const xmpp::Element& recorded) {
        // Asking the MUC service whether it is one is a habit of Jicofo's library.
        if (recorded.name() == "iq" && recorded.get("to") == "muc.meet.test") return;
        const std::string wanted = canonical(recorded);
        std::optional<xmpp::Element> said;
        talk_.run_until([&] {
            tell_known_features();
            said = talk_.find([&](const auto& s) { return canonical(s) == wanted; });
            return said.has_value();
        });
        std::string others;
        for (const auto& s : talk_.stream->sent) others += "\n SAID " + canonical(s);
        REQUIRE_MESSAGE(said.has_value(), "\n WANTED " << wanted << others);
        learn(recorded, *said);
    }

    void tell_known_features() {
        if (known_features_.empty()) return;
        const auto asked = talk_.find([](const auto& s) {
            const auto* query = s.child("query", xmpp::ns::kDiscoInfo);
            return query && s.get("to").find("@muc.meet.test/") != std::string::npos;
        });
        if (!asked) return;
        talk_.answer(*asked, "<query xmlns='http://jabber.org/protocol/disco#info'>" +
                                 known_features_ + "</query>");
    }

    void learn(const xmpp::Element& recorded, const xmpp::Element& said) {
        if (recorded.name() != "iq") return;
        if (recorded.get("type") == "get" || recorded.get("type") == "set") {
            same(recorded.get("id"), said.get("id"));
        }
        if (const auto* modify = said.child("conference-modify")) {
            creates_ += modify->get_bool("create") ? 1 : 0;
        }
        const auto* jingle = recorded.child("jingle");
        if (!jingle) return;
        same(jingle->get("sid"), said.child("jingle")->get("sid"));
        if (const auto* session = jingle->child("bridge-session")) {
            same(session->get("id"), said.child("jingle")->child("bridge-session")->get("id"));
        }
    }

    void same(const std::string& recorded, const std::string& ours) { ours_[recorded] = ours; }

    void hear(const xmpp::Element& recorded) {
        std::string xml = recorded.to_xml(xmpp::ns::kClient);
        for (const auto& [from, to] : ours_) {
            for (const std::string& name : {std::string("id"), std::string("sid")}) {
                const std::string old = " " + name + "=\"" + from + "\"";
                const std::string old_single = " " + name + "='" + from + "'";
                const std::string fresh = " " + name + "='" + to + "'";
                for (const std::string& o : {old, old_single}) {
                    for (auto at = xml.find(o); at != std::string::npos; at = xml.find(o)) {
                        xml.replace(at, o.size(), fresh);
                        if (o == fresh) break;
                    }
                }
            }
        }
        talk_.hear(xml);
    }

    Talk& talk_;
    std::string known_features_;
    std::map<std::string, std::string> ours_;
    int creates_ = 0;
};

constexpr char kNoRewriting[] =
    "<feature var='http://jitsi.org/json-encoded-sources'/><feature var='http://jitsi.org/tcc'/>"
    "<feature var='http://jitsi.org/remb'/><feature var='urn:ietf:rfc:4588'/>"
    "<feature var='urn:xmpp:jingle:apps:rtp:audio'/>"
    "<feature var='urn:xmpp:jingle:apps:rtp:video'/>"
    "<feature var='urn:xmpp:jingle:transports:dtls-sctp:1'/>";
constexpr char kRewriting[] = "<feature var='http://jitsi.org/ssrc-rewriting-1'/>";

FocusConfig recorded_config() {
    FocusConfig config = talk_config();
    config.sip_gateway_enabled = true;
    config.conference.single_participant_timeout = milliseconds(300);
    return config;
}

std::string describe(const std::vector<xmpp::Element>& stanzas) {
    std::string text;
    for (const auto& s : stanzas) text += "\n" + s.to_xml(xmpp::ns::kClient);
    return text;
}

TEST_CASE("a recorded two-party call: mutes, a second source, moderation, the last one times out") {
    Talk talk(recorded_config());
    talk.bridge_appears("jvb1");
    Replay replay(talk);
    replay.play("c1.xml");
    CHECK(replay.creates() == 1);
    // Jicofo leaves people force-muted when moderation ends; we take it back.
    const auto rest = replay.rest();
    INFO(describe(rest));
    REQUIRE(rest.size() == 1);
    const auto* endpoint = rest.front().child("conference-modify")->child("endpoint");
    REQUIRE(endpoint);
    CHECK(!endpoint->child("force-mute")->get_bool("audio"));
    CHECK(talk.focus->rooms().all().empty());
}

TEST_CASE("a recorded call: a third joins, shares a screen, leaves; a fourth is kicked") {
    Talk talk(recorded_config());
    talk.bridge_appears("jvb1");
    Replay replay(talk, std::string(kNoRewriting) + kRewriting);
    replay.play("d1.xml");
    CHECK(replay.creates() == 1);
    const auto rest = replay.rest();
    CHECK_MESSAGE(rest.empty(), describe(rest));
    CHECK(talk.focus->rooms().all().empty());
}

TEST_CASE("a recorded call of clients without SSRC rewriting: source-add to everybody else") {
    Talk talk(recorded_config());
    talk.bridge_appears("jvb1");
    Replay replay(talk, kNoRewriting);
    replay.play("d2.xml");
    CHECK(replay.creates() == 1);
    const auto rest = replay.rest();
    CHECK_MESSAGE(rest.empty(), describe(rest));
    CHECK(talk.focus->rooms().all().empty());
}

TEST_CASE("a recorded call over SCTP data channels: the bridge's port is in the offer") {
    FocusConfig config = recorded_config();
    config.sctp_enabled = true;
    Talk talk(config);
    talk.bridge_appears("jvb1");
    Replay replay(talk);
    replay.play("c5.xml");
    CHECK(replay.creates() == 1);
    const auto rest = replay.rest();
    CHECK_MESSAGE(rest.empty(), describe(rest));
    CHECK(talk.focus->rooms().all().empty());
}

TEST_CASE("a recorded call with sources as XML") {
    FocusConfig config = recorded_config();
    config.conference.use_json_encoded_sources = false;
    Talk talk(config);
    talk.bridge_appears("jvb1");
    Replay replay(talk);
    replay.play("c6.xml");
    CHECK(replay.creates() == 1);
    const auto rest = replay.rest();
    CHECK_MESSAGE(rest.empty(), describe(rest));
    CHECK(talk.focus->rooms().all().empty());
}

TEST_CASE("a recorded call in which a client asks for a new session") {
    Talk talk(recorded_config());
    talk.bridge_appears("jvb1");
    Replay replay(talk, std::string(kNoRewriting) + kRewriting);
    replay.play("x4.xml");
    CHECK(replay.creates() == 1);
    const auto rest = replay.rest();
    CHECK_MESSAGE(rest.empty(), describe(rest));
    CHECK(talk.focus->rooms().all().empty());
}

TEST_CASE("a recorded call whose bridge is killed: everybody moves to the other one") {
    Talk talk(recorded_config());
    talk.bridge_appears("jvb2");
    Replay replay(talk, std::string(kNoRewriting) + kRewriting);
    replay.play("h8.xml");
    CHECK(replay.creates() == 2);
    const auto rest = replay.rest();
    CHECK_MESSAGE(rest.empty(), describe(rest));
    CHECK(talk.focus->rooms().all().empty());
}

}  // namespace
}  // namespace jmeet::focus
