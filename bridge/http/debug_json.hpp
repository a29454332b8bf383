// The bridge and its conferences as JSON, in the shape that a JVB's /debug has. Diagnostics for
// people, not a contract. Control thread.
#pragma once

#include <string>

#include "base/json.hpp"
#include "bridge/bridge.hpp"

namespace jmeet::bridge {

// Writes the members that every answer has: states, load, and at the end health; the caller puts
// its conferences between the two.
void begin_debug(json::Writer& out, const Bridge& bridge);
void end_debug(json::Writer& out, const Bridge& bridge);

void write_short(json::Writer& out, const ConferenceListing& conference);
// `endpoint`: only this one; empty: all.
void write_full(json::Writer& out, const ConferenceListing& conference, const ConferenceView& view,
                const std::string& endpoint);
void write_speech(json::Writer& out, const ConferenceView& view);

}  // namespace jmeet::bridge
