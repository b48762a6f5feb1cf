#pragma once
// Memory that runs out once, in executables that link `dunlin_test_failing_memory`: it replaces operator new.

#include <cstdint>

namespace dunlin::test {

/// From now on the n-th call of operator new throws std::bad_alloc, counted from 1 on all threads or on this one.
void fail_memory(std::int64_t nth, bool all_threads);
/// On the same thread: no call fails any more. True where one has.
bool spare_memory();

}  // namespace dunlin::test
