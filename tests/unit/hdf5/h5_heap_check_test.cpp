// A global heap passes only where its objects fill it without leaving it.

#include "hdf5/h5_heap_check.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace dunlin::test {
namespace {

struct Object {
  std::uint64_t index, length;  // length as it is claimed
};

std::vector<std::byte> collection(std::size_t size, const std::vector<Object>& objects, std::size_t length_size = 8) {
  std::vector<std::byte> bytes(size);
  const auto put = [&](std::size_t at, std::uint64_t value, std::size_t count) {
    for (std::size_t k = 0; k < count && at + k < size; ++k) bytes[at + k] = static_cast<std::byte>(value >> (8 * k));
  };
  for (std::size_t k = 0; k < 4; ++k) bytes[k] = static_cast<std::byte>("GCOL"[k]);
  put(4, 1, 1);
  put(8, size, length_size);
  std::size_t at = 8 + length_size;
  for (const Object& object : objects) {
    put(at, object.index, 2);
    put(at + 8, object.length, length_size);
    at += object.index == 0 ? object.length : 8 + length_size + (object.length + 7) / 8 * 8;
  }
  return bytes;
}

TEST(H5HeapCheck, SoundnessIsDecidedByWhereSizesLead) {
  struct Case {
    const char* why;
    std::vector<std::byte> bytes;
    bool sound;
  };
  const Case cases[] = {
      {"free space alone", collection(64, {{0, 48}}), true},
      {"objects, padding and free space", collection(96, {{1, 5}, {2, 8}, {0, 32}}), true},
      {"a rest too short for a header is free", collection(72, {{1, 32}}), true},
      {"objects that fill it exactly", collection(64, {{1, 32}}), true},
      {"lengths of four bytes, as in old files", collection(48, {{1, 8}, {0, 16}}, 4), true},
      {"an object longer than the rest", collection(64, {{1, 40}}), false},
      {"a length near 2^64, which wraps when it is padded", collection(64, {{1, ~std::uint64_t{0}}}), false},
      {"free space of no length, which would never end", collection(64, {{0, 0}}), false},
      {"free space longer than the rest", collection(64, {{0, 56}}), false},
  };
  for (const Case& one : cases) {
    SCOPED_TRACE(one.why);
    EXPECT_TRUE(is_global_heap(one.bytes));
    EXPECT_EQ(is_sound_global_heap(one.bytes, one.bytes.size() == 48 ? 4 : 8), one.sound);
  }
}

TEST(H5HeapCheck, OtherBytesAreNoHeap) {
  EXPECT_FALSE(is_global_heap(std::vector<std::byte>(64)));
  EXPECT_FALSE(is_global_heap(collection(8, {}))) << "too short to say its size";
}

}  // namespace
}  // namespace dunlin::test
