// The lines that operators search for, word for word, as they stand in the log file.
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/focus/call.hpp"

namespace jmeet::focus {
namespace {

// A log file for the time of a test.
class LogFile {
 public:
    LogFile() : path_(std::filesystem::temp_directory_path() /
                      ("jmeet-log-" + std::to_string(::getpid()))) {
        log::set_up(log::Level::info, path_.string());
    }
    ~LogFile() {
        log::set_up(log::Level::info, {});
        std::error_code ignored;
        std::filesystem::remove(path_, ignored);
    }
    // "LEVEL: message" with the context before the message where there is one.
    bool has(const std::string& level, const std::string& message,
             const std::string& context = {}) const {
        std::ifstream in(path_);
        for (std::string line; std::getline(in, line);) {
            const bool found = line.starts_with("Jicofo ") &&
                               line.find(" " + level + ": [") != std::string::npos &&
                               line.find(": " + message) != std::string::npos &&
                               line.find(context) != std::string::npos;
            if (found) return true;
        }
        return false;
    }

 private:
    std::filesystem::path path_;
};

// Before the focus is made, which logs from its first moment.
struct Logged {
    LogFile log;
};

#define CHECK_LINE(...) CHECK_MESSAGE(log.has(__VA_ARGS__), #__VA_ARGS__)

struct Quiet : Logged, Talk {
    explicit Quiet(FocusConfig config = talk_config()) : Talk(std::move(config)) {}
};

FocusConfig checked() {
    FocusConfig config = talk_config();
    config.bridge.health_checks = true;
    config.bridge.health_interval = milliseconds(1'000);
    config.bridge.health_retry_delay = milliseconds(500);
    config.xmpp.verify_certificate = false;
    return config;
}

constexpr char kBridge[] = "Bridge[jid=jvbbrewery@internal-muc.meet.test/jvb1, ";

TEST_CASE_FIXTURE(Quiet, "start, login, brewery") {
    CHECK_LINE("INFO", "Using org.jitsi.jicofo.bridge.SingleBridgeSelectionStrategy");
    CHECK_LINE("INFO", "Initialized with JID=jvbbrewery@internal-muc.meet.test",
               "[type=bridge brewery=jvbbrewery]");
    CHECK_LINE("INFO", "Connected, JID=null", "[xmpp_connection=client]");
    CHECK_LINE("INFO",
               "Registered (resumed=false). isSmEnabled:false isSmAvailable:false "
               "isSmResumptionPossible:false",
               "[xmpp_connection=client]");
    CHECK_LINE("INFO", "Will discover components for meet.test");
    CHECK_LINE("INFO", "Joined the room.", "[type=bridge brewery=jvbbrewery]");
    stream->change(xmpp::ConnectionState::disconnected);
    stream->change(xmpp::ConnectionState::connected);
    CHECK_LINE("INFO", "Connected, JID=focus@auth.meet.test/focus");
}

TEST_CASE("bridges come, fail, shut down and go") {
    Quiet talk(checked());
    LogFile& log = talk.log;
    talk.bridge_appears("jvb1", "<stat name='relay_id' value='r1'/>");
    const std::string jid = bridge_jid("jvb1");
    CHECK_LINE("INFO", "Added brewery instance: " + jid);
    CHECK_LINE("INFO", std::string("Added new videobridge: ") + kBridge +
                           "relayId=r1, region=region1, stress=0.10, version=2.3]");
    CHECK_LINE("INFO", std::string("Scheduled health-check task for: ") + kBridge);

    talk.run_for(milliseconds(1'000));
    talk.refuse(talk.expect("a health check", Talk::iq("get", jid, "healthcheck")),
                "<internal-server-error xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
                "<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>no address</text>");
    CHECK_LINE("WARNING", std::string("Health check failed for: ") + kBridge,
               ": internal-server-error: no address");
    talk.run_for(milliseconds(1'000));
    talk.expect("a health check", Talk::iq("get", jid, "healthcheck"));
    talk.run_for(milliseconds(1'001));
    CHECK_LINE("WARNING", kBridge, "] health-check timed out, but will give it another try after: 500");
    talk.run_for(milliseconds(1'501));
    CHECK_LINE("WARNING", std::string("Health check timed out for: ") + kBridge);

    talk.bridge_appears("jvb1", "<stat name='shutting_down' value='true'/>");
    CHECK_LINE("INFO", jid + " entered SHUTTING_DOWN");
    talk.bridge_leaves("jvb1");
    CHECK_LINE("INFO", "Removed brewery instance: " + jid);
    CHECK_LINE("INFO", "Removing JVB: " + jid);
    CHECK(!log.has("WARNING", "Lost a bridge: " + jid));
    talk.run_for(milliseconds(1'000));
    CHECK_LINE("INFO", std::string("Stopping health-check task for: ") + kBridge);

    talk.bridge_appears("jvb1");
    talk.bridge_leaves("jvb1");
    CHECK_LINE("WARNING", "Lost a bridge: " + jid);
}

TEST_CASE("a bridge that says itself that it is ill") {
    FocusConfig config = checked();
    config.bridge.health_use_presence = true;
    Quiet talk(config);
    LogFile& log = talk.log;
    talk.bridge_appears("jvb1", "<stat name='healthy' value='false'/>");
    talk.run_for(milliseconds(1'001));
    CHECK_LINE("WARNING", std::string("JVB reported unhealthy") + kBridge);
}

TEST_CASE_FIXTURE(Quiet, "no bridge can be selected") {
    open_room();
    client_joins("aaaa");
    client_joins("bbbb");
    CHECK_LINE("WARNING", "There are no operational bridges.");
    CHECK_LINE("WARNING",
               "Failed to select initial bridge for participantProperties="
               "ParticipantProperties(region=null, visitor=false)");
    CHECK_LINE("SEVERE", "Can not invite participant, no bridge available.",
               "room=standup@muc.meet.test");
    bridge_appears("jvb1", "<stat name='shutting_down' value='true'/>");
    CHECK_LINE("WARNING", "All operational bridges are SHUTTING_DOWN");
    CHECK_LINE("INFO", "New bridge available, will try to restart: " + bridge_jid("jvb1"));
}

TEST_CASE_FIXTURE(Quiet, "a bridge of another version is asked for") {
    focus->rooms().pins().set(*xmpp::Jid::parse(kRoom), "9.9", std::chrono::minutes(5),
                              std::chrono::system_clock::now());
    bridge_appears("jvb1");
    open_room();
    client_joins("aaaa");
    client_joins("bbbb");
    CHECK_LINE("WARNING", "There are no bridges with the required version: 9.9");
}

TEST_CASE_FIXTURE(Quiet, "a call, with the conference and the endpoint in every line") {
    const std::string room = "[room=standup@muc.meet.test";
    const std::string meeting = room + " meeting_id=6f0e4f0c-6b0a-4a39-8e86-0d6c4f9f6a10";
    two_party_call();
    CHECK_LINE("INFO",
               "Conference request for room standup@muc.meet.test, from someone@meet.test/web, "
               "token=false");
    CHECK_LINE("INFO", "Created new conference.", room);
    CHECK_LINE("INFO", "Joining standup@muc.meet.test", room);
    CHECK_LINE("INFO", "Member joined:aaaa stats-id=aaaa-Stats region=null audioMuted=true", meeting);
    CHECK_LINE("INFO", "Creating participant aaaa with features=", meeting);
    CHECK_LINE("INFO", "Allocating for aaaa", meeting);
    CHECK_LINE("INFO", std::string("Selected initial bridge ") + kBridge,
               "] with reported stress=0.1 for participantProperties="
               "ParticipantProperties(region=null, visitor=false)");
    CHECK_LINE("INFO", "Selected jvb1 for aaaa (visitor=false, session exists: false)", meeting);
    CHECK_LINE("INFO", "Existing bridge does not have a relay, will not consider other bridges.");
    CHECK_LINE("INFO", "Selected jvb1 for bbbb (visitor=false, session exists: true)", meeting);
    CHECK_LINE("INFO", "Sending session-initiate to: standup@muc.meet.test/aaaa sources=", meeting);
    CHECK_LINE("INFO", "Received session-accept from aaaa", meeting);
    CHECK_LINE("INFO", "Accepted initial sources from aaaa", meeting);

    bridge_appears("jvb2");
    bridge_appears("jvb1", "<stat name='shutting_down' value='true'/>");
    CHECK_LINE("INFO", "Bridge " + bridge_jid("jvb1") + " is shutting down, re-inviting [aaaa, bbbb]",
               meeting);
    for (const char* nick : {"aaaa", "bbbb"}) allocate(nick, "jvb2");
    accept("aaaa", 3001);
    accept("bbbb", 4001);
    bridge_leaves("jvb2");
    CHECK_LINE("INFO", "Re-inviting [aaaa, bbbb] because " + bridge_jid("jvb2") + " was removed",
               meeting);

    client_leaves("bbbb");
    CHECK_LINE("INFO", "Member left:bbbb", meeting);
    CHECK_LINE("INFO", "Terminating bbbb, reason: gone, send session-terminate: false", meeting);
    CHECK_LINE("INFO", "Removed participant bbbb removed=true", meeting);
    CHECK_LINE("INFO", "Scheduled single person timeout.", meeting);
    run_for(milliseconds(101));
    CHECK_LINE("INFO", "Timing out single participant: aaaa", meeting);
    CHECK_LINE("INFO", "Terminating aaaa, reason: expired, send session-terminate: true", meeting);
    client_leaves("aaaa");
    CHECK_LINE("WARNING", "Participant not found for aaaa. Terminated already or never started?",
               meeting);
    CHECK_LINE("INFO", "Stopping: Last member left, stopping.", meeting);
    CHECK_LINE("INFO", "Stopped.", meeting);
}

}  // namespace
}  // namespace jmeet::focus
