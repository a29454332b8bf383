// Shorthands of tests about a few clients.
#pragma once

#include <string>
#include <utility>

#include "bridge/rtp/rtcp/compound.hpp"
#include "bridge/rtp/rtcp/pli.hpp"
#include "tests/bridge/test_client.hpp"

namespace jmeet::bridge::test {

inline constexpr char kWant180[] =
    R"({"colibriClass":"ReceiverVideoConstraints","lastN":-1,"defaultConstraints":{"maxHeight":180}})";

inline ClientOptions options(std::string id, std::uint32_t first_ssrc) {
    ClientOptions o;
    o.id = std::move(id);
    o.first_ssrc = first_ssrc;
    return o;
}

// Key frames that this client was asked for.
inline std::size_t count_plis(const TestClient& client) {
    std::size_t n = 0;
    for (const auto& compound : client.rtcp) {
        rtcp::CompoundReader reader(compound);
        while (const auto packet = reader.next()) n += rtcp::Pli::parse(*packet) ? 1 : 0;
    }
    return n;
}

// RTCP packets of one type (and format, for feedback) that a client got.
inline std::size_t count_rtcp(const TestClient& client, std::uint8_t type, int format = -1) {
    std::size_t n = 0;
    for (const auto& compound : client.rtcp) {
        rtcp::CompoundReader reader(compound);
        while (const auto packet = reader.next()) {
            n += packet->type == type && (format < 0 || packet->count == format) ? 1 : 0;
        }
    }
    return n;
}

}  // namespace jmeet::bridge::test
