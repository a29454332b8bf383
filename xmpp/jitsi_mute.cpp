#include "xmpp/jitsi_mute.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "xmpp/namespaces.hpp"

namespace jmeet::xmpp {
namespace {

struct MediaName {
    MuteMedia media;
    std::string_view name;
    const char* ns;
};

constexpr std::array kMedia{
    MediaName{MuteMedia::audio, "audio", ns::kJitmeetAudio},
    MediaName{MuteMedia::video, "video", ns::kJitmeetVideo},
    MediaName{MuteMedia::desktop, "desktop", ns::kJitmeetDesktop},
};

const MediaName& of(MuteMedia media) { return kMedia[static_cast<std::size_t>(media)]; }

}  // namespace

std::optional<Mute> parse_mute(const Element& element) {
    if (element.name() != "mute") return {};
    const auto found = std::find_if(kMedia.begin(), kMedia.end(),
                                    [&](const MediaName& m) { return element.ns() == m.ns; });
    if (found == kMedia.end()) return {};
    Mute mute;
    mute.media = found->media;
    mute.jid = element.get("jid");
    mute.actor = element.get("actor");
    const std::string_view text = trimmed(element.text());
    if (!text.empty()) mute.mute = equals_ignoring_case(text, "true");
    return mute;
}

Element write_mute(const Mute& mute) {
    Element element("mute", mute_namespace(mute.media));
    if (!mute.jid.empty()) element.set("jid", mute.jid);
    if (!mute.actor.empty()) element.set("actor", mute.actor);
    if (mute.mute) element.set_text(*mute.mute ? "true" : "false");
    return element;
}

const char* mute_namespace(MuteMedia media) { return of(media).ns; }

std::optional<MuteMedia> parse_mute_media(std::string_view name) {
    for (const MediaName& m : kMedia) {
        if (equals_ignoring_case(name, m.name)) return m.media;
    }
    return {};
}

std::string_view to_string(MuteMedia media) { return of(media).name; }

}  // namespace jmeet::xmpp
