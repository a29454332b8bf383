// The steps of JVB's "selection beats speaker" case: what a receiver selects keeps its place.
#include <doctest/doctest.h>

#include "bridge/allocation/allocation.hpp"
#include "tests/bridge/allocation/sources.hpp"

using namespace jmeet;
using namespace jmeet::bridge;
using namespace jmeet::bridge::test;

namespace {

constexpr std::int64_t kPlenty = 10'000'000;

// One receiver of four cameras A-D; the order is who spoke last.
class Receiver {
 public:
    void set(const ReceiverSettingsUpdate& update) { settings_.apply(update); }
    void speak(const char* order) { order_ = order; }
    void estimate(std::int64_t bps) { bps_ = bps; }

    // Heights of A, B, C, D.
    std::string effective() const {
        const Allocation allocation = run();
        std::string out;
        for (const SourceSnapshot& source : all_) {
            out += (out.empty() ? "" : "/") +
                   std::to_string(allocation.find(source.name)->effective.max_height);
        }
        return out;
    }
    std::string forwarded() const {
        std::string out;
        for (const auto& name : forwarded_sources(run())) out += name.value()[0];
        return out;
    }

 private:
    Allocation run() const {
        std::vector<const SourceSnapshot*> order;
        for (const char c : order_) order.push_back(&all_[static_cast<std::size_t>(c - 'A')]);
        return allocate(order, settings_, {}, bps_, {});
    }

    const std::vector<SourceSnapshot> all_{camera("A"), camera("B"), camera("C"), camera("D")};
    ReceiverSettings settings_;
    std::string order_ = "ABCD";
    std::int64_t bps_ = kUnknownBandwidth;
};

ReceiverSettingsUpdate last_n(int n) {
    ReceiverSettingsUpdate update;
    update.last_n = n;
    return update;
}

ConstraintsMap a_and_b(int height) {
    return {{source_name("A"), {height}}, {source_name("B"), {height}}};
}

}  // namespace

TEST_CASE("selection beats the speaker at every step") {
    Receiver receiver;
    CHECK(receiver.forwarded().empty());
    ReceiverSettingsUpdate first;
    first.selected = names({"A", "B"});
    first.constraints = a_and_b(720);
    receiver.set(first);
    CHECK(receiver.effective() == "720/720/180/180");
    receiver.set(last_n(2));
    CHECK(receiver.effective() == "720/720/0/0");
    CHECK(receiver.forwarded().empty());
    receiver.estimate(kPlenty);
    CHECK(receiver.forwarded() == "AB");
    receiver.speak("BACD");
    CHECK(receiver.forwarded() == "AB");
    ReceiverSettingsUpdate lower;
    lower.constraints = a_and_b(360);
    receiver.set(lower);
    CHECK(receiver.effective() == "360/360/0/0");
    ReceiverSettingsUpdate again;
    again.selected = names({"A", "B"});
    receiver.set(again);
    CHECK(receiver.effective() == "360/360/0/0");
    CHECK(receiver.forwarded() == "AB");
    receiver.set(last_n(-1));
    CHECK(receiver.effective() == "360/360/180/180");
    CHECK(receiver.forwarded() == "ABCD");
    receiver.set(last_n(2));
    CHECK(receiver.effective() == "360/360/0/0");
    CHECK(receiver.forwarded() == "AB");
    receiver.speak("DBAC");
    receiver.estimate(0);
    CHECK(receiver.forwarded().empty());
    receiver.estimate(kPlenty);
    CHECK(receiver.forwarded() == "AB");
    receiver.speak("CDAB");
    CHECK(receiver.forwarded() == "AB");
}
