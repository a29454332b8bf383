#include <doctest/doctest.h>

#include <string>

#include "bridge/speech/speaker_lists.hpp"

using namespace jmeet;
using namespace jmeet::bridge;

namespace {

std::string text(std::span<const EndpointId> ids) {
    std::string out;
    for (const auto& id : ids) out += id.value();
    return out;
}

EndpointId id(char c) { return EndpointId(std::string(1, c)); }

// Lower case: has video; upper case: the same endpoint without.
std::vector<ConferenceMember> members(const std::string& names) {
    std::vector<ConferenceMember> out;
    for (char c : names) {
        const bool video = c >= 'a';
        out.push_back({id(video ? c : static_cast<char>(c + 32)),
                       video ? VideoAvailability::available : VideoAvailability::none});
    }
    return out;
}

std::vector<EndpointId> ids(const std::string& names) {
    std::vector<EndpointId> out;
    for (char c : names) out.push_back(id(c));
    return out;
}

}  // namespace

TEST_CASE("recent speakers: the last three, most recent first") {
    RecentSpeakers r(3);
    const std::string promote = "aabacbdd";
    const bool changed[] = {true, false, true, true, true, true, true, false};
    const char* lists[] = {"a", "a", "ba", "ab", "cab", "bca", "dbc", "dbc"};
    for (std::size_t i = 0; i < promote.size(); ++i) {
        CHECK(r.promote(id(promote[i])) == changed[i]);
        CHECK(text(r.list()) == lists[i]);
    }
}

TEST_CASE("recent speakers: who leaves uncovers an older one") {
    RecentSpeakers r(3);
    for (char c : std::string("abcde")) r.promote(id(c));
    CHECK(text(r.list()) == "edc");
    CHECK_FALSE(r.retain(ids("abcdex")));
    CHECK(r.retain(ids("abcd")));
    CHECK(text(r.list()) == "dcb");
    r.promote(id('e'));
    CHECK(text(r.list()) == "edc");
    CHECK(r.retain(ids("ab")));
    CHECK(text(r.list()) == "ba");
}

TEST_CASE("the order of speech follows who was dominant") {
    SpeakerLists lists;
    CHECK(lists.sync(members("abc")).last_n_order);
    for (char c : std::string("bca")) CHECK(lists.on_dominant(id(c)).announce_speaker);
    CHECK(text(lists.by_speech_activity()) == "acb");
    const auto left = lists.sync(members("bc"));
    CHECK(left.announce_speaker);
    CHECK(left.last_n_order);
    CHECK(text(lists.by_speech_activity()) == "cb");
    lists.on_dominant(id('b'));
    lists.sync(members("dbc"));
    CHECK(text(lists.by_speech_activity()) == "bcd");
    lists.on_dominant(id('d'));
    CHECK(text(lists.by_speech_activity()) == "dbc");
}

TEST_CASE("endpoints without video go to the end of the last-N order, not of the speech order") {
    SpeakerLists lists;
    lists.sync(members("abcd"));
    lists.on_dominant(id('a'));
    CHECK(lists.sync(members("Abcd")).last_n_order);
    CHECK(text(lists.last_n_order()) == "bcda");
    CHECK(text(lists.by_speech_activity()) == "abcd");
    lists.sync(members("abcd"));
    CHECK(text(lists.last_n_order()) == "abcd");
    lists.sync(members("aBcd"));
    CHECK(text(lists.last_n_order()) == "acdb");
    const auto change = lists.on_dominant(id('b'));
    CHECK(change.announce_speaker);
    CHECK_FALSE(change.last_n_order);
    CHECK(text(lists.last_n_order()) == "acdb");
    lists.sync(members("abcd"));
    CHECK(text(lists.last_n_order()) == "bacd");
    lists.sync(members("ABCD"));
    lists.on_dominant(id('a'));
    CHECK(text(lists.last_n_order()) == "abcd");
}

TEST_CASE("an unknown speaker is ignored, silence is announced once somebody has spoken") {
    SpeakerLists lists;
    lists.sync(members("ab"));
    CHECK_FALSE(lists.on_dominant(id('x')).announce_speaker);
    CHECK_FALSE(lists.on_silence().announce_speaker);
    lists.on_dominant(id('a'));
    CHECK_FALSE(lists.in_silence());
    CHECK(lists.on_silence().announce_speaker);
    CHECK(lists.in_silence());
    CHECK(text(lists.recent()) == "a");
}
