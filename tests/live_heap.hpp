// What the process has allocated and not given back, in bytes.
#pragma once

#include <malloc.h>

#include <cstddef>

#ifdef __SANITIZE_ADDRESS__
// Of sanitizer/allocator_interface.h, which only comes with clang.
extern "C" std::size_t __sanitizer_get_current_allocated_bytes();
#endif

namespace jmeet {

inline std::size_t live_heap() {
#ifdef __SANITIZE_ADDRESS__
    return __sanitizer_get_current_allocated_bytes();
#else
    const auto info = mallinfo2();
    return info.uordblks + info.hblkhd;
#endif
}

}  // namespace jmeet
