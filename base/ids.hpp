// Strong types: an endpoint id is not a source name, an SSRC is not a sequence number.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

namespace jmeet {

template <class Tag, class T>
class Strong {
 public:
    Strong() = default;
    explicit Strong(T value) : value_(std::move(value)) {}
    const T& value() const { return value_; }
    auto operator<=>(const Strong&) const = default;
    bool operator==(const Strong&) const = default;

 private:
    T value_{};
};

using Ssrc = Strong<struct SsrcTag, std::uint32_t>;
// The MUC resource of a participant; opaque, compared exactly.
using EndpointId = Strong<struct EndpointIdTag, std::string>;
// "<endpoint>-a0", "<endpoint>-v1"; opaque on the bridge.
using SourceName = Strong<struct SourceNameTag, std::string>;

}  // namespace jmeet

template <class Tag, class T>
struct std::hash<jmeet::Strong<Tag, T>> {
    std::size_t operator()(const jmeet::Strong<Tag, T>& id) const noexcept {
        return std::hash<T>{}(id.value());
    }
};
