// Damaged files are refused with one sentence that names the file, and the chunk where it is one; never with a crash of
// ours, never with wrong values that a checksum would have caught.

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

#include "h5_fixture.hpp"
#include "hdf5/h5_array.hpp"

namespace dunlin::test {
namespace {

std::string file_bytes(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void set_file_bytes(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

class H5Damage : public ::testing::Test {
 protected:
  /// Reads array "x" with extents that `change` has changed.
  void read_changed(const std::function<void(std::vector<ChunkExtent>&)>& change) {
    const StoredGroup group = open_hdf5(path_);
    const StoredArray& array = *group.find("x");
    const ChunkGrid& grid = array.description().grid;
    std::vector<ChunkExtent> extents(static_cast<std::size_t>(grid.count()));
    array.load_index(grid.all(), extents);
    change(extents);
    const IndexPage page{grid.all(), extents};
    BufferPool pool;
    std::vector<std::byte> out(static_cast<std::size_t>(array.description().bytes()));
    array.read(Box::whole(grid.shape()), {.pool = &pool, .index = {&page, 1}}, out);
  }
  std::string chunk_message(const std::function<void(std::vector<ChunkExtent>&)>& change) {
    return message_of<BadStoredChunk>([&] { read_changed(change); });
  }
  /// The bytes of the file from where chunk number `k` of array "x" is stored.
  ChunkExtent extent(std::size_t k) {
    ChunkExtent found;
    read_changed([&](std::vector<ChunkExtent>& extents) { found = extents[k]; });
    return found;
  }
  TemporaryFolder folder_;
  std::string path_ = folder_ / "made.h5";
  const std::string advice_ = ": the file is corrupt or truncated; copy or make it again";
};

TEST_F(H5Damage, AChunkOutsideTheFileNamesFileVariableAndChunk) {
  H5Maker(path_).dataset("x", {.shape = {4, 6}, .chunk = {2, 3}, .deflate = 1});
  const std::string size = std::to_string(file_bytes(path_).size());
  EXPECT_EQ(chunk_message([](auto& extents) { extents[3].address = 1'000'000, extents[3].size = 10; }),
            "chunk (1, 1) of 'x' in " + path_ + " lies at bytes 1000000 to 1000010, beyond the end of the file at " +
                size + advice_);
  EXPECT_THROW(read_changed([](auto& extents) { extents[0].address = ~std::uint64_t{0} - 3; }), BadStoredChunk)
      << "an address whose end wraps around";
}

TEST_F(H5Damage, ChunksThatDecodeToAnotherSizeAreRefused) {
  H5Maker(path_).dataset("x", {.shape = {4, 6}, .chunk = {2, 3}, .deflate = 1, .shuffle = true});
  EXPECT_THROW(read_changed([](auto& extents) { extents[1].size -= 3; }), BadStoredChunk);
  EXPECT_THROW(read_changed([](auto& extents) { extents[1].size = 0; }), BadStoredChunk);
  EXPECT_THROW(read_changed([](auto& extents) { extents[1].address += 1; }), BadStoredChunk);
  EXPECT_THROW(read_changed([](auto& extents) { extents[1].filter_mask = 2; }), BadStoredChunk);
  EXPECT_NE(chunk_message([](auto& extents) { extents[1].filter_mask = 3; }).find("bytes stored where 24 are promised"),
            std::string::npos);
}

TEST_F(H5Damage, APlainChunkOfAnotherSizeIsRefused) {
  H5Maker(path_).dataset("x", {.shape = {4, 6}, .chunk = {2, 3}});
  EXPECT_EQ(chunk_message([](auto& extents) { extents[0].size = 20; }),
            "chunk (0, 0) of 'x' in " + path_ + " does not decode: 20 bytes stored where 24 are promised" + advice_);
}

TEST_F(H5Damage, AStoredSizeFarAboveTheChunksIsNotAllocated) {
  H5Maker(path_).dataset("x", {.shape = {4, 6}, .chunk = {2, 3}, .deflate = 1});
  set_file_bytes(path_, file_bytes(path_) + std::string(1 << 20, '\0'));
  EXPECT_NE(chunk_message([](auto& extents) { extents[0] = {.address = 0, .size = 1 << 20}; }).find("1048576 bytes"),
            std::string::npos);
}

TEST_F(H5Damage, AFlippedBitUnderAChecksumIsFound) {
  H5Maker(path_).dataset("x", {.shape = {4, 6}, .chunk = {2, 3}, .fletcher32 = true});
  std::string bytes = file_bytes(path_);
  bytes[extent(2).address + 5] ^= 4;
  set_file_bytes(path_, bytes);
  EXPECT_EQ(chunk_message([](auto&) {}), "chunk (1, 0) of 'x' in " + path_ +
                                             " does not decode: fletcher32: the checksum does not match the bytes" +
                                             advice_);
}

TEST_F(H5Damage, ATruncatedFileIsRefusedAtEveryLength) {
  H5Maker(path_).dataset("x", {.shape = {400, 6}, .chunk = {20, 3}, .deflate = 1});
  const std::string whole = file_bytes(path_);
  for (const double part : {0.0, 0.001, 0.01, 0.1, 0.5, 0.9, 0.999}) {
    set_file_bytes(path_, whole.substr(0, static_cast<std::size_t>(part * static_cast<double>(whole.size()))));
    const std::string message = message_of<InputError>([&] { open_hdf5(path_); });
    EXPECT_NE(message.find(path_), std::string::npos) << message;
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
  }
  set_file_bytes(path_, whole.substr(0, whole.size() / 2));
  EXPECT_NE(message_of<BadHdf5>([&] { open_hdf5(path_); }).find("truncated file"), std::string::npos);
}

TEST_F(H5Damage, AFileWhoseWriterDiedIsRefused) {
  const pid_t writer = ::fork();
  ASSERT_GE(writer, 0);
  if (writer == 0) {
    H5Maker file(path_, {.low = H5F_LIBVER_LATEST});
    file.dataset("x", {.shape = {100}, .chunk = {10}});
    H5Fflush(file.id(), H5F_SCOPE_LOCAL);
    ::_exit(0);  // without closing, as a killed job does
  }
  ASSERT_EQ(::waitpid(writer, nullptr, 0), writer);
  const std::string message = message_of<BadHdf5>([&] { open_hdf5(path_); });
  EXPECT_NE(message.find(path_), std::string::npos) << message;
  EXPECT_NE(message.find("write"), std::string::npos) << message;
}

/// Opens, indexes and reads everything that is not absurdly large, and swallows what must be thrown.
bool survives(const std::string& path) {
  try {
    const StoredGroup group = open_hdf5(path);
    for (const auto& array : group.arrays) {
      const ChunkGrid& grid = array->description().grid;
      if (array->description().bytes() > 1 << 20 || grid.count() > 1 << 12) continue;
      if (array->read_scratch(Box::whole(grid.shape())) > 1 << 26) continue;
      std::vector<ChunkExtent> extents(array->needs_index() ? static_cast<std::size_t>(grid.count()) : 0);
      if (array->needs_index()) array->load_index(grid.all(), extents);
      const IndexPage page{grid.all(), extents};
      BufferPool pool;
      std::vector<std::byte> out(static_cast<std::size_t>(array->description().bytes()));
      array->read(Box::whole(grid.shape()), {.pool = &pool, .index = {&page, extents.empty() ? 0U : 1U}}, out);
    }
    return true;
  } catch (const InputError&) {
    return true;
  } catch (const std::exception& other) {
    std::fprintf(stderr, "%s\n", other.what());
    return false;
  }
}

/// What children tell: how far they came, and which flips ended in an error that is not the input's.
struct Progress {
  volatile std::size_t next, wrong;
};

// The library itself crashes on some damage (README), so children do the work, and what is counted is how often one
// dies.
TEST_F(H5Damage, FlippedBitsInTheHeaderEndInAnInputErrorOrAreHarmless) {
  {
    H5Maker file(path_);
    file.dataset("lat", {.shape = {5}});
    file.dataset("x", {.shape = {5, 6}, .chunk = {2, 3}, .deflate = 1, .fletcher32 = true});
    make_scale(file, "lat");
    add_text(file.open("x").id(), "units", "K");
  }
  const std::string whole = file_bytes(path_);
  const std::size_t flips = std::min<std::size_t>(whole.size(), 4096);
  auto* progress = static_cast<Progress*>(
      ::mmap(nullptr, sizeof(Progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  ASSERT_NE(progress, MAP_FAILED);
  std::size_t deaths = 0;
  while (progress->next < flips) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      while (progress->next < flips) {
        const std::size_t at = progress->next;
        progress->next = at + 1;
        ::alarm(2);
        std::string bytes = whole;
        bytes[at] ^= static_cast<char>(1 << (at * 5 % 8));
        set_file_bytes(path_, bytes);
        if (!survives(path_)) progress->wrong = progress->wrong + 1;
      }
      ::_exit(0);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    deaths += WIFSIGNALED(status) || WEXITSTATUS(status) != 0;
  }
  EXPECT_EQ(progress->wrong, 0U) << "errors that do not blame the input";
  RecordProperty("deaths", static_cast<int>(deaths));
  EXPECT_LE(deaths, flips / 100) << "deaths and endless loops inside the library";
  ::munmap(progress, sizeof(Progress));
}

}  // namespace
}  // namespace dunlin::test
