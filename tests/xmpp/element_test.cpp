#include "xmpp/element.hpp"

#include <doctest/doctest.h>

#include "xmpp/data_form.hpp"
#include "xmpp/jid.hpp"
#include "xmpp/namespaces.hpp"

using namespace jmeet;
using namespace jmeet::xmpp;

TEST_CASE("an element is written so that it is read back equal") {
    Element e("iq", "jabber:client");
    e.set("type", "get").set("id", "a'b\"<&>").set("n", std::int64_t{-5});
    auto& query = e.add("query", "urn:test");
    query.set_text("x < y & \"z\"\n\xc3\xa4");
    query.add("inherits");
    query.add("other", "urn:other").add("deeper");
    const std::string xml = e.to_xml();
    const auto back = parse_element(xml);
    REQUIRE(back.has_value());
    CHECK(*back == e);
    CHECK(xml.find("<inherits/>") != std::string::npos);
    CHECK(xml.find("<other xmlns='urn:other'><deeper/></other>") != std::string::npos);
    CHECK(e.to_xml("jabber:client").starts_with("<iq type='get' "));
}

TEST_CASE("namespaces are resolved, prefixes and xml:lang included") {
    const auto e = parse_element(
        "<s:a xmlns:s='urn:s' xmlns='urn:d' xml:lang='de' plain='1'><b/><s:c/></s:a>");
    REQUIRE(e.has_value());
    CHECK(e->is("a", "urn:s"));
    CHECK(e->get("xml:lang") == "de");
    CHECK(e->child("b", "urn:d"));
    CHECK(e->child("c", "urn:s"));
    CHECK(!e->child("c", "urn:d"));
    CHECK(parse_element("<a/>", "urn:default")->ns() == "urn:default");
    const auto deep = *parse_element("<a><b><c/></b></a>", "urn:default");
    CHECK(deep.child("b")->child("c", "urn:default"));
}

TEST_CASE("numbers and booleans are read as Jitsi reads them") {
    const auto e = parse_element("<a n='12' big='4294967296' neg='-1' x='1x' t='TRUE' f='yes'/>");
    CHECK(e->get_int("n") == 12);
    CHECK(e->get_u32("n") == 12u);
    CHECK(!e->get_u32("big"));
    CHECK(e->get_int("big") == 4294967296);
    CHECK(!e->get_u32("neg"));
    CHECK(!e->get_int("x"));
    CHECK(!e->get_int("absent"));
    CHECK(e->get_bool("t"));
    CHECK(!e->get_bool("f", true));
    CHECK(e->get_bool("absent", true));
}

TEST_CASE("what is not XML, or too much of it, is refused") {
    for (const char* bad : {"", "text", "<a>", "<a></b>", "<a/><b/>", "<a x=1/>", "<a>\x01</a>",
                            "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", "<a>&x;</a>", "<a>\xff</a>"}) {
        CAPTURE(bad);
        CHECK(!parse_element(bad));
    }
    const auto nested = [](std::size_t depth) {
        std::string xml;
        for (std::size_t i = 0; i < depth; ++i) xml += "<a>";
        for (std::size_t i = 0; i < depth; ++i) xml += "</a>";
        return xml;
    };
    CHECK(parse_element(nested(kMaxStanzaDepth)).has_value());
    CHECK(!parse_element(nested(kMaxStanzaDepth + 1)));
    std::string many = "<a>";
    for (std::size_t i = 0; i < kMaxStanzaElements; ++i) many += "<b/>";
    CHECK(!parse_element(many + "</a>"));
    CHECK(!parse_element("<a>" + std::string(kMaxStanzaBytes, 'x') + "</a>"));
}

TEST_CASE("control characters that XML cannot carry are left out") {
    CHECK(escape_xml(std::string("a\0b\x1f\t\n", 6)) == "ab\t\n");
}

TEST_CASE("children are found by name and namespace, attributes replaced and removed") {
    Element e("a", "urn:a");
    e.add(Element("b", "urn:x")).set_text("1");
    e.add("b").set_text("2");
    CHECK(e.child_text("b") == "1");
    CHECK(e.child_text("b", "urn:a") == "2");
    CHECK(e.child_text("c").empty());
    CHECK(e.children_named("b").size() == 2);
    CHECK(e.children_named("b", "urn:x").size() == 1);
    e.set("k", "1").set("k", "2");
    CHECK(e.attributes().size() == 1);
    CHECK(e.get("k") == "2");
    e.remove_attribute("k");
    CHECK(!e.attribute("k"));
    CHECK(e.get("k").empty());
}

TEST_CASE("a JID's node and domain ignore case, its resource does not") {
    const auto jid = Jid::parse("JvbBrewery@Internal.Auth.Example/Nick/with@more");
    REQUIRE(jid.has_value());
    CHECK(jid->node() == "jvbbrewery");
    CHECK(jid->domain() == "internal.auth.example");
    CHECK(jid->resource() == "Nick/with@more");
    CHECK(jid->to_string() == "jvbbrewery@internal.auth.example/Nick/with@more");
    CHECK(jid->bare() == Jid("jvbbrewery", "internal.auth.example"));
    CHECK(*jid != jid->with_resource("nick/with@more"));
    // What Jitsi's client proxy makes of a client's address.
    const auto proxied = Jid::parse("focus.meet.example/1a2b-0001@meet.example/web1");
    REQUIRE(proxied.has_value());
    CHECK(proxied->node().empty());
    CHECK(proxied->domain() == "focus.meet.example");
    CHECK(Jid::parse(proxied->resource())->resource() == "web1");
    CHECK(Jid::parse("[tenant]room@conference.meet_x.example").has_value());
}

TEST_CASE("JIDs that are none are refused") {
    for (const char* bad : {"", "@domain", "node@", "domain/", "/resource", "a\nb@c"}) {
        CAPTURE(bad);
        CHECK(!Jid::parse(bad));
    }
    CHECK(Jid::parse(std::string(1023, 'a') + "@b").has_value());
    CHECK(!Jid::parse(std::string(1024, 'a') + "@b"));
    CHECK(!Jid::parse("a@b/" + std::string(1024, 'r')));
}

TEST_CASE("a form is read by its fields and submitted with the changed ones alone") {
    const auto x = parse_element(
        "<x xmlns='jabber:x:data' type='form'><field var='FORM_TYPE'><value>t</value></field>"
        "<field var='list'><value>1</value><value>2</value></field><field var='none'/>"
        "<field type='fixed'><value>text</value></field><field var='yes'><value>true</value>"
        "</field><field var='no'><value>0</value></field></x>");
    const DataForm form = DataForm::parse(*x);
    CHECK(form.type() == "form");
    CHECK(form.form_type() == "t");
    CHECK(form.fields().at("list") == std::vector<std::string>{"1", "2"});
    CHECK(form.has("none"));
    CHECK(form.value("none").empty());
    CHECK(form.flag("yes"));
    CHECK(!form.flag("no"));
    CHECK(!form.flag("absent"));
    CHECK(DataForm::make_submit("t", {{"a", "1"}}).to_xml() ==
          "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>t</value></field>"
          "<field var='a'><value>1</value></field></x>");
}
