// Empty: CMake makes a precompiled header only for a target with a source that reads it, and
// doctest's main must not.
