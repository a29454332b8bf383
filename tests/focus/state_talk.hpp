// A focus process that was killed under a call, and the one that is started after it, with what the
// first has left in its state folder.
#pragma once

#include <filesystem>
#include <fstream>

#include "tests/focus/heart.hpp"

namespace jmeet::focus {

namespace fs = std::filesystem;

struct Folder {
    Folder() {
        path = fs::temp_directory_path() / fmt::format("jmeet-state-{}", make_number());
        fs::create_directories(path);
    }
    ~Folder() { fs::remove_all(path); }
    static std::uint64_t make_number() { return bridge::random_u64(); }
    std::size_t files() const {
        return static_cast<std::size_t>(
            std::distance(fs::directory_iterator(path), fs::directory_iterator()));
    }
    fs::path path;
};

inline FocusConfig state_config(const Folder& folder, const AuthConfig& auth = {}) {
    FocusConfig config = talk_config();
    config.state_folder = folder.path.string();
    config.auth = auth;
    return config;
}

struct Killed {
    Folder folder;
    Folder after_death;  // as the folder was when the process was killed
    std::map<std::string, std::string> sids;
    std::string bridge_session;

    const AuthConfig auth;

    // `then`: what happens once the two are in their call.
    explicit Killed(const std::string& features = {},
                    const std::function<void(Talk&)>& then = [](Talk&) {},
                    AuthConfig auth_config = {})
        : auth(std::move(auth_config)) {
        Talk talk(state_config(folder, auth));
        talk.two_party_call(features);
        then(talk);
        sids = talk.sids;
        bridge_session = talk.focus->rooms()
                             .find(*xmpp::Jid::parse(kRoom))
                             ->bridges()
                             ->session_id_of("aaaa");
        REQUIRE(talk.run_until([&] { return noted("accepted='true'", 2); }));
        talk.run_for(milliseconds(300));
        fs::copy(folder.path, after_death.path,
                 fs::copy_options::recursive | fs::copy_options::overwrite_existing);
    }
    bool noted(const std::string& text, int times) const {
        for (const auto& entry : fs::directory_iterator(folder.path)) {
            std::ifstream in(entry.path());
            const std::string all((std::istreambuf_iterator<char>(in)), {});
            int found = 0;
            for (auto at = all.find(text); at != std::string::npos; at = all.find(text, at + 1)) {
                ++found;
            }
            if (found == times) return true;
        }
        return false;
    }
};

// The successor, in the brewery, with the bridges that are there.
struct Successor : Talk {
    explicit Successor(Killed& before)
        : Talk(state_config(before.after_death, before.auth)), killed(before) {}

    void occupant_is_there(const std::string& nick) {
        hear(fmt::format("<presence from='{}' to='{}'><stats-id>{}-Stats</stats-id>"
                         "<x xmlns='http://jabber.org/protocol/muc#user'>"
                         "<item affiliation='none' role='participant' jid='{}@meet.test/web'/></x>"
                         "</presence>",
                         occupant(nick), kFocusJid, nick, nick));
    }
    void enters_with(const std::vector<std::string>& nicks, const std::string& status = {}) {
        REQUIRE(run_until([&] {
            return std::any_of(stream->sent.begin(), stream->sent.end(),
                               presence(occupant("focus")));
        }));
        expect("join of the room", presence(occupant("focus")));
        for (const std::string& nick : nicks) occupant_is_there(nick);
        hear(fmt::format("<presence from='{}' to='{}'>"
                         "<x xmlns='http://jabber.org/protocol/muc#user'>"
                         "{}<item jid='{}' affiliation='owner' role='moderator'/>"
                         "<status code='110'/></x></presence>",
                         occupant("focus"), kFocusJid, status, kFocusJid));
        if (const auto form = find(iq("get", kRoom, "query"))) {
            answer(*form,
                   fmt::format("<query xmlns='http://jabber.org/protocol/muc#owner'>"
                               "<x xmlns='jabber:x:data' type='form'>"
                               "<field var='muc#roominfo_meetingId' type='text-single'>"
                               "<value>{}</value></field></x></query>",
                               meeting_id));
            answer(expect("submission", iq("set", kRoom, "query")));
        }
    }
    xmpp::Element question_for(const std::string& nick) {
        return expect("the bridge is asked for " + nick, [&](const auto& s) {
            const auto* modify = s.child("conference-modify");
            const auto* endpoint = modify ? modify->child("endpoint") : nullptr;
            return endpoint && endpoint->get("id") == nick && endpoint->child("sources");
        });
    }
    void bridge_knows(const std::string& nick) {
        answer(question_for(nick), "<conference-modified xmlns='jitsi:colibri2'/>");
    }
    // Of the room as its server tells it; empty: it does not.
    std::string meeting_id = "6f0e4f0c-6b0a-4a39-8e86-0d6c4f9f6a10";
    Conference* conference() { return focus->rooms().find(*xmpp::Jid::parse(kRoom)); }

    Killed& killed;
};

}  // namespace jmeet::focus
