#include "base/option_binder.hpp"

#include <doctest/doctest.h>

namespace jmeet {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

struct Settings {
    bool quick = true;
    int people = 80;
    std::uint16_t port = 5347;
    double threshold = 0.8;
    std::string name = "Single";
    std::optional<std::string> region;
    std::vector<std::string> domains;
    milliseconds pause{1'500};
    seconds interval{60};
    std::string special = "untouched";

    OptionBinder bound() {
        OptionBinder binder;
        binder.group("Settings")
            .add(quick, "quick", "QUICK", "be quick")
            .add(people, "people", "PEOPLE", "how many", {-1, 100})
            .add(port, "port", "PORT", "which")
            .add(threshold, "threshold", "THRESHOLD", "how much")
            .add(name, "name", "NAME", "whose")
            .add(region, "region", "REGION", "where")
            .add(domains, "domains", "DOMAINS", "which")
            .add(pause, "pause", "PAUSE", "how long")
            .add(interval, "interval", "INTERVAL", "how long")
            .add({"special", "SPECIAL", OptionKind::text, "", "its own way", ""},
                 [this](const Options& options) -> Result<void> {
                     if (options.text("special") == "bad") return fail("special is bad");
                     if (options.is_set("special")) special = "read";
                     return {};
                 });
        return binder;
    }
    Result<void> read(const std::vector<std::string>& arguments) {
        const OptionBinder binder = bound();
        return binder.read(Options::parse(binder.table(), arguments, {}).value());
    }
};

TEST_CASE("kinds and defaults of options are those of the fields they fill") {
    Settings settings;
    std::string seen;
    for (const Option& option : settings.bound().table()) {
        CHECK(option.group == "Settings");
        seen += option.name + "=" + option.standard + " ";
    }
    CHECK(seen == "quick=1 people=80 port=5347 threshold=0.8 name=Single region= domains= "
                  "pause=1500ms interval=60 special= ");
}

TEST_CASE("what was given is read, what was not stays") {
    Settings settings;
    REQUIRE(settings.read({}).has_value());
    CHECK(settings.people == 80);
    CHECK(!settings.region.has_value());
    CHECK(settings.special == "untouched");
    REQUIRE(settings.read({"--quick=0", "--people=-1", "--port=1", "--threshold=0.5", "--name=a",
                           "--region=eu", "--domains=a,b", "--pause=2 seconds", "--interval=90",
                           "--special=x"})
                .has_value());
    CHECK(!settings.quick);
    CHECK(settings.people == -1);
    CHECK(settings.port == 1);
    CHECK(settings.threshold == 0.5);
    CHECK(settings.name == "a");
    CHECK(settings.region == "eu");
    CHECK(settings.domains == std::vector<std::string>{"a", "b"});
    CHECK(settings.pause == seconds(2));
    CHECK(settings.interval == seconds(90));
    CHECK(settings.special == "read");
}

TEST_CASE("an option's own reading may refuse") {
    Settings settings;
    const auto read = settings.read({"--special=bad"});
    REQUIRE(!read.has_value());
    CHECK(read.error().what == "special is bad");
}

}  // namespace
}  // namespace jmeet
