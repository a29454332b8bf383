#include "tests/bench/focus_peers.hpp"

#include <spdlog/fmt/fmt.h>

#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <stdexcept>

#include "tests/bench/cores.hpp"
#include "tests/fake_time.hpp"
#include "xmpp/namespaces.hpp"

namespace jmeet::bench {
namespace {

constexpr char kBrewery[] = "jvbbrewery@internal-muc.meet.test";
constexpr char kFocusJid[] = "focus@auth.meet.test/focus";

// Steps of the recorded call, and who is in them.
constexpr int kOwnerForm = 10;
constexpr int kClientComes = 29;
constexpr int kAllocated = 35;
constexpr int kAccept = 41;
constexpr char kRecordedRoom[] = "roomctbg65";
constexpr char kRecordedNick[] = "14727d8e";
constexpr char kRecordedMeeting[] = "82e090b1-1cbb-4e01-9ea8-a3ead927757a";

std::map<int, std::string> read_recording() {
    std::ifstream in(std::string(JMEET_SOURCE_DIR) + "/tests/focus/recorded/c1.xml");
    std::stringstream text;
    text << in.rdbuf();
    const auto recording = xmpp::parse_element(text.str());
    if (!recording) throw std::runtime_error("cannot read tests/focus/recorded/c1.xml");
    std::map<int, std::string> steps;
    for (const xmpp::Element& step : recording->children()) {
        steps[static_cast<int>(step.get_int("n").value_or(0))] =
            step.children().front().to_xml(xmpp::ns::kClient);
    }
    return steps;
}

void replace_all(std::string& text, const std::string& from, const std::string& to) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
        text.replace(at, from.size(), to);
    }
}

xmpp::DiscoInfo client_features(ClientKind kind) {
    xmpp::DiscoInfo info;
    info.features = {"http://jabber.org/protocol/caps",
                     "http://jitsi.org/json-encoded-sources",
                     "http://jitsi.org/receive-multiple-video-streams",
                     "http://jitsi.org/remb",
                     "http://jitsi.org/source-name",
                     "http://jitsi.org/tcc",
                     "urn:ietf:rfc:4588",
                     "urn:xmpp:jingle:1",
                     "urn:xmpp:jingle:apps:dtls:0",
                     "urn:xmpp:jingle:apps:rtp:1",
                     "urn:xmpp:jingle:apps:rtp:audio",
                     "urn:xmpp:jingle:apps:rtp:video",
                     "urn:xmpp:jingle:transports:ice-udp:1"};
    if (kind == ClientKind::rewriting) info.features.insert("http://jitsi.org/ssrc-rewriting-1");
    return info;
}

focus::FocusConfig bench_config(std::map<int, std::chrono::milliseconds> delays) {
    focus::FocusConfig config;
    config.xmpp.domain = "auth.meet.test";
    config.xmpp.xmpp_domain = "meet.test";
    config.xmpp.client_proxy = "focus.meet.test";
    config.bridge.brewery_jid = kBrewery;
    config.bridge.health_checks = false;
    config.health.enabled = false;
    config.conference.source_signaling_delays = std::move(delays);
    return config;
}

std::string self_presence(const std::string& room, bool created) {
    return fmt::format(
        "<presence from='{}/focus' to='{}'><x xmlns='http://jabber.org/protocol/muc#user'>{}"
        "<item jid='{}' affiliation='owner' role='moderator'/><status code='110'/></x></presence>",
        room, kFocusJid, created ? "<status code='201'/>" : "", kFocusJid);
}

std::string result_of(const xmpp::Element& iq, const std::string& payload = {}) {
    return fmt::format("<iq type='result' id='{}' from='{}' to='{}'>{}</iq>", iq.get("id"),
                       iq.get("to"), kFocusJid, payload);
}

std::string bridge_presence() {
    return fmt::format(
        "<presence from='{}/jvb1' to='{}'><stats xmlns='http://jitsi.org/protocol/colibri'>"
        "<stat name='stress_level' value='0.1'/><stat name='drain' value='false'/>"
        "<stat name='version' value='2.3'/><stat name='region' value='region1'/></stats>"
        "<x xmlns='http://jabber.org/protocol/muc#user'>"
        "<item jid='jvb@auth.meet.test/x' affiliation='owner' role='moderator'/></x></presence>",
        kBrewery, kFocusJid);
}

}  // namespace

TextStream::TextStream(asio::io_context& io)
    : io_(io), jid_("focus", "auth.meet.test", "focus"), log_(log::Program::focus, "Bench") {}

void TextStream::start() {
    state_ = xmpp::ConnectionState::connected;
    states_.emit({state_, false, false, {}});
}

awaitable<void> TextStream::stop() {
    state_ = xmpp::ConnectionState::stopped;
    co_return;
}

bool TextStream::send(const xmpp::Element& stanza) {
    if (!connected()) return false;
    std::string xml = stanza.to_xml(xmpp::ns::kClient);
    said.push_back({std::move(xml), own_cpu_ns()});
    return true;
}

FocusRun::FocusRun(ClientKind kind, std::map<int, std::chrono::milliseconds> signaling_delays)
    : client_info_(client_features(kind)), recorded_(read_recording()) {
    auto stream = std::make_unique<TextStream>(io_);
    stream_ = stream.get();
    focus_ = std::make_unique<focus::Services>(std::move(stream),
                                               bench_config(std::move(signaling_delays)),
                                               std::nullopt, nullptr);
    focus_->start();
    io_.poll();
    run();
    inbox_.push_back(bridge_presence());
    run();
}

FocusRun::~FocusRun() {
    bool stopped = false;
    asio::co_spawn(io_, focus_->stop(), [&](const std::exception_ptr&) { stopped = true; });
    for (int i = 0; i < 1000 && !stopped; ++i) pass(std::chrono::milliseconds(10));
}

std::string FocusRun::nick(int number) { return fmt::format("{:08x}", 0x10000000 + number); }

void FocusRun::open_room(const std::string& room) {
    inbox_.push_back(fmt::format(
        "<iq type='set' id='open' from='focus.meet.test/someone@meet.test/web' to='{}'>"
        "<conference xmlns='http://jitsi.org/protocol/focus' room='{}@muc.meet.test' "
        "machine-uid='m1'/></iq>",
        kFocusJid, room));
    run();
}

void FocusRun::join(const std::vector<std::pair<std::string, std::string>>& rooms_and_nicks) {
    for (const auto& [room, who] : rooms_and_nicks) inbox_.push_back(client_presence(room, who));
    spent_ = 0;
    run();
}

void FocusRun::pass(std::chrono::milliseconds time) {
    for (; time > time.zero(); --time) {
        move_time(std::chrono::milliseconds(1));
        io_.restart();
        io_.poll();
        if (!stream_->said.empty()) run();
    }
}

void FocusRun::run() {
    take_said();
    while (!inbox_.empty()) {
        const std::string next = std::move(inbox_.front());
        inbox_.pop_front();
        hear(next);
        take_said();
    }
}

void FocusRun::hear(const std::string& xml) {
    entered_ = own_cpu_ns();
    stream_->on_stanza().emit(*xmpp::parse_element(xml, xmpp::ns::kClient));
    io_.restart();
    io_.poll();
    const std::int64_t left = own_cpu_ns();
    for (const TextStream::Said& said : stream_->said) {
        if (said.xml.find("\"session-initiate\"") == std::string::npos &&
            said.xml.find("'session-initiate'") == std::string::npos) {
            continue;
        }
        waits_.push_back(spent_ + said.at - entered_);
        last_offer_bytes_ = said.xml.size();
    }
    spent_ += left - entered_;
}

void FocusRun::take_said() {
    for (const TextStream::Said& said : std::exchange(stream_->said, {})) answer(said);
}

void FocusRun::answer(const TextStream::Said& said) {
    const xmpp::Element stanza = *xmpp::parse_element(said.xml, xmpp::ns::kClient);
    if (stanza.name() == "presence") return answer_presence(stanza);
    if (stanza.name() != "iq" || stanza.get("type") == "result") return;
    if (stanza.child("jingle")) return answer_jingle(stanza, said);
    answer_iq(stanza);
}

void FocusRun::answer_iq(const xmpp::Element& iq) {
    if (const auto* modify = iq.child("conference-modify")) {
        const auto* endpoint = modify->child("endpoint");
        const bool created = endpoint && endpoint->get_bool("create");
        if (!created) {
            inbox_.push_back(result_of(iq, "<conference-modified xmlns='jitsi:colibri2'/>"));
            return;
        }
        const auto allocated = *xmpp::parse_element(
            recorded(kAllocated, "room/" + endpoint->get("id")), xmpp::ns::kClient);
        inbox_.push_back(result_of(iq, allocated.children().front().to_xml(xmpp::ns::kClient)));
        return;
    }
    const auto* query = iq.child("query");
    const bool of_client = iq.get("to").find('/') != std::string::npos;
    if (query && query->ns() == xmpp::ns::kDiscoInfo && of_client) {
        std::string features;
        for (const std::string& f : client_info_.features) {
            features += "<feature var='" + f + "'/>";
        }
        inbox_.push_back(result_of(
            iq, "<query xmlns='http://jabber.org/protocol/disco#info'>" + features + "</query>"));
        return;
    }
    if (query && iq.get("type") == "get") {
        std::string text = recorded(kOwnerForm, "room/x");
        replace_all(text, kRecordedMeeting, iq.get("to"));
        const auto form = *xmpp::parse_element(text, xmpp::ns::kClient);
        const bool owner = query->ns() == form.children().front().ns();
        inbox_.push_back(result_of(
            iq, owner ? form.children().front().to_xml(xmpp::ns::kClient)
                      : "<query xmlns='http://jabber.org/protocol/disco#info'/>"));
        return;
    }
    inbox_.push_back(result_of(iq));
}

void FocusRun::answer_jingle(const xmpp::Element& iq, const TextStream::Said& said) {
    inbox_.push_back(result_of(iq));
    const auto* jingle = iq.child("jingle");
    const std::string& action = jingle->get("action");
    if (action == "session-initiate") inbox_.push_back(accept(iq.get("to"), jingle->get("sid")));
    if (action == "source-add" || action == "source-remove") {
        Told& told = told_[iq.get("to").substr(iq.get("to").find('/') + 1)];
        ++told.stanzas;
        told.bytes += said.xml.size();
    }
}

void FocusRun::answer_presence(const xmpp::Element& presence) {
    if (presence.get("type") == "unavailable" || presence.get("to").empty()) return;
    const std::string& to = presence.get("to");
    const std::string room = to.substr(0, to.find('/'));
    if (room.find('@') == std::string::npos) return;
    inbox_.push_back(self_presence(room, presence.child("x") != nullptr));
}

std::string FocusRun::client_presence(const std::string& room, const std::string& who) const {
    std::string text = recorded(kClientComes, room + "/" + who);
    static const std::regex kVersion("ver=\"[^\"]*\"|ver='[^']*'");
    return std::regex_replace(text, kVersion, "ver='" + xmpp::caps_hash(client_info_) + "'");
}

std::string FocusRun::accept(const std::string& occupant, const std::string& sid) {
    std::string text = recorded(kAccept, occupant.substr(0, occupant.find('@')) + "/" +
                                             occupant.substr(occupant.find('/') + 1));
    static const std::regex kSsrc("ssrc=[\"']([0-9]+)[\"']");
    std::set<std::string> ssrcs;
    for (std::sregex_iterator at(text.begin(), text.end(), kSsrc), end; at != end; ++at) {
        ssrcs.insert((*at)[1]);
    }
    for (const std::string& ssrc : ssrcs) replace_all(text, ssrc, std::to_string(next_ssrc_++));
    static const std::regex kSid(" sid=[\"'][^\"']*[\"']");
    static const std::regex kId(" id=[\"']Zm9j[^\"']*[\"']");
    text = std::regex_replace(text, kSid, " sid='" + sid + "'");
    return std::regex_replace(text, kId, " id='accept-" + sid + "'");
}

std::string FocusRun::recorded(int step, const std::string& occupant) const {
    std::string text = recorded_.at(step);
    replace_all(text, kRecordedRoom, occupant.substr(0, occupant.find('/')));
    replace_all(text, kRecordedNick, occupant.substr(occupant.find('/') + 1));
    return text;
}

}  // namespace jmeet::bench
