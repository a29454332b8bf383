// Result<T>: a value or a reason. Exceptions are for set-up only and end in main.
#pragma once

#include <boost/system/result.hpp>
#include <ostream>
#include <stdexcept>
#include <string>
#include <utility>

namespace jmeet {

// One sentence for a reader: what failed, why, and what to do next where that is known.
struct Error {
    std::string what;
};

[[noreturn]] inline void throw_exception_from_error(const Error& error,
                                                    const boost::source_location&) {
    throw std::runtime_error(error.what);
}

template <class T, class E = Error>
using Result = boost::system::result<T, E>;

inline std::ostream& operator<<(std::ostream& out, const Error& error) { return out << error.what; }

inline Error fail(std::string what) { return Error{std::move(what)}; }

}  // namespace jmeet
