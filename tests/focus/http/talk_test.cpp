// The talks of the focus, in this program too.
#include "tests/focus/talk_test.cpp"  // NOLINT
