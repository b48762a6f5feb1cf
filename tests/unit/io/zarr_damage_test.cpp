// A failing store and damaged chunks: an error each time, naming file and chunk; never a crash, never a wrong value
// that a checksum could have found.

#include <gtest/gtest.h>

#include "dunlin/base/posix_file.hpp"
#include "dunlin/io/codec.hpp"
#include "zarr_fixture.hpp"

namespace dunlin {
namespace {

using test::bytes_of;
using Call = StoreFault::Call;
using Bytes = std::vector<std::byte>;

constexpr std::int64_t kRows = 7, kColumns = 5;

Bytes content() {
  std::vector<std::int32_t> values;
  for (int k = 0; k < kRows * kColumns; ++k) values.push_back(k * k);
  return bytes_of(values);
}

NewGroup new_group() {
  ArrayDescription description;
  description.name = "g/x";
  description.dtype = DType::int32;
  description.grid = ChunkGrid::regular({kRows, kColumns}, {3, 5});
  return {.arrays = {{description}}};
}

void write(const std::shared_ptr<Store>& store, const std::string& codec) {
  const auto writer = make_zarr3_writer(store, new_group(), parse_codec(codec));
  BufferPool pool;
  writer->create();
  ArrayWriter& array = *writer->arrays()[0];
  const Bytes all = content();
  array.object_grid().all().for_each([&](const ChunkIndex& object) {
    const Box box = array.object_grid().box(object);  // whole rows
    const auto raw = std::span(all).subspan(static_cast<std::size_t>(box.begin[0] * kColumns * 4),
                                            static_cast<std::size_t>(box.count() * 4));
    array.put(object, {}, array.encode(object, raw, pool).bytes());
  });
  store->sync();
  writer->finish();
}

Bytes read(const std::shared_ptr<Store>& store) {
  const StoredGroup group = open_zarr(store, "memory", "");
  Bytes out(content().size());
  BufferPool pool;
  group.arrays.at(0)->read(Box::whole({kRows, kColumns}), {.pool = &pool}, out);
  return out;
}

TEST(ZarrFaults, EveryFailingCallOfWritingIsAnError) {
  for (const char* codec : {"none", "blosc-lz4"})
    for (const Call call : {Call::write, Call::sync}) {
      std::int64_t failures = 0;
      for (std::int64_t nth = 0;; ++nth) {
        const auto below = make_memory_store();
        const auto store = make_fault_store(below, {{call, nth, 28, false}});
        try {
          write(store, codec);
        } catch (const IoFailure& failure) {
          EXPECT_EQ(failure.error, 28);
          ++failures;
          continue;
        }
        EXPECT_EQ(read(below), content()) << "no call failed, so all is there";
        break;
      }
      // Root, group, array, three chunks; a sync; root again, and its sync.
      EXPECT_EQ(failures, call == Call::write ? 7 : 2);
    }
}

TEST(ZarrFaults, EveryFailingCallOfReadingIsAnErrorAndNeverAWrongValue) {
  for (const bool consolidated : {true, false}) {
    const auto below = make_memory_store();
    write(below, "zstd:3");
    if (!consolidated) test::put(*below, "zarr.json", test::group_node().dump());
    for (const Call call : {Call::read, Call::size, Call::list}) {
      std::int64_t failures = 0;
      for (std::int64_t nth = 0;; ++nth) {
        const auto store = make_fault_store(below, {{call, nth, 5, false}});
        try {
          EXPECT_EQ(read(store), content());
          break;
        } catch (const IoFailure& failure) {
          EXPECT_EQ(failure.error, 5);
          ++failures;
        }
      }
      EXPECT_GE(failures, call != Call::list ? 4 : consolidated ? 0 : 2);
    }
  }
}

// Reads with chunk (1, 0) replaced; the sentence of the error, or nothing where it was read.
std::string damage(const std::shared_ptr<Store>& store, const Bytes& chunk, Bytes& out) {
  store->write("g/x/c/1/0", chunk);
  try {
    out = read(store);
    return "";
  } catch (const BadData& error) {
    return error.what();
  }
}

TEST(ZarrDamage, TruncatedChunksAreNamed) {
  const std::string start = "memory:g/x/c/1/0: chunk (1, 0) of array 'g/x' is damaged: ";
  for (const char* codec : {"none", "blosc-lz4", "blosc-zstd", "zstd", "gzip"}) {
    const auto store = make_memory_store();
    write(store, codec);
    const Bytes good = *store->read_all("g/x/c/1/0", 1 << 20);
    Bytes out;
    for (std::size_t size = 0; size < good.size(); ++size) {
      const std::string message =
          damage(store, Bytes(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size)), out);
      EXPECT_TRUE(message.starts_with(start)) << codec << ", " << size << " bytes: " << message;
    }
    Bytes longer = good;
    longer.push_back(std::byte{0});
    EXPECT_TRUE(damage(store, longer, out).starts_with(start)) << codec << ": one byte more";
    longer.resize(1 << 20);
    EXPECT_TRUE(damage(store, longer, out).starts_with(start)) << codec << ": far more than any encoding";
    EXPECT_EQ(damage(store, good, out), "");
    EXPECT_EQ(out, content());
  }
  const auto store = make_memory_store();
  write(store, "none");
  Bytes out;
  EXPECT_EQ(damage(store, Bytes(59), out), start + "has 59 bytes where 60 are promised");
}

TEST(ZarrDamage, ChangedBitsNeverCrashAndNeverPassAChecksum) {
  for (const char* codec : {"none", "blosc-lz4", "blosc-zstd", "zstd", "gzip"}) {
    const auto store = make_memory_store();
    write(store, codec);
    const Bytes good = *store->read_all("g/x/c/1/0", 1 << 20);
    for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
      Bytes changed = good, out;
      changed[bit / 8] ^= std::byte(1 << bit % 8);
      const bool accepted = damage(store, changed, out).empty();
      if (accepted) {
        EXPECT_EQ(out.size(), content().size());
      }
      if (accepted && codec == std::string("gzip")) {
        EXPECT_EQ(out, content()) << "bit " << bit << " is of the header that nobody checks";
      }
    }
  }
}

TEST(ZarrDamage, AHugeChunkShapeTakesNoMemoryForASmallFile) {
  test::TestJson node = test::array_node();
  node["chunk_grid"]["configuration"]["chunk_shape"] = {std::int64_t{1} << 40, 1024};
  const auto store = make_memory_store();
  test::put(*store, "x/c/0/0", "abcd");
  const StoredGroup group = test::open_with(store, node);
  Bytes out(4);
  BufferPool pool;
  EXPECT_THROW(group.arrays.at(0)->read({{0, 0}, {1, 1}}, {.pool = &pool}, out), BadData);
  EXPECT_EQ(pool.peak_lent_bytes(), 0u);
}

}  // namespace
}  // namespace dunlin
