// JSON made strict: RapidJSON with a size and depth limit, UTF-8 checked, duplicate names refused.
//
// RapidJSON keeps duplicate members and finds the first, browsers use the last: two programs that
// read one message differently are a hole, so such a text is refused as a whole. Any thread may
// call these functions; a Document belongs to its caller. RFC 8259.
#pragma once

#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace jmeet::json {

using Document = rapidjson::Document;
using Value = rapidjson::Value;

struct Limits {
    // LIMIT: a bridge-channel message may be as large as the offered a=max-message-size.
    std::size_t max_size = 262'144;
    // LIMIT: no message of ours nests deeper than 6; application payloads get some room.
    std::size_t max_depth = 32;
    // LIMIT: members of one object; a constraints map names one source per member.
    std::size_t max_members = 4'096;
};

Result<Document> parse(std::string_view text, const Limits& limits = {});
// The same, and the top value must be an object.
Result<Document> parse_object(std::string_view text, const Limits& limits = {});

// The member, or nullptr when `object` is no object or has no such member.
const Value* find(const Value& object, std::string_view name);

// Typed getters: empty when the member is absent, null or of another type. Numbers are never
// read from strings. An integer getter accepts 5.0 but neither 5.5 nor a value out of range.
std::optional<std::string_view> get_string(const Value& object, std::string_view name);
std::optional<std::int64_t> get_int(const Value& object, std::string_view name);
std::optional<std::uint32_t> get_u32(const Value& object, std::string_view name);
std::optional<double> get_double(const Value& object, std::string_view name);
std::optional<bool> get_bool(const Value& object, std::string_view name);
const Value* get_object(const Value& object, std::string_view name);
const Value* get_array(const Value& object, std::string_view name);

std::optional<std::string_view> as_string(const Value& value);
std::optional<std::int64_t> as_int(const Value& value);

std::string to_string(const Value& value);

// Writes members in the order of the calls. The caller keeps begin/end in pairs.
class Writer {
 public:
    Writer() : writer_(buffer_) {}

    Writer& begin_object();
    Writer& end_object();
    Writer& begin_array();
    Writer& end_array();
    Writer& key(std::string_view name);
    Writer& value(std::string_view text);
    Writer& value(const char* text) { return value(std::string_view(text)); }
    Writer& value(std::int64_t number);
    Writer& value(std::int32_t number) { return value(std::int64_t{number}); }
    Writer& value(std::uint32_t number) { return value(std::int64_t{number}); }
    Writer& value(std::uint64_t number);
    Writer& value(double number);
    Writer& value(bool flag);
    Writer& null();
    Writer& copy(const Value& any);

    template <class T>
    Writer& member(std::string_view name, const T& v) {
        return key(name).value(v);
    }

    std::string str() const { return {buffer_.GetString(), buffer_.GetSize()}; }

 private:
    rapidjson::StringBuffer buffer_;
    rapidjson::Writer<rapidjson::StringBuffer> writer_;
};

}  // namespace jmeet::json
