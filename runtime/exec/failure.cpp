#include "dunlin/exec/failure.hpp"

#include <new>

namespace dunlin {

Failure current_failure() {
  Failure failure{.code = ErrorCode::internal, .original = std::current_exception()};
  try {
    throw;
  } catch (const std::bad_alloc&) {
    failure.code = ErrorCode::memory;
    failure.text = "the system gave no more memory: lower the budget below what this machine has free";
  } catch (const std::exception& error) {
    failure.code = code_of(error);
    failure.text = error.what();
  } catch (...) {
    failure.text = "an exception of an unknown type was thrown (a bug: exceptions derive from std::exception)";
  }
  return failure;
}

}  // namespace dunlin
