// What a join costs the focus: the time from the server's word that somebody came to the
// session-initiate, alone and in a burst, and what the others are told of the newcomer's sources.
//
// Times are CPU time of the focus, on one core, with stanzas read from and written to text and its
// log lines written to /dev/null; the server, the clients and the bridge answer at once and cost
// nothing. In a burst each person's time counts from the first word to the focus.
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "tests/bench/focus_peers.hpp"

namespace {

using namespace jmeet;
using namespace jmeet::bench;
using std::chrono::milliseconds;

constexpr int kBurst = 100;
constexpr int kRooms = 50;
constexpr int kRuns = 5;

std::FILE* figures = nullptr;

std::vector<std::pair<std::string, std::string>> people(int first, int count,
                                                        const std::string& room) {
    std::vector<std::pair<std::string, std::string>> result;
    for (int i = first; i < first + count; ++i) result.emplace_back(room, FocusRun::nick(i));
    return result;
}

double quantile(std::vector<std::int64_t>& values, double q) {
    std::sort(values.begin(), values.end());
    const auto at = static_cast<std::size_t>(q * static_cast<double>(values.size() - 1) + 0.5);
    return static_cast<double>(values.at(at)) / 1e6;
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values.at(values.size() / 2);
}

// Medians over the runs of each run's quantiles.
struct Waits {
    std::vector<double> p50, p99, longest, quiet;
    std::size_t offers = 0;

    void add(FocusRun& focus) {
        std::vector<std::int64_t> waits = focus.take_waits();
        quiet.push_back(static_cast<double>(focus.spent()) / 1e6);
        offers = waits.size();
        p50.push_back(quantile(waits, 0.5));
        p99.push_back(quantile(waits, 0.99));
        longest.push_back(quantile(waits, 1));
    }
    void print(const char* what) const {
        std::fprintf(figures,
                     "%-32s %4zu offers, p50 %6.2f ms, p99 %6.2f ms, max %6.2f ms; everything said "
                     "after %6.2f ms\n",
                     what, offers, median(p50), median(p99), median(longest), median(quiet));
    }
};

// Everybody after the one before, until a hundred are there.
void one_by_one() {
    Waits all;
    for (int run = 0; run < kRuns; ++run) {
        FocusRun focus(ClientKind::rewriting, {});
        focus.open_room("room");
        for (int i = 0; i < kBurst; ++i) focus.join(people(i, 1, "room"));
        all.add(focus);
    }
    all.print("one by one into one room");
}

void burst_into_one_room(ClientKind kind, const char* what) {
    Waits all;
    for (int run = 0; run < kRuns; ++run) {
        FocusRun focus(kind, {});
        focus.open_room("room");
        focus.join(people(0, kBurst, "room"));
        all.add(focus);
    }
    all.print(what);
}

void burst_into_many_rooms() {
    Waits all;
    for (int run = 0; run < kRuns; ++run) {
        FocusRun focus(ClientKind::rewriting, {});
        std::vector<std::pair<std::string, std::string>> everybody;
        for (int i = 0; i < kRooms; ++i) focus.open_room("room" + std::to_string(i));
        for (int i = 0; i < kBurst; ++i) {
            everybody.emplace_back("room" + std::to_string(i % kRooms), FocusRun::nick(i));
        }
        focus.join(everybody);
        all.add(focus);
    }
    all.print("100 at once into 50 rooms");
}

// What each of those who were there hears of those who come, in bytes for each newcomer.
void sources_told(ClientKind kind, const char* what, int there, int come, milliseconds delay) {
    std::map<int, milliseconds> delays;
    if (delay > delay.zero()) delays[0] = delay;
    FocusRun focus(kind, delays);
    focus.open_room("room");
    for (int i = 0; i < there; ++i) focus.join(people(i, 1, "room"));
    focus.pass(2 * delay + milliseconds(1));
    focus.take_told();
    focus.join(people(there, come, "room"));
    focus.pass(2 * delay + milliseconds(1));
    const auto told = focus.take_told();
    double bytes = 0, stanzas = 0;
    for (const auto& [room, who] : people(0, there, "room")) {
        const auto heard = told.find(who);
        if (heard == told.end()) continue;
        bytes += static_cast<double>(heard->second.bytes);
        stanzas += static_cast<double>(heard->second.stanzas);
    }
    const double each = static_cast<double>(there) * come;
    std::fprintf(figures,
                 "%-22s %3d there, %2d come: each newcomer costs each of them %3.0f bytes in %.2f "
                 "stanzas; its offer has %5zu bytes\n",
                 what, there, come, bytes / each, stanzas / each, focus.last_offer_bytes());
}

}  // namespace

int main() {
    // The focus logs as it always does, but not between the figures.
    figures = ::fdopen(::dup(1), "w");
    if (!figures || !std::freopen("/dev/null", "w", stdout)) return 1;
    ::setlinebuf(figures);
    one_by_one();
    burst_into_one_room(ClientKind::rewriting, "100 at once into one room");
    burst_into_one_room(ClientKind::listing, "the same without SSRC rewriting");
    burst_into_many_rooms();
    for (const int there : {10, 50, 100}) {
        sources_told(ClientKind::rewriting, "SSRC rewriting", there, 1, {});
    }
    for (const int there : {10, 50, 100}) {
        sources_told(ClientKind::listing, "no rewriting", there, 1, {});
    }
    for (const int there : {10, 50, 100}) {
        sources_told(ClientKind::listing, "no rewriting, batched", there, 10, milliseconds(500));
    }
}
