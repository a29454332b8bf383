// Sources between the focus' model and the wire: Jingle XML from and to clients, Jitsi's compact
// JSON to clients, COLIBRI2 media sources to and from bridges.
//
// Pure functions; control thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "focus/source_set.hpp"
#include "xmpp/colibri2.hpp"
#include "xmpp/jingle.hpp"

namespace jmeet::focus {

// The sources of all contents; parse_jingle() has already refused what is malformed.
EndpointSourceSet sources_from_jingle(const std::vector<xmpp::JingleContent>& contents);

// For clients without JSON: appends to the contents "audio" and "video" of an offer, each source
// with its owner. Contents that are not there are not made.
void add_sources_to_contents(std::vector<xmpp::JingleContent>& contents,
                             const ConferenceSourceMap& sources);
// The contents of an XML source-add or source-remove: no creator, no senders.
std::vector<xmpp::JingleContent> contents_from_sources(const ConferenceSourceMap& sources);

// {"sources":{OWNER:[[video sources],[video groups],[audio sources],[audio groups]]}}, the text
// of a json-message; strings are escaped.
std::string compact_json(const ConferenceSourceMap& sources);
// One owner's array, as inside compact_json().
std::string compact_json(const EndpointSourceSet& set);

// A source-add or source-remove for one client, as JSON or XML.
enum class SourceEncoding { json, xml };
xmpp::Jingle source_change(xmpp::JingleAction action, std::string sid,
                           const ConferenceSourceMap& sources, SourceEncoding encoding);

// One media source per source name, in order of appearance; without a name "<endpoint>-a0" or
// "<endpoint>-v0". No msid.
std::vector<xmpp::colibri2::MediaSource> media_sources(const std::string& endpoint_id,
                                                       const EndpointSourceSet& set);
// The bridge's own sources (jvb-a0, jvb-v0) as clients are told of them: with the msids
// "mixedmslabel mixedlabelaudio0" and "mixedmslabel mixedlabelvideo0".
EndpointSourceSet feedback_sources(const std::vector<xmpp::colibri2::MediaSource>& sources);

}  // namespace jmeet::focus
