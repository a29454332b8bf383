#include "xmpp/disco.hpp"

#include <doctest/doctest.h>

#include "tests/xmpp/fake_stream.hpp"
#include "xmpp/namespaces.hpp"

using namespace jmeet;
using namespace jmeet::xmpp;
using jmeet::test::FakeStream;

namespace {

Element xml(const std::string& text) { return parse_element(text, ns::kClient).value(); }

DiscoInfo info_of(const std::string& inside) {
    return parse_disco_info(
               xml("<query xmlns='http://jabber.org/protocol/disco#info'>" + inside + "</query>"))
        .value();
}

// XEP-0115 5.2.
constexpr char kSimple[] =
    "<identity category='client' name='Exodus 0.9.1' type='pc'/>"
    "<feature var='http://jabber.org/protocol/caps'/>"
    "<feature var='http://jabber.org/protocol/disco#info'/>"
    "<feature var='http://jabber.org/protocol/disco#items'/>"
    "<feature var='http://jabber.org/protocol/muc'/>";
constexpr char kSimpleHash[] = "QgayPKawpkPSDYmwT/WM94uAlu0=";

struct Fixture {
    asio::io_context io;
    FakeStream stream{io, Jid("focus", "auth.meet.test", "focus")};
    IqRouter iq{stream};
    CapsCache caps{iq};
    std::vector<IqResult<DiscoInfo>> answers;

    Fixture() { stream.log_in(); }
    static awaitable<void> ask(Fixture* f, std::string nick, EntityCaps version) {
        f->answers.push_back(
            co_await f->caps.info_of(Jid("r", "muc.test", std::move(nick)), std::move(version)));
    }
    void start(const std::string& nick, const EntityCaps& version) {
        asio::co_spawn(io, ask(this, nick, version), asio::detached);
        turn();
    }
    void turn() {
        io.restart();
        while (io.poll() > 0) {
        }
    }
    void answer(const Element& request, const std::string& inside) {
        stream.receive("<iq type='result' from='" + request.get("to") + "' id='" +
                       request.get("id") + "'><query xmlns='http://jabber.org/protocol/disco#info'>" +
                       inside + "</query></iq>");
        turn();
    }
};

const EntityCaps kVersion{"http://code.google.com/p/exodus", kSimpleHash, "sha-1"};

}  // namespace

TEST_CASE("the examples of XEP-0115 have the hashes of XEP-0115") {
    CHECK(caps_hash(info_of(kSimple)) == kSimpleHash);
    CHECK(caps_hash(info_of(
              "<identity xml:lang='en' category='client' name='Psi 0.11' type='pc'/>"
              "<identity xml:lang='el' category='client' name='\xce\xa8 0.11' type='pc'/>"
              "<feature var='http://jabber.org/protocol/caps'/>"
              "<feature var='http://jabber.org/protocol/disco#info'/>"
              "<feature var='http://jabber.org/protocol/disco#items'/>"
              "<feature var='http://jabber.org/protocol/muc'/>"
              "<x xmlns='jabber:x:data' type='result'><field var='FORM_TYPE' type='hidden'>"
              "<value>urn:xmpp:dataforms:softwareinfo</value></field><field var='ip_version'>"
              "<value>ipv4</value><value>ipv6</value></field><field var='os'><value>Mac</value>"
              "</field><field var='os_version'><value>10.5.1</value></field><field "
              "var='software'><value>Psi</value></field><field var='software_version'>"
              "<value>0.11</value></field></x>")) == "q07IKJEyjvHSyhy//CH0CxmKi8w=");
}

TEST_CASE("ill-formed information has no hash") {
    const std::string identity = "<identity category='client' type='pc'/>";
    CHECK(caps_hash(info_of(identity + identity)).empty());
    const std::string form =
        "<x xmlns='jabber:x:data'><field var='FORM_TYPE'><value>a</value></field></x>";
    CHECK(!caps_hash(info_of(form)).empty());
    CHECK(caps_hash(info_of(form + form)).empty());
    std::string many;
    for (int i = 0; i < 1'100; ++i) many += "<feature var='f" + std::to_string(i) + "'/>";
    CHECK(!parse_disco_info(xml("<query xmlns='http://jabber.org/protocol/disco#info'>" + many +
                                "</query>")));
}

TEST_CASE("what is written is read back") {
    const DiscoInfo info = info_of(kSimple);
    CHECK(parse_disco_info(write_disco_info(info, "n")).value() == info);
    CHECK(write_disco_info(info, "n").get("node") == "n");
}

TEST_CASE("a version is asked once, also when many come in at once") {
    Fixture f;
    f.start("a", kVersion);
    f.start("b", kVersion);
    f.start("c", kVersion);
    auto sent = f.stream.take_sent();
    REQUIRE(sent.size() == 1);
    CHECK(sent[0].get("to") == "r@muc.test/a");
    CHECK(sent[0].children().front().get("node") == kVersion.node + "#" + kVersion.ver);
    f.answer(sent[0], kSimple);
    REQUIRE(f.answers.size() == 3);
    for (const auto& answer : f.answers) CHECK(answer->has("http://jabber.org/protocol/muc"));
    f.start("d", kVersion);
    CHECK(f.stream.take_sent().empty());
    CHECK(f.answers.size() == 4);
    CHECK(f.caps.size() == 1);
}

TEST_CASE("a false version is used for its teller alone") {
    Fixture f;
    f.start("mallory", kVersion);
    f.start("b", kVersion);
    auto sent = f.stream.take_sent();
    f.answer(sent[0], "<feature var='evil'/>");
    REQUIRE(f.answers.size() == 1);
    CHECK(f.answers[0]->has("evil"));
    CHECK(f.caps.size() == 0);
    // The one who waited now asks for itself.
    sent = f.stream.take_sent();
    REQUIRE(sent.size() == 1);
    CHECK(sent[0].get("to") == "r@muc.test/b");
    f.answer(sent[0], kSimple);
    REQUIRE(f.answers.size() == 2);
    CHECK(!f.answers[1]->has("evil"));
}

TEST_CASE("the cache is bounded, the oldest goes first") {
    Fixture f;
    for (std::size_t i = 0; i < kMaxCachedCaps + 5; ++i) {
        const std::string feature = "<feature var='f" + std::to_string(i) + "'/>";
        f.start("a", {"n", caps_hash(info_of(feature)), "sha-1"});
        const auto sent = f.stream.take_sent();
        REQUIRE(sent.size() == 1);
        f.answer(sent[0], feature);
    }
    CHECK(f.caps.size() == kMaxCachedCaps);
}

TEST_CASE("we answer what we are, and a foreign node with item-not-found") {
    Fixture f;
    DiscoInfo own;
    own.features.insert("https://jitsi.org/meet/jicofo/terminate-restart");
    const DiscoResponder responder(f.iq, own, "http://jitsi.org/jicofo");
    const std::string ver = responder.caps().get("ver");
    CHECK(ver == caps_hash(responder.own()));
    const auto ask = [&](const std::string& node) {
        f.stream.receive("<iq type='get' id='1' from='a@b/c'><query xmlns='http://jabber.org/"
                         "protocol/disco#info' node='" + node + "'/></iq>");
        return f.stream.take_sent().at(0);
    };
    for (const auto& node : {std::string(), "http://jitsi.org/jicofo#" + ver}) {
        const Element answer = ask(node);
        REQUIRE(answer.get("type") == "result");
        const auto info = parse_disco_info(answer.children().front());
        CHECK(info->has("https://jitsi.org/meet/jicofo/terminate-restart"));
        CHECK(info->has(ns::kPing));
        CHECK(caps_hash(*info) == ver);
    }
    CHECK(parse_stanza_error(ask("other")).condition == "item-not-found");
    const auto caps = parse_caps(Element("presence", ns::kClient).with(responder.caps()));
    REQUIRE(caps);
    CHECK(caps->node == "http://jitsi.org/jicofo");
    CHECK(!parse_caps(xml("<presence><c xmlns='http://jabber.org/protocol/caps'/></presence>")));
}
