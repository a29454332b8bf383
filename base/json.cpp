#include "base/json.hpp"

#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <charconv>
#include <cmath>
#include <functional>
#include <limits>
#include <set>
#include <vector>

namespace jmeet::json {

namespace {

// Stands between the reader and the document: counts depth and remembers the names of each open
// object. Names are ordered, not hashed: a sender cannot choose names that collide.
class StrictHandler {
 public:
    using Ch = char;

    StrictHandler(Document& document, const Limits& limits)
        : document_(document), limits_(limits) {}

    const char* refusal() const { return refusal_; }

    bool Null() { return document_.Null(); }
    bool Bool(bool b) { return document_.Bool(b); }
    bool Int(int i) { return document_.Int(i); }
    bool Uint(unsigned i) { return document_.Uint(i); }
    bool Int64(std::int64_t i) { return document_.Int64(i); }
    bool Uint64(std::uint64_t i) { return document_.Uint64(i); }
    bool Double(double d) { return document_.Double(d); }
    // RapidJSON's own conversion reads some spellings of zero as something else ("0e110").
    bool RawNumber(const Ch* s, rapidjson::SizeType n, bool) {
        const char* const end = s + n;
        if (std::int64_t i = 0; is_whole(s, end, i)) return document_.Int64(i);
        if (std::uint64_t u = 0; is_whole(s, end, u)) return document_.Uint64(u);
        double d = 0;
        if (std::from_chars(s, end, d).ec == std::errc{}) return document_.Double(d);
        // Out of a double's range: what is too small is zero, what is too large is refused.
        long double wide = 0;
        if (std::from_chars(s, end, wide).ec != std::errc{} || std::fabs(wide) > 1) {
            return refuse("a number is out of range");
        }
        return document_.Double(static_cast<double>(wide));
    }
    bool String(const Ch* s, rapidjson::SizeType n, bool copy) {
        return document_.String(s, n, copy);
    }
    bool StartObject() { return open() && document_.StartObject(); }
    bool Key(const Ch* s, rapidjson::SizeType n, bool copy) {
        auto& names = open_.back();
        if (names.size() >= limits_.max_members) return refuse("too many members in one object");
        if (!names.emplace(s, n).second) return refuse("a member name occurs twice");
        return document_.Key(s, n, copy);
    }
    bool EndObject(rapidjson::SizeType n) {
        open_.pop_back();
        return document_.EndObject(n);
    }
    bool StartArray() { return open() && document_.StartArray(); }
    bool EndArray(rapidjson::SizeType n) {
        open_.pop_back();
        return document_.EndArray(n);
    }

 private:
    template <class Number>
    static bool is_whole(const char* begin, const char* end, Number& number) {
        const auto [at, failed] = std::from_chars(begin, end, number);
        return failed == std::errc{} && at == end;
    }
    bool open() {
        if (open_.size() >= limits_.max_depth) return refuse("nested too deeply");
        open_.emplace_back();
        return true;
    }
    bool refuse(const char* why) {
        refusal_ = why;
        return false;
    }

    Document& document_;
    const Limits& limits_;
    std::vector<std::set<std::string>> open_;
    const char* refusal_ = nullptr;
};

}  // namespace

Result<Document> parse(std::string_view text, const Limits& limits) {
    if (text.size() > limits.max_size) return fail("JSON text is larger than allowed");
    Document document;
    StrictHandler handler(document, limits);
    rapidjson::Reader reader;
    rapidjson::ParseResult outcome;
    auto generate = [&](Document&) {
        rapidjson::MemoryStream memory(text.data(), text.size());
        rapidjson::EncodedInputStream<rapidjson::UTF8<>, rapidjson::MemoryStream> in(memory);
        // Converted by the handler: numbers that are passed on must come out as they went in.
        constexpr unsigned kFlags = rapidjson::kParseIterativeFlag |
                                    rapidjson::kParseValidateEncodingFlag |
                                    rapidjson::kParseNumbersAsStringsFlag;
        outcome = reader.Parse<kFlags>(in, handler);
        return !outcome.IsError();
    };
    document.Populate(generate);
    if (handler.refusal()) return fail(std::string("JSON refused: ") + handler.refusal());
    if (outcome.IsError()) {
        return fail(std::string("not JSON: ") + rapidjson::GetParseError_En(outcome.Code()) +
                    " (at byte " + std::to_string(outcome.Offset()) + ")");
    }
    return document;
}

Result<Document> parse_object(std::string_view text, const Limits& limits) {
    auto document = parse(text, limits);
    if (document.has_value() && !document->IsObject()) return fail("JSON text is not an object");
    return document;
}

const Value* find(const Value& object, std::string_view name) {
    if (!object.IsObject()) return nullptr;
    const Value key(rapidjson::StringRef(name.data(), name.size()));
    const auto it = object.FindMember(key);
    return it == object.MemberEnd() ? nullptr : &it->value;
}

std::optional<std::string_view> as_string(const Value& value) {
    if (!value.IsString()) return std::nullopt;
    return std::string_view(value.GetString(), value.GetStringLength());
}

std::optional<std::int64_t> as_int(const Value& value) {
    if (value.IsInt64()) return value.GetInt64();
    if (!value.IsDouble()) return std::nullopt;
    const double d = value.GetDouble();
    // Beyond 2^53 a double no longer tells its neighbours apart.
    constexpr double kExact = 9007199254740992.0;
    if (!(std::fabs(d) <= kExact) || std::trunc(d) != d) return std::nullopt;
    return static_cast<std::int64_t>(d);
}

std::optional<std::string_view> get_string(const Value& object, std::string_view name) {
    const Value* v = find(object, name);
    return v ? as_string(*v) : std::nullopt;
}

std::optional<std::int64_t> get_int(const Value& object, std::string_view name) {
    const Value* v = find(object, name);
    return v ? as_int(*v) : std::nullopt;
}

std::optional<std::uint32_t> get_u32(const Value& object, std::string_view name) {
    const auto v = get_int(object, name);
    if (!v || *v < 0 || *v > std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
    return static_cast<std::uint32_t>(*v);
}

std::optional<double> get_double(const Value& object, std::string_view name) {
    const Value* v = find(object, name);
    if (!v || !v->IsNumber()) return std::nullopt;
    return v->GetDouble();
}

std::optional<bool> get_bool(const Value& object, std::string_view name) {
    const Value* v = find(object, name);
    if (!v || !v->IsBool()) return std::nullopt;
    return v->GetBool();
}

const Value* get_object(const Value& object, std::string_view name) {
    const Value* v = find(object, name);
    return v && v->IsObject() ? v : nullptr;
}

const Value* get_array(const Value& object, std::string_view name) {
    const Value* v = find(object, name);
    return v && v->IsArray() ? v : nullptr;
}

std::string to_string(const Value& value) {
    Writer writer;
    writer.copy(value);
    return writer.str();
}

Writer& Writer::begin_object() {
    writer_.StartObject();
    return *this;
}
Writer& Writer::end_object() {
    writer_.EndObject();
    return *this;
}
Writer& Writer::begin_array() {
    writer_.StartArray();
    return *this;
}
Writer& Writer::end_array() {
    writer_.EndArray();
    return *this;
}
Writer& Writer::key(std::string_view name) {
    writer_.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
    return *this;
}
Writer& Writer::value(std::string_view text) {
    writer_.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
    return *this;
}
Writer& Writer::value(std::int64_t number) {
    writer_.Int64(number);
    return *this;
}
Writer& Writer::value(std::uint64_t number) {
    writer_.Uint64(number);
    return *this;
}
Writer& Writer::value(double number) {
    // JSON has no NaN and no infinity.
    if (std::isfinite(number)) {
        writer_.Double(number);
    } else {
        writer_.Null();
    }
    return *this;
}
Writer& Writer::value(bool flag) {
    writer_.Bool(flag);
    return *this;
}
Writer& Writer::null() {
    writer_.Null();
    return *this;
}
Writer& Writer::copy(const Value& any) {
    any.Accept(writer_);
    return *this;
}

}  // namespace jmeet::json
