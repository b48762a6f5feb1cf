#pragma once
// What can go wrong, by whose fault.
//
// Users and the world: `UserError` and its kinds; each carries the exit code that the program ends with and the data of
// its case. Ourselves: `InternalError`, a bug, which always asks for a report. The two have different roots, so that a
// handler for one never swallows the other.
//
//   kind            code  whose fault, for example
//   UsageError         2  the call or the command line: an option that does not exist, chunks that do not fit
//   InputError         3  the input: a missing file, variable or dimension, a corrupt one, a kind that we do not read
//   StorageError       4  the system under us: a full disk, a failing read, a foreign lock
//   MemoryRefused      5  the plan needs more memory than the budget
//   Stopped           75  the user asked for an end
//   InternalError     70  a bug of Dunlin
//
// Every sentence says what was expected, what was found, where (rank, layer, chunk, file), and what to do. One struct
// per fault, deriving from the kind above; small ones live beside the code that throws them.

#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <string>

namespace dunlin {

enum class ErrorCode : std::int32_t {
  none = 0,
  usage = 2,
  input = 3,
  storage = 4,
  memory = 5,
  internal = 70,
  stopped = 75,
};

/// The caller, the input or the machine is at fault; the message tells the caller what to change.
struct UserError : std::runtime_error {
  UserError(ErrorCode code, const std::string& sentence) : std::runtime_error(sentence), code(code) {}
  ErrorCode code;
};

struct UsageError : UserError {
  explicit UsageError(const std::string& sentence) : UserError(ErrorCode::usage, sentence) {}
};
struct InputError : UserError {
  explicit InputError(const std::string& sentence) : UserError(ErrorCode::input, sentence) {}
};
struct StorageError : UserError {
  explicit StorageError(const std::string& sentence) : UserError(ErrorCode::storage, sentence) {}
};
struct MemoryRefused : UserError {
  explicit MemoryRefused(const std::string& sentence) : UserError(ErrorCode::memory, sentence) {}
};
struct Stopped : UserError {
  explicit Stopped(const std::string& sentence) : UserError(ErrorCode::stopped, sentence) {}
};

/// A bug of Dunlin.
struct InternalError : std::logic_error {
  explicit InternalError(const std::string& sentence)
      : std::logic_error(sentence + " (a bug of Dunlin: please report it)") {}
};

/// Throws InternalError naming `what` where a promise between rooms is broken.
inline void require(bool promise, const char* what) {
  if (!promise) throw InternalError(what);
}

/// The code that an exception ends the program with: a UserError's own, `memory` for bad_alloc, else `internal`.
ErrorCode code_of(const std::exception& error) noexcept;

/// "lattitude" among {latitude, longitude} → "; did you mean 'latitude'?"; empty where nothing is near: at most a third
/// of the longer word may differ, in short words one letter, but never all.
template <class Names>
std::string nearest_hint(const std::string& typed, const Names& names);

/// Number of insertions, deletions, replacements and swaps of neighbours between two words.
int edit_distance(const std::string& a, const std::string& b);

template <class Names>
std::string nearest_hint(const std::string& typed, const Names& names) {
  int best = static_cast<int>(typed.size()) + 1;
  std::string hint;
  for (const std::string& name : names) {
    const int length = static_cast<int>(std::max(typed.size(), name.size()));
    const int distance = edit_distance(typed, name);
    const bool near = distance < length && distance <= std::max(1, length / 3);
    if (near && distance < best) best = distance, hint = "; did you mean '" + name + "'?";
  }
  return hint;
}

}  // namespace dunlin
