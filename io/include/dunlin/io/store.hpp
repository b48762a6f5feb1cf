#pragma once
// A flat space of keys with bytes: where Zarr keeps its chunks and metadata.
//
// Keys are relative paths with "/" between parts ("air_temperature/c/0/1/0"); a key that could leave the store (an
// empty part, ".", "..", a leading slash, a NUL or backslash) is refused with BadKey by every implementation.
// Implementations: a folder, memory, and a wrapper that injects faults.
//
// Threading: all functions from any thread at once, as long as no two write the same key.
// Errors: StorageError (IoFailure) from the system; a missing key is not an error of `size` and `read_all`.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "dunlin/base/error.hpp"

namespace dunlin {

/// A key that is malformed or would lead outside the store.
struct BadKey : InputError {
  explicit BadKey(const std::string& key);
  std::string key;
};

/// Where a key's value should be, or a prefix of the key, lies something else: a folder, a pipe, a link to nothing, a
/// value where a folder should be. Not the same as a missing key: what was stored there is out of reach.
struct NoValue : StorageError {
  /// `found` as in "is a folder".
  NoValue(const std::string& location, const std::string& found);
  std::string location;
};

class Store {
 public:
  virtual ~Store() = default;
  /// Bytes under a key; nothing where there is no such key. Throws NoValue.
  virtual std::optional<std::uint64_t> size(const std::string& key) const = 0;
  /// Fills `into` from `offset`. Throws EndOfFile where the value is shorter, InputError where the key is missing.
  virtual void read(const std::string& key, std::uint64_t offset, std::span<std::byte> into) const = 0;
  /// Sets a key's value as a whole, making what the key needs above it. What the system says later of its bytes (a
  /// quota, a failing disk) is thrown by a later `write`, whatever its key, or by `sync`.
  virtual void write(const std::string& key, std::span<const std::byte> bytes) = 0;
  /// Names directly below a prefix ("" or "group"), sorted; sub-prefixes end in "/".
  virtual std::vector<std::string> list(const std::string& prefix) const = 0;
  /// True where any key but `but` lies below a prefix, at any depth: stops at the first.
  virtual bool holds_more_than(const std::string& prefix, const std::string& but) const = 0;
  /// Makes everything written so far through this object durable, values and names. While nobody writes.
  virtual void sync() = 0;
  /// For messages: the path on disk of a key, or "memory:key".
  virtual std::string location(const std::string& key) const = 0;

  /// The whole value, at most `limit` bytes, else InputError; nothing where there is no such key.
  std::optional<std::vector<std::byte>> read_all(const std::string& key, std::uint64_t limit) const;
};

/// Throws BadKey unless the key is well-formed.
void check_key(const std::string& key);

std::shared_ptr<Store> make_filesystem_store(const std::string& root);
std::shared_ptr<Store> make_memory_store();

/// Which call of a store fails, and how: the n-th call (from 0) of this kind, and all later ones if `all_later`.
struct StoreFault {
  enum class Call { read, write, list, size, sync } call;
  std::int64_t nth = 0;
  int error = 28;  // errno, ENOSPC here
  bool all_later = false;
};
/// For tests: passes calls on to `below` and counts them by kind. A call that is due fails with IoFailure and the
/// fault's errno; a failing write leaves the first half of its bytes below, as a full disk does.
std::shared_ptr<Store> make_fault_store(std::shared_ptr<Store> below, std::vector<StoreFault> faults);

}  // namespace dunlin
