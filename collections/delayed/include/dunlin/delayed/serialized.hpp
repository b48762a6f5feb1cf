#pragma once
// How C++ objects of any type travel between ranks and are set aside: as they are in memory where they are trivially
// copyable, else through Boost.Serialization.
//
//   struct Histogram { std::vector<double> counts;
//                      template <class Archive> void serialize(Archive& a, unsigned) { a & counts; } };
//   const ValueOps& ops = serialized_ops<Histogram>();
//   Value value = Value::object(std::make_shared<const Histogram>(h), ops);      object_of<Histogram>(value)
//
// Opt-in: this header brings Boost's archives into whatever includes it, and is no part of dunlin.hpp. Types of the
// standard library need their boost/serialization/….hpp included by the user as well.
//
//   message := bytes of a trivially copyable object | binary archive without header (one build, one kind of machine)
//
// Objects cross ranks of one program only: the format is no file format.

#include <boost/archive/binary_iarchive.hpp>
#include <boost/archive/binary_oarchive.hpp>
#include <cstring>
#include <memory>
#include <span>
#include <streambuf>
#include <type_traits>
#include <typeinfo>

#include "dunlin/memory/value.hpp"

namespace dunlin {

/// Bytes that were to be an object of some type are none: a bug, or memory that was written over.
struct BadObject : InternalError {
  BadObject(const std::type_info& type, std::size_t bytes, const char* why);
};

/// A stream buffer over memory that only counts, writes into a span, or reads from one.
class ByteStream final : public std::streambuf {
 public:
  ByteStream() = default;
  explicit ByteStream(std::span<std::byte> into);
  explicit ByteStream(std::span<const std::byte> from);
  /// Bytes written so far.
  std::size_t written() const { return written_; }

 protected:
  int_type overflow(int_type character) override;
  std::streamsize xsputn(const char* bytes, std::streamsize count) override;

 private:
  std::span<std::byte> into_{};
  bool counts_only_ = true;
  std::size_t written_ = 0;
};

template <class T>
class SerializedOps final : public ValueOps {
 public:
  const std::type_info& type() const override { return typeid(T); }
  std::size_t size(const void* object) const override {
    if constexpr (std::is_trivially_copyable_v<T>) {
      return sizeof(T);
    } else {
      ByteStream count;
      save(count, object);
      return count.written();
    }
  }
  void write(const void* object, std::span<std::byte> into) const override {
    if constexpr (std::is_trivially_copyable_v<T>) {
      std::memcpy(into.data(), object, sizeof(T));
    } else {
      ByteStream stream(into);
      save(stream, object);
      require(stream.written() == into.size(), "an object is as large when it is written as when it was asked");
    }
  }
  std::shared_ptr<const void> read(std::span<const std::byte> from) const override {
    auto object = std::make_shared<T>();
    if constexpr (std::is_trivially_copyable_v<T>) {
      if (from.size() != sizeof(T)) throw BadObject(typeid(T), from.size(), "another size was expected");
      std::memcpy(object.get(), from.data(), sizeof(T));
    } else {
      try {
        ByteStream stream(from);
        boost::archive::binary_iarchive archive(stream, boost::archive::no_header);
        archive >> *object;
      } catch (const boost::archive::archive_exception& error) {
        throw BadObject(typeid(T), from.size(), error.what());
      }
    }
    return object;
  }

 private:
  static void save(ByteStream& stream, const void* object) {
    boost::archive::binary_oarchive archive(stream, boost::archive::no_header);
    archive << *static_cast<const T*>(object);
  }
};

/// The operations of T, which is default constructible, and trivially copyable or serialisable by Boost.
template <class T>
const ValueOps& serialized_ops() {
  static const SerializedOps<T> ops;
  return ops;
}

/// The object in a value. Throws BadObject where it is of another type.
template <class T>
const T& object_of(const Value& value) {
  if (value.ops().type() != typeid(T)) throw BadObject(typeid(T), value.size(), value.ops().type().name());
  return *static_cast<const T*>(value.get());
}

}  // namespace dunlin
