#include "xmpp/iq.hpp"

#include <doctest/doctest.h>

#include "tests/xmpp/fake_stream.hpp"
#include "tests/xmpp/run_coroutine.hpp"
#include "xmpp/namespaces.hpp"

using namespace jmeet;
using namespace jmeet::xmpp;
using jmeet::test::FakeStream;
using jmeet::test::run_coroutine;

namespace {

const Jid kOwn("focus", "auth.meet.test", "focus");

struct Fixture {
    asio::io_context io;
    FakeStream stream{io, kOwn};
    IqRouter iq{stream};
    std::optional<IqResult<Element>> answer;

    Fixture() { stream.log_in(); }

    static awaitable<void> ask(Fixture* f, Element request, Duration deadline) {
        f->answer = co_await f->iq.request(std::move(request), deadline);
    }
    // Sends a request and returns it as it went out; the answer comes with later turns.
    Element start(const std::string& to, Duration deadline = std::chrono::seconds(5)) {
        asio::co_spawn(io, ask(this, make_iq("get", to, Element("ask", "urn:test")), deadline),
                       asio::detached);
        turn();
        REQUIRE(!stream.sent.empty());
        return stream.sent.back();
    }
    void turn() {
        io.restart();
        while (io.poll() > 0) {
        }
    }
    void answer_with(const Element& request, const std::string& from, const std::string& type) {
        Element result("iq", ns::kClient);
        result.set("type", type).set("id", request.get("id"));
        if (!from.empty()) result.set("from", from);
        stream.receive(result);
        turn();
    }
};

awaitable<Element> echo(Element iq) {
    co_await sleep_for(std::chrono::milliseconds(1));
    co_return make_result(iq);
}

awaitable<Element> fail_badly(Element) {
    co_await sleep_for(std::chrono::milliseconds(1));
    throw std::runtime_error("broken");
}

awaitable<Element> stay_silent(Element) { co_return Element(); }

}  // namespace

TEST_CASE("an answer counts only when it comes from the one who was asked") {
    Fixture f;
    const Element request = f.start("room@conference.meet.test/nick");
    CHECK(!request.get("id").empty());
    f.answer_with(request, "mallory@meet.test/x", "result");
    CHECK(!f.answer);
    f.answer_with(request, "", "result");
    CHECK(!f.answer);
    f.answer_with(request, "room@conference.meet.test/nick", "result");
    REQUIRE(f.answer);
    CHECK(f.answer->has_value());
    CHECK(f.iq.pending() == 0);
}

TEST_CASE("the account's own answers may come without a sender") {
    Fixture f;
    f.answer_with(f.start(""), "", "result");
    REQUIRE(f.answer);
    CHECK(f.answer->has_value());
    f.answer.reset();
    f.answer_with(f.start(""), "focus@auth.meet.test", "result");
    REQUIRE(f.answer);
    f.answer.reset();
    f.answer_with(f.start("auth.meet.test"), "", "result");
    REQUIRE(f.answer);
}

TEST_CASE("the peer's error arrives with its condition, text and application element") {
    Fixture f;
    const Element request = f.start("peer.test");
    f.stream.receive("<iq type='error' from='peer.test' id='" + request.get("id") +
                     "'><error type='wait'><resource-constraint "
                     "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/><text "
                     "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>full</text><graceful-shutdown "
                     "xmlns='http://jitsi.org/protocol/colibri'/></error></iq>");
    f.turn();
    REQUIRE(f.answer);
    REQUIRE(!f.answer->has_value());
    const StanzaError& error = f.answer->error();
    CHECK(error.type == "wait");
    CHECK(error.condition == "resource-constraint");
    CHECK(error.text == "full");
    REQUIRE(error.application);
    CHECK(error.application->name() == "graceful-shutdown");
    CHECK(error.origin == ErrorOrigin::peer);
    CHECK(error.to_string() == "resource-constraint (wait) graceful-shutdown: full");
}

TEST_CASE("a request without an answer ends at its deadline") {
    Fixture f;
    f.start("peer.test", std::chrono::milliseconds(20));
    f.io.restart();
    f.io.run_for(std::chrono::milliseconds(200));
    REQUIRE(f.answer);
    REQUIRE(!f.answer->has_value());
    CHECK(f.answer->error().condition == "remote-server-timeout");
    CHECK(f.answer->error().origin == ErrorOrigin::timeout);
    CHECK(f.answer->error().text == "no answer from peer.test within 20 ms");
    CHECK(f.iq.pending() == 0);
}

TEST_CASE("a lost connection ends open requests, unless the stream may be resumed") {
    Fixture f;
    const Element request = f.start("peer.test");
    f.stream.lose("cable", true);
    f.turn();
    CHECK(!f.answer);
    f.stream.log_in(true);
    f.answer_with(request, "peer.test", "result");
    REQUIRE(f.answer);
    CHECK(f.answer->has_value());

    f.answer.reset();
    f.start("peer.test");
    f.stream.lose("cable", true);
    f.stream.log_in(false);  // a new session after all
    f.turn();
    REQUIRE(f.answer);
    CHECK(f.answer->error().origin == ErrorOrigin::connection);

    f.answer.reset();
    f.start("peer.test");
    f.stream.lose("the cable is cut", false);
    f.turn();
    REQUIRE(f.answer);
    CHECK(f.answer->error().text == "the cable is cut");
    CHECK(f.answer->error().condition == "recipient-unavailable");
}

TEST_CASE("a request while disconnected is refused at once") {
    Fixture f;
    f.stream.lose("no server");
    asio::co_spawn(f.io,
                   Fixture::ask(&f, make_iq("get", "a.test", Element("ask", "urn:test")),
                                std::chrono::seconds(5)),
                   asio::detached);
    f.turn();
    REQUIRE(f.answer);
    CHECK(f.answer->error().text == "no server");
}

TEST_CASE("requests to us are answered exactly") {
    Fixture f;
    f.iq.handle(IqType::get, "echo", "urn:test", &echo);
    f.iq.handle(IqType::get, "broken", "urn:test", &fail_badly);
    f.iq.handle(IqType::set, "silent", "urn:test", &stay_silent);
    f.iq.handle_sync(IqType::set, "now", "urn:test",
                     [](const Element& iq) { return make_result(iq); });
    const auto ask = [&](const std::string& type, const std::string& payload) {
        f.stream.receive("<iq type='" + type + "' id='AbC/=+\xc3\xa4' from='a@b/c d' "
                         "to='focus@auth.meet.test/focus'>" + payload + "</iq>");
        f.io.restart();
        f.io.run_for(std::chrono::milliseconds(20));
        return f.stream.take_sent();
    };
    auto sent = ask("get", "<echo xmlns='urn:test'/>");
    REQUIRE(sent.size() == 1);
    CHECK(sent[0].to_xml("jabber:client") ==
          "<iq type='result' id='AbC/=+\xc3\xa4' to='a@b/c d' from='focus@auth.meet.test/focus'/>");
    sent = ask("set", "<now xmlns='urn:test'/>");
    REQUIRE(sent.size() == 1);
    CHECK(sent[0].get("type") == "result");
    CHECK(ask("set", "<silent xmlns='urn:test'/>").empty());

    sent = ask("set", "<echo xmlns='urn:test'/>");  // only get is handled
    REQUIRE(sent.size() == 1);
    CHECK(sent[0].to_xml("jabber:client") ==
          "<iq type='error' id='AbC/=+\xc3\xa4' to='a@b/c d' from='focus@auth.meet.test/focus'>"
          "<error type='cancel'><service-unavailable "
          "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
    sent = ask("get", "");
    REQUIRE(sent.size() == 1);
    CHECK(parse_stanza_error(sent[0]).condition == "bad-request");
    sent = ask("get", "<broken xmlns='urn:test'/>");
    REQUIRE(sent.size() == 1);
    CHECK(parse_stanza_error(sent[0]).condition == "internal-server-error");
    f.iq.remove_handler(IqType::get, "echo", "urn:test");
    sent = ask("get", "<echo xmlns='urn:test'/>");
    REQUIRE(sent.size() == 1);
    CHECK(parse_stanza_error(sent[0]).condition == "service-unavailable");
}

TEST_CASE("results and errors that nobody waits for are passed over") {
    Fixture f;
    f.stream.receive("<iq type='result' id='x' from='a@b/c'/>");
    f.stream.receive("<iq type='error' id='x' from='a@b/c'/>");
    CHECK(f.stream.sent.empty());
}

TEST_CASE("stop ends open requests and handlers") {
    Fixture f;
    f.iq.handle(IqType::get, "slow", "urn:test", [](Element) -> awaitable<Element> {
        co_await sleep_for(std::chrono::hours(1));
        co_return Element();
    });
    f.stream.receive("<iq type='get' id='1' from='a@b/c'><slow xmlns='urn:test'/></iq>");
    f.start("peer.test");
    run_coroutine(f.io, f.iq.stop(), std::chrono::seconds(5));
    f.turn();
    REQUIRE(f.answer);
    CHECK(f.answer->error().origin == ErrorOrigin::connection);
}

TEST_CASE("an error's types are those that RFC 6120 recommends, the condition comes first") {
    CHECK(stanza_error("forbidden").type == "auth");
    CHECK(stanza_error("not-acceptable").type == "modify");
    CHECK(stanza_error("resource-constraint").type == "wait");
    CHECK(stanza_error("item-not-found").type == "cancel");
    StanzaError error = stanza_error("not-acceptable", "why");
    error.application = Element("session-invalid", "http://jitsi.org/protocol/focus");
    CHECK(write_stanza_error(error, ns::kClient).to_xml("jabber:client") ==
          "<error type='modify'><not-acceptable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
          "<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>why</text>"
          "<session-invalid xmlns='http://jitsi.org/protocol/focus'/></error>");
    const StanzaError back =
        parse_stanza_error(Element("iq", ns::kClient).with(write_stanza_error(error, ns::kClient)));
    CHECK(back == error);
    CHECK(parse_stanza_error(Element("iq", ns::kClient)).condition == "undefined-condition");
}
