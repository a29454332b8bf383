// Presence without end from one member: nobody else hears of it, and nothing is kept of it.
#include "tests/focus/call.hpp"
#include "tests/live_heap.hpp"

namespace jmeet::focus {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int kChanges = 10'000;
#else
constexpr int kChanges = 100'000;
#endif

struct Flood : Talk {
    Flood() {
        log::set_up(log::Level::warning, {});
        bridge_appears("jvb1");
    }
    ~Flood() { log::set_up(log::Level::info, {}); }

    void change_presence(int number) {
        hear(fmt::format("<presence from='{}' to='{}'><status>{}</status>"
                         "<SourceInfo>{{\"aaaa-a0\":{{\"muted\":{}}}}}</SourceInfo>"
                         "<x xmlns='http://jabber.org/protocol/muc#user'><item "
                         "affiliation='none' role='participant' jid='aaaa@meet.test/web'/></x>"
                         "</presence>",
                         occupant("aaaa"), kFocusJid, number, number % 2 ? "true" : "false"));
    }
};

TEST_CASE_FIXTURE(Flood, "a hundred thousand changes of one member's presence") {
    two_party_call();
    run_for(seconds(2));
    stream->sent.clear();
    change_presence(0);
    const std::size_t before = live_heap();
    for (int i = 1; i <= kChanges; ++i) change_presence(i);
    run_for(seconds(2));
    const auto sent_to = [this](const std::string& who) {
        return std::count_if(stream->sent.begin(), stream->sent.end(),
                             [&](const xmpp::Element& s) { return s.get("to") == who; });
    };
    CHECK(sent_to(occupant("aaaa")) == 0);
    CHECK(sent_to(occupant("bbbb")) == 0);
    // The bridge is asked for nothing either; health checks go on.
    expect_none("a change at the bridge", colibri("jvb1"));
    CHECK(live_heap() < before + 256 * 1024);

    // The call goes on: a third one is invited as always.
    client_joins("cccc");
    allocate("cccc");
    CHECK(!accept("cccc", 5000).empty());
}

}  // namespace
}  // namespace jmeet::focus
