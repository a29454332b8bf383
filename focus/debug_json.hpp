// Members, bridges and sources as GET /debug shows them, with Jicofo's keys. What is not known is
// the text "null" there.
//
// Control thread.
#pragma once

#include "base/json.hpp"
#include "focus/bridges/bridge.hpp"
#include "focus/member.hpp"
#include "focus/source_set.hpp"

namespace jmeet::focus {

// Each writes one value.
void write_bridge(json::Writer& out, Bridge& bridge, TimePoint now);
void write_member(json::Writer& out, const Member& member);
void write_sources(json::Writer& out, const EndpointSourceSet& set);
// Owner -> sources.
void write_sources(json::Writer& out, const ConferenceSourceMap& map);

template <class Texts>
void write_texts(json::Writer& out, const Texts& texts) {
    out.begin_array();
    for (const auto& text : texts) out.value(text);
    out.end_array();
}

}  // namespace jmeet::focus
