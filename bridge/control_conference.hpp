// What the control side remembers of a conference and its endpoints: names, passwords, formats.
// Owned by ColibriHandler; control thread. Media state is the worker's.
#pragma once

#include <map>
#include <string>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "bridge/media_api.hpp"

namespace jmeet::bridge {

struct ControlEndpoint {
    EndpointToken token{};
    EndpointId id;
    std::string stats_id;
    IceCredentials ice;
    std::shared_ptr<const DtlsContext> dtls;  // whose fingerprint was advertised
    std::optional<DtlsRole> dtls_role;        // ours, once the peer has said its own
    // For the web-socket URL. Not the ICE password, and the same for the endpoint's life: clients
    // dial the same URL again for ever.
    std::string channel_password;
    // Shared with the media worker, immutable; a change makes new ones. Null: none yet.
    std::shared_ptr<const MediaFormats> formats;
    bool visitor = false;
    bool private_addresses = false;
    std::size_t audio_sources = 0;
    std::size_t video_sources = 0;
};

struct ControlConference {
    ConferenceKey key{};
    std::string meeting_id;
    std::string name;
    std::string local_id;  // hex; in channel URLs instead of the meeting id
    Ssrc audio_ssrc;
    Ssrc video_ssrc;
    TimePoint created{};
    std::map<std::string, ControlEndpoint> endpoints;
};

}  // namespace jmeet::bridge
