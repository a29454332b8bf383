// Ten thousand joins and leaves, in rooms that begin and end: the focus keeps nothing of them.
#include "tests/focus/call.hpp"
#include "tests/live_heap.hpp"

namespace jmeet::focus {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int kRounds = 250;
#else
constexpr int kRounds = 2'500;
#endif
constexpr int kJoinsOfARound = 4;
constexpr int kWarm = kRounds / 10;

struct Crowd : Talk {
    Crowd() {
        log::set_up(log::Level::warning, {});  // not ten lines for each of them
        bridge_appears("jvb1");
    }
    ~Crowd() { log::set_up(log::Level::info, {}); }

    // What is asked of clients and of the bridge and told by no step below.
    void answer_the_rest() {
        for (const xmpp::Element& sent : std::exchange(stream->sent, {})) {
            const std::string type = sent.get("type");
            if (sent.name() != "iq" || (type != "get" && type != "set")) continue;
            answer(sent, sent.child("conference-modify")
                             ? "<conference-modified xmlns='jitsi:colibri2'/>"
                             : "");
        }
    }

    // Four come, talk, and go, everybody with a name that was never there before.
    void round(int number) {
        open_room();
        std::vector<std::string> nicks;
        for (int i = 0; i < kJoinsOfARound; ++i) {
            nicks.push_back(fmt::format("{:08x}", number * kJoinsOfARound + i));
        }
        for (const std::string& nick : nicks) client_joins(nick);
        std::uint32_t ssrc = 1000;
        for (const std::string& nick : nicks) {
            allocate(nick);
            accept(nick, ssrc += 10);
        }
        answer_the_rest();
        for (const std::string& nick : nicks) client_leaves(nick);
        answer_the_rest();
        sids.clear();
    }
};

TEST_CASE_FIXTURE(Crowd, "after ten thousand joins and leaves nothing is kept of them") {
    std::size_t warm = 0;
    for (int number = 0; number < kRounds; ++number) {
        if (number == kWarm) warm = live_heap();
        round(number);
        // Whatever waits for a reply or a delay gets it over with now and then.
        if (number % 100 == 0) run_for(seconds(2));
    }
    run_for(seconds(2));
    CHECK(focus->rooms().all().empty());
    const std::size_t after = live_heap();
    MESSAGE("heap ", warm / 1024, " KiB after a tenth, ", after / 1024, " KiB at the end");
    CHECK(after < warm + 64 * 1024);
}

}  // namespace
}  // namespace jmeet::focus
