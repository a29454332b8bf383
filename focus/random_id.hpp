// Identifiers that nobody must be able to guess or to meet twice. Any thread.
#pragma once

#include <boost/uuid/random_generator.hpp>
#include <boost/uuid/uuid_io.hpp>
#include <cstdint>
#include <cstring>
#include <string>

namespace jmeet::focus {

inline std::string make_uuid() {
    return boost::uuids::to_string(boost::uuids::random_generator()());
}

inline std::uint64_t random_u64() {
    const boost::uuids::uuid random = boost::uuids::random_generator()();
    // The last eight bytes are random but for the variant's two bits; mixed with the first.
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    std::memcpy(&high, random.data, 8);
    std::memcpy(&low, random.data + 8, 8);
    return high ^ (low << 2 | low >> 62);
}

}  // namespace jmeet::focus
