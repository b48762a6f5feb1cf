// Stored arrays as sources: whatever the chunks asked for, the values are the file's, on any number of ranks; damage is
// every rank's error, with the place.

#include <filesystem>
#include <fstream>

#include "../hdf5/h5_fixture.hpp"
#include "dunlin/base/box_copy.hpp"
#include "dunlin/graph/selection.hpp"
#include "storage_fixture.hpp"

namespace dunlin::test {
namespace {

struct ChunksCase {
  const char* why;
  Shape shape;
  ChunkGrid stored, read;
};

const ChunksCase kChunks[] = {
    {"the stored ones", {7, 5}, ChunkGrid::regular({7, 5}, {2, 3}), ChunkGrid::regular({7, 5}, {2, 3})},
    {"several stored ones each", {7, 5}, ChunkGrid::regular({7, 5}, {2, 3}), ChunkGrid::regular({7, 5}, {4, 5})},
    {"cuts through stored ones", {7, 5}, ChunkGrid::regular({7, 5}, {3, 4}), ChunkGrid::regular({7, 5}, {2, 3})},
    {"ragged", {7, 5}, ChunkGrid::regular({7, 5}, {2, 2}), ChunkGrid::ragged({{1, 4, 2}, {3, 1, 1}})},
    {"single elements", {3, 2}, ChunkGrid::regular({3, 2}, {2, 2}), ChunkGrid::regular({3, 2}, {1, 1})},
    {"the whole", {7, 5}, ChunkGrid::regular({7, 5}, {1, 1}), ChunkGrid::single({7, 5})},
    {"one axis", {9}, ChunkGrid::regular({9}, {4}), ChunkGrid::regular({9}, {2})},
    {"nothing", {0, 5}, ChunkGrid::regular({0, 5}, {2, 2}), ChunkGrid::regular({0, 5}, {1, 3})},
};

TEST(ReadLayer, OverZarrGivesTheStoredValuesInAnyChunks) {
  const Watchdog watchdog("reading Zarr");
  const TemporaryFolder folder;
  for_ranks([&](std::unique_ptr<Transport> ranks) {
    Context context(std::move(ranks), {.threads = 2});
    int number = 0;
    for (const auto& [why, shape, stored, read] : kChunks) {
      SCOPED_TRACE(why);
      const WholeArray whole = WholeArray::of(shape, DType::float32);
      const std::string path = folder / (std::to_string(context.size()) + "-" + std::to_string(number++) + ".zarr");
      Shape chunk;
      for (int a = 0; a < stored.rank(); ++a) chunk.push_back(stored.step(a));
      write_one(context, path, whole, chunk, "zstd:1");
      const StoredGroup group = open_group(*context.state(), path);
      ASSERT_EQ(group.arrays.size(), 1u);
      expect_computes(context, read_layer(group.arrays[0], read), whole);
      expect_computes(context, read_layer(group.arrays[0]), whole);
    }
  });
}

/// The values that H5Maker wrote, by the library.
WholeArray library_whole(const std::string& path, const Shape& shape) {
  return {shape, DType::int32, library_values(path, "x", DType::int32)};
}

TEST(ReadLayer, OverHdf5GivesTheStoredValuesInAnyChunks) {
  const Watchdog watchdog("reading HDF5");
  const TemporaryFolder folder;
  int number = 0;
  for (const auto& [why, shape, stored, read] : kChunks) {
    SCOPED_TRACE(why);
    Shape chunk;
    for (int a = 0; a < stored.rank(); ++a) chunk.push_back(stored.step(a));
    for (const bool contiguous : {false, true}) {
      const std::string path = folder / (std::to_string(number++) + ".h5");
      H5Maker file(path);
      file.dataset("x", contiguous ? H5Made{.shape = shape} : H5Made{.shape = shape, .chunk = chunk, .deflate = 1});
      file.close();
      const WholeArray whole = library_whole(path, shape);
      for_ranks([&, &grid = read](std::unique_ptr<Transport> ranks) {
        Context context(std::move(ranks), {.threads = 2});
        const StoredGroup group = open_group(*context.state(), path);
        ASSERT_EQ(group.arrays.size(), 1u);
        expect_computes(context, read_layer(group.arrays[0], grid), whole);
        expect_computes(context, read_layer(group.arrays[0]), whole);
      });
    }
  }
}

/// What a selection takes of an array.
WholeArray selected(const WholeArray& whole, const std::vector<AxisSelection>& selections) {
  WholeArray part{{}, whole.dtype, {}};
  for (const AxisSelection& selection : selections) part.shape.push_back(selection.count());
  ChunkBox{Coords(part.shape.size(), 0), part.shape}.for_each([&](const ChunkIndex& at) {
    Coords from;
    for (std::size_t a = 0; a < selections.size(); ++a) from.push_back(selections[a].at(at.at[a]));
    const std::int64_t offset = offset_of(from, Coords(from.size(), 0), row_major_strides(whole.shape));
    const auto element = whole.bytes.begin() + offset * static_cast<std::int64_t>(whole.dtype.size());
    part.bytes.insert(part.bytes.end(), element, element + static_cast<std::int64_t>(whole.dtype.size()));
  });
  return part;
}

const std::vector<std::vector<AxisSelection>> kSelections = {
    {AxisSelection::range(3, 1, 2), AxisSelection::range(1, 1, 3)},
    {AxisSelection::range(0, 3, 3), AxisSelection::all(5)},
    {AxisSelection::range(6, -2, 4), AxisSelection::range(4, -1, 5)},
    {AxisSelection::list({6, 0, 0, 3}), AxisSelection::range(0, 4, 2)},
    {AxisSelection::range(0, 1, 0), AxisSelection::all(5)},
};

TEST(ReadLayer, SelectionsTakeTheStoredValues) {
  const Watchdog watchdog("selections");
  const TemporaryFolder folder;
  const Shape shape{7, 5};
  H5Maker file(folder / "a.h5");
  file.dataset("x", {.shape = shape, .chunk = {2, 3}, .deflate = 1});
  file.close();
  H5Maker rows(folder / "b.h5");
  rows.dataset("x", {.shape = shape});
  rows.close();
  for_ranks([&](std::unique_ptr<Transport> ranks) {
    Context context(std::move(ranks), {.threads = 2});
    const std::string zarr = folder / (std::to_string(context.size()) + ".zarr");
    write_one(context, zarr, library_whole(folder / "a.h5", shape), {2, 3}, "zstd:1");
    for (const std::string& path : {folder / "a.h5", folder / "b.h5", zarr}) {
      const WholeArray whole = library_whole(folder / (path == folder / "b.h5" ? "b.h5" : "a.h5"), shape);
      const StoredGroup group = open_group(*context.state(), path);
      for (const Shape& chunk : {Shape{2, 3}, Shape{3, 2}, Shape{7, 5}, Shape{1, 1}})
        for (const std::vector<AxisSelection>& selections : kSelections) {
          SCOPED_TRACE(path + ", chunks of " + to_string(chunk));
          const LayerPtr layer = read_layer(group.arrays[0], ChunkGrid::regular(shape, chunk));
          expect_computes(context, SelectionLayer::make("select", layer, selections), selected(whole, selections));
        }
    }
  });
}

TEST(ReadLayer, OfASelectionOnlyWhatIsSelectedIsRead) {
  const Watchdog watchdog("bytes of selections");
  const TemporaryFolder folder;
  const Shape shape{100, 50};
  H5Maker file(folder / "a.h5");
  file.dataset("x", {.shape = shape});  // in one piece
  file.close();
  for_ranks([&](std::unique_ptr<Transport> ranks) {
    Context context(std::move(ranks), {.threads = 2});
    const StoredGroup group = open_group(*context.state(), folder / "a.h5");
    const LayerPtr layer = read_layer(group.arrays[0], ChunkGrid::regular(shape, {10, 50}));
    const RunReport report = context.compute({write_nothing(
        SelectionLayer::make("select", layer, {AxisSelection::range(15, 1, 20), AxisSelection::range(7, 1, 2)}))});
    EXPECT_EQ(report.bytes_decoded, 20 * 2 * 4);
    EXPECT_LT(report.bytes_read, 100 * 50 * 4 / 4) << "rows 15 to 34, not all of them";
  });
}

TEST(ReadLayer, OverHdf5TakesItsIndexInPages) {
  const Watchdog watchdog("index pages");
  const TemporaryFolder folder;
  const Shape shape{5000, 5};
  H5Maker file(folder / "a.h5");
  file.dataset("x", {.shape = shape, .chunk = {1, 2}});  // 15,000 chunks: four pages of 4,096
  file.close();
  const WholeArray whole = library_whole(folder / "a.h5", shape);
  for_ranks([&](std::unique_ptr<Transport> ranks) {
    Context context(std::move(ranks), {.threads = 2});
    const StoredGroup group = open_group(*context.state(), folder / "a.h5");
    for (const Shape& chunk : {Shape{1, 5}, Shape{7, 3}, Shape{1, 1}, Shape{1700, 5}, Shape{5000, 1}}) {
      SCOPED_TRACE(to_string(chunk));
      const LayerPtr layer = read_layer(group.arrays[0], ChunkGrid::regular(shape, chunk));
      ASSERT_EQ(layer->inputs().size(), 1u);
      EXPECT_GT(layer->inputs()[0]->output().grid.count(), 1) << "several pages";
      EXPECT_LE(layer->inputs()[0]->output().largest_bytes(), 3 * 65536);
      expect_computes(context, layer, whole);
    }
  });
}

TEST(ReadLayer, CountsTheBytesThatItTookFromFiles) {
  const Watchdog watchdog("counting");
  const TemporaryFolder folder;
  for_ranks([&](std::unique_ptr<Transport> ranks) {
    Context context(std::move(ranks), {.threads = 2});
    const WholeArray whole = WholeArray::of({6, 4}, DType::int16);
    const std::string path = folder / (std::to_string(context.size()) + ".zarr");
    EXPECT_EQ(write_one(context, path, whole, {2, 4}).bytes_written, 6 * 4 * 2);
    const StoredGroup group = open_group(*context.state(), path);
    NewGroup copy;
    copy.arrays.push_back(new_array("x", whole, {2, 4}));
    NewStore store(context.state(), path + "2", copy, parse_codec("none"), false, {path});
    const RunReport report = store.write({read_layer(group.arrays[0])});
    EXPECT_EQ(report.bytes_read, 6 * 4 * 2);
    EXPECT_EQ(report.bytes_decoded, 6 * 4 * 2);
    EXPECT_EQ(report.bytes_written, 6 * 4 * 2);
  });
}

struct Damage {
  const char* why;
  std::function<void(const std::string& path)> happens;
};

const Damage kDamages[] = {
    {"cut off", [](const std::string& path) { std::filesystem::resize_file(path, 5); }},
    {"longer than it may be", [](const std::string& path) { std::filesystem::resize_file(path, 1 << 20); }},
    {"emptied", [](const std::string& path) { std::filesystem::resize_file(path, 0); }},
};

TEST(ReadLayer, ADamagedZarrChunkIsAnInputErrorNamingFileArrayAndChunkOnAllRanks) {
  const Watchdog watchdog("damaged Zarr");
  const TemporaryFolder folder;
  for (const char* codec : {"none", "blosc-lz4", "zstd:1", "gzip:1"})
    for (const Damage& damage : kDamages) {
      SCOPED_TRACE(std::string(codec) + ", " + damage.why);
      const std::string path = folder / (std::string(codec).substr(0, 4) + damage.why + ".zarr");
      const WholeArray whole = WholeArray::of({12, 4}, DType::float64);
      {
        Context alone({.threads = 1});
        write_one(alone, path, whole, {3, 4}, codec);
      }
      damage.happens(path + "/x/c/2/0");
      for_ranks([&](std::unique_ptr<Transport> ranks) {
        Context context(std::move(ranks), {.threads = 2});
        const StoredGroup group = open_group(*context.state(), path);
        const LayerPtr layer = read_layer(group.arrays[0], ChunkGrid::regular(whole.shape, {3, 4}));
        const auto error = rank_error_of([&] { expect_computes(context, layer, whole); });
        ASSERT_TRUE(error);
        EXPECT_EQ(error->code, ErrorCode::input);
        EXPECT_EQ(error->layer, "read x");
        EXPECT_EQ(error->chunk, "(2, 0)");
        for (const std::string& part : {path + "/x/c/2/0", std::string("chunk (2, 0) of array 'x'")})
          EXPECT_NE(std::string(error->what()).find(part), std::string::npos) << error->what();
      });
    }
}

TEST(ReadLayer, ADamagedHdf5FileIsAnInputErrorNamingFileArrayAndChunkOnAllRanks) {
  const Watchdog watchdog("damaged HDF5");
  const TemporaryFolder folder;
  const std::string path = folder / "a.h5";
  H5Maker file(path);
  file.dataset("x", {.shape = {40, 50}, .chunk = {10, 50}, .deflate = 1, .fletcher32 = true});
  file.close();
  // The last chunk's bytes are overwritten, wherever they lie.
  {
    const StoredGroup group = open_stored(path);
    ChunkExtent extent;
    group.arrays[0]->load_index({{3, 0}, {4, 1}}, {&extent, 1});
    std::fstream bytes(path, std::ios::in | std::ios::out | std::ios::binary);
    bytes.seekp(static_cast<std::streamoff>(extent.address + extent.size / 2));
    bytes << "damaged";
  }
  for_ranks([&](std::unique_ptr<Transport> ranks) {
    Context context(std::move(ranks), {.threads = 2});
    const StoredGroup group = open_group(*context.state(), path);
    const WholeArray any = WholeArray::of({40, 50}, DType::int32);
    const LayerPtr layer = read_layer(group.arrays[0], ChunkGrid::regular(any.shape, {10, 50}));
    const auto sink = [&] {  // what comes is not looked at
      context.compute({write_nothing(layer)});
    };
    const auto error = rank_error_of(sink);
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code, ErrorCode::input);
    EXPECT_EQ(error->chunk, "(3, 0)");
    for (const std::string& part : {path, std::string("(3, 0)"), std::string("x")})
      EXPECT_NE(std::string(error->what()).find(part), std::string::npos) << error->what();
  });
}

TEST(ReadLayer, AFileThatVanishedIsEveryRanksError) {
  const Watchdog watchdog("vanished input");
  const TemporaryFolder folder;
  for_ranks([&](std::unique_ptr<Transport> ranks) {
    Context context(std::move(ranks), {.threads = 2});
    const WholeArray whole = WholeArray::of({12}, DType::int32);
    const std::string path = folder / (std::to_string(context.size()) + ".zarr");
    write_one(context, path, whole, {3});
    const StoredGroup group = open_group(*context.state(), path);
    context.state()->on_one_rank("removing the input", [&] {
      std::filesystem::remove_all(path);
      return std::vector<std::byte>();
    });
    const auto error = rank_error_of([&] { context.compute({write_nothing(read_layer(group.arrays[0]))}); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code, ErrorCode::input);
    EXPECT_NE(std::string(error->what()).find(path), std::string::npos) << error->what();
  });
}

TEST(OpenGroup, IsTheSameOnAllRanksAndSoIsItsError) {
  const Watchdog watchdog("opening");
  const TemporaryFolder folder;
  write_text(folder / "text.nc", "this is no HDF5 file");
  for_ranks([&](std::unique_ptr<Transport> ranks) {
    Context context(std::move(ranks), {.threads = 1});
    for (const std::string& path : {folder / "missing.nc", folder / "text.nc"}) {
      const auto error = rank_error_of([&] { open_group(*context.state(), path); });
      ASSERT_TRUE(error);
      EXPECT_EQ(error->code, ErrorCode::input);
      EXPECT_NE(std::string(error->what()).find(path), std::string::npos) << error->what();
    }
  });
}

struct AutoCase {
  const char* why;
  Shape shape, stored;
  DType dtype;
  bool contiguous;
  std::int64_t target;
  Shape expected;
};

TEST(AutoChunks, AreWholeMultiplesOfStoredChunksNearTheTarget) {
  const AutoCase cases[] = {
      {"all fits", {240, 37, 49}, {1, 37, 49}, DType::float32, false, kChunkBytes, {240, 37, 49}},
      {"some steps", {1000, 10, 10}, {1, 10, 10}, DType::float32, false, 4000, {10, 10, 10}},
      {"a multiple that does not divide", {1000, 10, 10}, {3, 10, 10}, DType::float32, false, 4000, {9, 10, 10}},
      {"a stored chunk above the target", {100, 100}, {50, 100}, DType::float64, false, 1000, {50, 100}},
      {"the last axis is not filled", {10, 1000}, {1, 10}, DType::float32, false, 400, {1, 100}},
      {"a short last stored chunk counts whole", {10, 25}, {1, 10}, DType::float32, false, 400, {4, 25}},
      {"a stored chunk longer than its axis", {6, 4}, {10, 10}, DType::float32, false, 16, {6, 4}},
      {"contiguous: slabs of rows", {1000, 100}, {1000, 100}, DType::float32, true, 4000, {10, 100}},
      {"contiguous: parts of a long row", {10, 100000}, {10, 100000}, DType::float64, true, 8000, {1, 1000}},
      {"0-d", {}, {}, DType::float64, false, kChunkBytes, {}},
      {"an empty axis", {0, 5}, {2, 5}, DType::float64, false, kChunkBytes, {1, 5}},
      {"an element above the target", {3}, {1}, DType::bytes(100), false, 10, {1}},
  };
  for (const AutoCase& one : cases) {
    SCOPED_TRACE(one.why);
    ArrayDescription array;
    array.dtype = one.dtype;
    array.contiguous = one.contiguous;
    array.grid = ChunkGrid::regular(one.shape, one.stored);
    const ChunkGrid grid = auto_chunks(array, one.target);
    EXPECT_EQ(grid.shape(), one.shape);
    for (int a = 0; a < grid.rank(); ++a) EXPECT_EQ(grid.step(a), one.expected[a]) << "axis " << a;
  }
}

}  // namespace
}  // namespace dunlin::test
