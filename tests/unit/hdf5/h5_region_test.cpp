// Parts move between blocks and files exactly: every element of the part, nothing else, in as few runs as possible.

#include "hdf5/h5_region.hpp"

#include <gtest/gtest.h>

#include "conformance/io/stored_array_conformance.hpp"
#include "support/temporary_folder.hpp"

namespace dunlin::test {
namespace {

TEST(H5Region, RunsAreAsLongAsBothBlocksAllow) {
  struct Case {
    const char* why;
    Box part, a, b;
    int runs;
  };
  const Case cases[] = {
      {"0-d", {{}, {}}, {{}, {}}, {{}, {}}, 1},
      {"the whole of both", {{0, 0}, {4, 6}}, {{0, 0}, {4, 6}}, {{0, 0}, {4, 6}}, 1},
      {"whole rows", {{2, 0}, {4, 6}}, {{0, 0}, {4, 6}}, {{2, 0}, {4, 6}}, 1},
      {"parts of rows", {{2, 0}, {4, 3}}, {{0, 0}, {4, 6}}, {{2, 0}, {4, 3}}, 2},
      {"a block narrower than the other", {{0, 2}, {4, 4}}, {{0, 0}, {4, 6}}, {{0, 2}, {4, 4}}, 4},
      {"one plane of three axes", {{1, 0, 0}, {2, 4, 5}}, {{0, 0, 0}, {3, 4, 5}}, {{1, 0, 0}, {2, 4, 5}}, 1},
  };
  for (const Case& one : cases) {
    SCOPED_TRACE(one.why);
    int runs = 0;
    std::int64_t elements = 0;
    for_each_run(one.part, one.a, one.b, [&](std::int64_t, std::int64_t, std::int64_t count) {
      ++runs;
      elements += count;
    });
    EXPECT_EQ(runs, one.runs);
    EXPECT_EQ(elements, one.part.count());
  }
}

/// Reads and copies random parts of an array of two-byte elements that lies at byte 100 of a file.
void expect_parts_agree(const std::string& path, const Shape& shape) {
  std::vector<std::byte> values(static_cast<std::size_t>(product(shape)) * 2);
  for (std::size_t k = 0; k < values.size(); ++k) values[k] = static_cast<std::byte>(k * 31 % 251);
  {
    PosixFile file = PosixFile::create(path);
    file.write_at(100, values);
    file.close();
  }
  const PosixFile file = PosixFile::open_read(path);
  std::mt19937 random(7);
  for (int k = 0; k < 200; ++k) {
    const Box box = random_box(shape, random), part = intersection(box, random_box(shape, random));
    if (part.empty()) continue;
    BufferPool pool;
    std::vector<std::byte> by_file(static_cast<std::size_t>(box.count()) * 2), by_copy(by_file);
    read_part(file, 100, Box::whole(shape), {by_file, box, 2}, part, 2, pool);
    copy_part({values, Box::whole(shape), 2}, {by_copy, box, 2}, part, 2);
    ASSERT_EQ(by_file, by_copy) << to_string(part) << " of " << to_string(box);
    EXPECT_LE(pool.peak_lent_bytes(), read_part_scratch(static_cast<std::int64_t>(values.size())));
    std::vector<std::byte> part_only(static_cast<std::size_t>(part.count()) * 2);
    copy_part({by_copy, box, 2}, {part_only, part, 2}, part, 2);  // reversed twice
    EXPECT_EQ(part_only, cut_out(values, shape, 2, part));
  }
}

TEST(H5Region, RandomPartsAreReadAsCopyingThemWould) {
  const TemporaryFolder folder;
  for (const Shape& shape : std::vector<Shape>{{7, 6, 5}, {90}, {4, 1, 3, 5}, {3, 20'000}}) {
    SCOPED_TRACE(to_string(shape));
    expect_parts_agree(folder / "bytes", shape);
  }
}

TEST(H5Region, ASingleRunIsTheMemoryOfThePart) {
  std::vector<std::byte> bytes(24);
  const Block block{bytes, {{2, 0}, {6, 6}}, 1};
  EXPECT_EQ(single_run(block, {{3, 0}, {5, 6}}).data(), bytes.data() + 6);
  EXPECT_EQ(single_run(block, {{3, 0}, {5, 6}}).size(), 12U);
  EXPECT_TRUE(single_run(block, {{3, 0}, {5, 5}}).empty());
}

}  // namespace
}  // namespace dunlin::test
