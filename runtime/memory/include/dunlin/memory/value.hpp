#pragma once
// What a task yields, with its own size, since for some layers only the run tells. Three forms:
//
//   bytes    an array chunk: row-major, in this machine's byte order; shape and dtype are known from the graph, so
//            nothing is serialised. Owned, or shared with others that hold the same chunk (a persisted array)
//   lent     the same, but in memory that somebody else owns, in any strides: never copied into, never freed
//   object   any C++ object, with the `ValueOps` that can size, write and read it
//
//   Value(pool.allocate(800))                                        owned
//   Value::lent({.data = field, .strides = {8 * nx, 8}, .bytes = n}) a simulation's field
//   Value::object(std::make_shared<Histogram>(h), ops)
//
// Threading: values are moved between threads, not used by two at once for writing. Copies do not exist; `share` makes
// a second value of one that is not owned alone, which any threads may do at once.

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <typeinfo>
#include <utility>

#include "dunlin/base/coords.hpp"
#include "dunlin/memory/buffer.hpp"

namespace dunlin {

/// How objects of one type are carried: the run and the transport see bytes only. Implementations are constants that
/// outlive every value. An implementation over Boost.Serialization is an opt-in header of the collections.
class ValueOps {
 public:
  virtual ~ValueOps() = default;
  virtual const std::type_info& type() const = 0;
  /// Bytes that `write` makes of it: also what it counts in the budget.
  virtual std::size_t size(const void* object) const = 0;
  /// Fills exactly `size` bytes.
  virtual void write(const void* object, std::span<std::byte> into) const = 0;
  /// Inverse of write. Throws InternalError or a user error where the bytes say nothing.
  virtual std::shared_ptr<const void> read(std::span<const std::byte> from) const = 0;
};

/// Memory of somebody else. `owner` is held for as long as any value refers to the memory; its end tells the lender.
struct LentMemory {
  const std::byte* data = nullptr;
  /// Bytes from one element to the next along each axis, may be negative; none: packed, row-major.
  Coords strides{};
  /// Of all elements together, as if packed.
  std::size_t bytes = 0;
  std::shared_ptr<const void> owner{};
};

class Value {
 public:
  Value() noexcept;
  explicit Value(Buffer buffer);
  /// One chunk that several holders read.
  static Value shared(std::shared_ptr<const Buffer> buffer);
  static Value lent(LentMemory memory);
  /// Precondition: `object` is of the type of `ops`, which outlives the value.
  static Value object(std::shared_ptr<const void> object, const ValueOps& ops);

  Value(Value&& other) noexcept;
  Value& operator=(Value&& other) noexcept;
  ~Value();

  bool empty() const { return form_ == Form::nothing; }
  /// True where the bytes lie packed (all but objects and lent memory in strides).
  bool is_packed() const { return form_ == Form::owned || (form_ == Form::held && strides().empty()); }
  bool is_object() const { return form_ == Form::object; }
  /// The packed bytes. Precondition: is_packed(), or nothing: then none.
  std::span<const std::byte> bytes() const { return {data_, form_ == Form::object ? 0 : size_}; }
  /// First element and strides (none where packed) of what is not an object.
  const std::byte* data() const { return data_; }
  const Coords& strides() const;
  /// Bytes as they count in a budget and in a message.
  std::size_t size() const { return size_; }
  /// Bytes of the budget that die with this value: none for shared and lent ones.
  std::size_t owned_bytes() const { return form_ == Form::owned || form_ == Form::object ? size_ : 0; }

  /// The object. Precondition: is_object().
  const void* get() const;
  const ValueOps& ops() const;

  /// An owned buffer becomes a shared one; others stay as they are. The bytes do not move.
  void make_shared();
  /// Another value of the same chunk, which shares its memory. Precondition: not owned alone, not nothing.
  Value share() const;

 private:
  enum class Form : std::uint8_t { nothing, owned, held, object };
  struct Held;
  Form form_ = Form::nothing;
  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
  Buffer buffer_;
  std::unique_ptr<Held> held_;
};

}  // namespace dunlin
