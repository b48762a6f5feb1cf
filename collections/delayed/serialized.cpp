#include "dunlin/delayed/serialized.hpp"

#include <algorithm>
#include <string>

namespace dunlin {

BadObject::BadObject(const std::type_info& type, std::size_t bytes, const char* why)
    : InternalError(std::to_string(bytes) + " bytes are no object of type " + type.name() + ": " + why) {}

ByteStream::ByteStream(std::span<std::byte> into) : into_(into), counts_only_(false) {}

ByteStream::ByteStream(std::span<const std::byte> from) : counts_only_(false) {
  // A stream buffer wants its input writable, and does not write to it.
  char* begin = const_cast<char*>(reinterpret_cast<const char*>(from.data()));
  setg(begin, begin, begin + from.size());
}

ByteStream::int_type ByteStream::overflow(int_type character) {
  if (traits_type::eq_int_type(character, traits_type::eof())) return traits_type::not_eof(character);
  const char byte = traits_type::to_char_type(character);
  return xsputn(&byte, 1) == 1 ? character : traits_type::eof();
}

std::streamsize ByteStream::xsputn(const char* bytes, std::streamsize count) {
  const auto wanted = static_cast<std::size_t>(count);
  const std::size_t taken = counts_only_ ? wanted : std::min(wanted, into_.size() - written_);
  if (!counts_only_ && taken > 0) std::memcpy(into_.data() + written_, bytes, taken);
  written_ += taken;
  return static_cast<std::streamsize>(taken);
}

}  // namespace dunlin
