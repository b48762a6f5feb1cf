// New outputs: what is written is what was computed, an output appears whole or not at all, and what was there before
// is replaced only when it may be and only by something complete.

#include <filesystem>

#include "storage_fixture.hpp"
#include "support/small_disk.hpp"

namespace dunlin::test {
namespace {

namespace fs = std::filesystem;

struct FullDisk : StorageError {
  FullDisk() : StorageError("no room for 5 bytes on /x") {}
};

struct RoundTrip {
  const char* why;
  Shape shape, chunk;
};

const RoundTrip kRoundTrips[] = {
    {"exact", {6, 4}, {3, 2}},           {"short last chunks", {7, 5}, {3, 2}},
    {"one chunk", {7, 5}, {7, 5}},       {"a chunk above the axis", {3}, {8}},
    {"single elements", {3, 2}, {1, 1}}, {"0-d", {}, {}},
    {"empty", {0, 4}, {2, 2}},           {"three axes", {5, 4, 3}, {2, 3, 3}},
};

TEST(NewStore, BringsEveryTypeThroughZarrBitByBit) {
  const Watchdog watchdog("round trips", std::chrono::seconds(120));
  const TemporaryFolder folder;
  const DType types[] = {DType::boolean, DType::int8,      DType::int16,     DType::int32,  DType::int64,
                         DType::uint8,   DType::uint16,    DType::uint32,    DType::uint64, DType::float32,
                         DType::float64, DType::complex64, DType::complex128};
  for_ranks([&](std::unique_ptr<Transport> ranks) {
    Context context(std::move(ranks), {.threads = 2});
    const std::string codecs[] = {"none", "blosc-lz4", "zstd:1", "gzip:1"};
    int number = 0;
    for (const RoundTrip& trip : kRoundTrips)
      for (DType type : types) {
        const std::string codec = codecs[number % 4];
        SCOPED_TRACE(std::string(trip.why) + ", " + to_string(type) + ", " + codec);
        const WholeArray whole = WholeArray::of(trip.shape, type, static_cast<unsigned>(number));
        const std::string path = folder / (std::to_string(context.size()) + "-" + std::to_string(number++) + ".zarr");
        write_one(context, path, whole, trip.chunk, codec);
        expect_holds(context, path, whole);
      }
  });
}

TEST(NewStore, RechunksAValueWhoseChunksAreNotTheObjects) {
  const Watchdog watchdog("rechunking");
  const TemporaryFolder folder;
  for_ranks([&](std::unique_ptr<Transport> ranks) {
    Context context(std::move(ranks), {.threads = 2});
    const WholeArray x = WholeArray::of({9, 7}, DType::float64), y = WholeArray::of({5}, DType::int32);
    NewGroup group;
    group.arrays = {new_array("x", x, {4, 3}), new_array("deep/y", y, {2})};
    const std::string path = folder / (std::to_string(context.size()) + ".zarr");
    NewStore store(context.state(), path, group, parse_codec("blosc-lz4"), false, {});
    store.write(
        {source_of("x", x, ChunkGrid::ragged({{2, 5, 2}, {1, 6}})), source_of("y", y, ChunkGrid::ragged({{1, 3, 1}}))});
    const StoredGroup written = open_group(*context.state(), path);
    ASSERT_EQ(written.arrays.size(), 2u);
    for (const auto& array : written.arrays)
      expect_computes(context, read_layer(array), array->description().name == "x" ? x : y);
  });
}

TEST(NewStore, StaysHiddenUntilItIsComplete) {
  const Watchdog watchdog("hidden output");
  const TemporaryFolder folder;
  for_ranks([&](std::unique_ptr<Transport> ranks) {
    Context context(std::move(ranks), {.threads = 2});
    const std::string name = std::to_string(context.size()) + ".zarr";
    const TaskHook looking = [&](const ChunkIndex&) {
      EXPECT_FALSE(fs::exists(folder / name)) << "not before the end";
      EXPECT_TRUE(fs::exists(folder / ("." + name + ".partial/lock")));
    };
    write_one(context, folder / (name + "/"), WholeArray::of({8}, DType::int32), {2}, "none", false, looking);
    context.state()->on_all_ranks("looking", [&] {
      EXPECT_TRUE(fs::exists(folder / (name + "/zarr.json")));
      EXPECT_FALSE(fs::exists(folder / ("." + name + ".partial")));
      EXPECT_FALSE(fs::exists(folder / (name + "/lock")));
    });
  });
}

/// A way in which writing OUT in a folder goes wrong, and what every rank is told.
struct Fault {
  const char* why;
  std::function<void(const std::string& folder)> before;
  std::function<void(const std::string& folder, const ChunkIndex&)> task;
  std::string path = "out.zarr";
  ErrorCode code;
  const char* text;
  bool stays = false;
};

const Fault kFaults[] = {
    {"no folder for it", {}, {}, "missing/out.zarr", ErrorCode::storage, "cannot create output in"},
    {"a task fails",
     {},
     [](const std::string&, const ChunkIndex& at) {
       if (at.at[0] == 3) throw FullDisk();
     },
     "out.zarr",
     ErrorCode::storage,
     "no room for 5 bytes on /x (rank"},
    {"every task fails",
     {},
     [](const std::string&, const ChunkIndex&) { throw InputError("nothing there"); },
     "out.zarr",
     ErrorCode::input,
     "nothing there (rank"},
    {"the hidden folder is taken away",
     {},
     [](const std::string& folder, const ChunkIndex&) { fs::remove(folder + "/.out.zarr.partial/lock"); },
     "out.zarr",
     ErrorCode::storage,
     "was removed or taken over by somebody else meanwhile; run again",
     true},
    {"an output appears meanwhile",
     {},
     [](const std::string& folder, const ChunkIndex&) { fs::create_directories(folder + "/out.zarr/theirs"); },
     "out.zarr",
     ErrorCode::usage,
     "exists already: choose another name, or say --overwrite to replace it"},
};

TEST(NewStore, LeavesNothingBehindWhereItFails) {
  const Watchdog watchdog("failing outputs");
  const TemporaryFolder folder;
  for_ranks([&](std::unique_ptr<Transport> ranks) {
    Context context(std::move(ranks), {.threads = 2});
    for (const Fault& fault : kFaults) {
      SCOPED_TRACE(fault.why);
      const WholeArray whole = WholeArray::of({12, 4}, DType::float64);
      const auto error = rank_error_of([&] {
        write_one(context, folder / fault.path, whole, {2, 2}, "none", false, [&](const ChunkIndex& at) {
          if (fault.task) fault.task(folder.path(), at);
        });
      });
      ASSERT_TRUE(error);
      EXPECT_EQ(error->code, fault.code);
      EXPECT_NE(std::string(error->what()).find(fault.text), std::string::npos) << error->what();
      context.state()->on_one_rank("looking", [&] {
        if (fault.code == ErrorCode::usage) fs::remove_all(folder / "out.zarr");  // what the fault itself put there
        const auto left = snapshot(folder.path());
        EXPECT_EQ(left.count(".out.zarr.partial/"), fault.stays ? 1u : 0u) << "what is somebody else's is not removed";
        EXPECT_EQ(left.count("out.zarr/"), 0u);
        fs::remove_all(folder / ".out.zarr.partial");
        return std::vector<std::byte>();
      });
      write_one(context, folder / "out.zarr", whole, {2, 2});
      expect_holds(context, folder / "out.zarr", whole);
      context.state()->on_one_rank("cleaning", [&] {
        EXPECT_EQ(snapshot(folder.path()).count("out.zarr/zarr.json"), 1u);
        fs::remove_all(folder / "out.zarr");
        return std::vector<std::byte>();
      });
    }
  });
}

TEST(NewStore, FailsOnAFullDiskWithCode4OnAllRanksAndNothingLeft) {
  const Watchdog watchdog("a full disk");
  struct Case {
    const char* why;
    std::size_t disk;
    const char* codec;
  };
  for (const Case& one :
       {Case{"no page for the lock's neighbours", 4096, "none"}, Case{"full in the middle", 512 << 10, "none"},
        Case{"full in the middle, compressed", 512 << 10, "blosc-lz4"},
        Case{"full at the last chunk", (2 << 20) + 4096, "none"}}) {
    SCOPED_TRACE(one.why);
    const auto disk = SmallDisk::mount(one.disk);
    if (!disk) GTEST_SKIP() << "this user may not mount a file system";
    for_ranks([&](std::unique_ptr<Transport> ranks) {
      Context context(std::move(ranks), {.threads = 2});
      const WholeArray whole = WholeArray::of({32, 8192}, DType::float64);  // 2 MiB that do not compress
      const auto error = rank_error_of([&] { write_one(context, *disk / "out.zarr", whole, {1, 8192}, one.codec); });
      ASSERT_TRUE(error);
      EXPECT_EQ(error->code, ErrorCode::storage);
      EXPECT_NE(std::string(error->what()).find("No space left on device: free some space"), std::string::npos)
          << error->what();
      context.state()->on_one_rank("looking", [&] {
        EXPECT_EQ(snapshot(disk->path()), (std::map<std::string, std::string>{}));
        return std::vector<std::byte>();
      });
    });
  }
}

TEST(NewStore, DoesNotTouchAnOutputThatExists) {
  const Watchdog watchdog("existing outputs");
  const TemporaryFolder folder;
  {
    Context alone({.threads = 1});
    write_one(alone, folder / "zarr", WholeArray::of({4}, DType::int32), {2});
  }
  write_text(folder / "file", "old");
  write_text(folder / "folder/file", "old");
  fs::create_symlink(folder / "file", folder / "link");
  fs::create_directory(folder / "empty");
  const auto before = snapshot(folder.path());
  struct Case {
    const char* name;
    bool overwrite;
    const char* text;
  };
  const Case cases[] = {
      {"zarr", false, "exists already: choose another name, or say --overwrite to replace it"},
      {"file", false, "exists already"},
      {"folder", false, "exists already"},
      {"link", false, "exists already"},
      {"empty", false, "exists already"},
      {"folder", true, "is neither a file nor a Zarr hierarchy: it is not replaced, choose another name"},
      {"empty", true, "is neither a file nor a Zarr hierarchy"},
  };
  for_ranks([&](std::unique_ptr<Transport> ranks) {
    Context context(std::move(ranks), {.threads = 2});
    for (const Case& one : cases) {
      SCOPED_TRACE(one.name);
      int tasks = 0;
      const auto error = rank_error_of([&] {
        write_one(context, folder / one.name, WholeArray::of({8}, DType::float64), {2}, "none", one.overwrite,
                  [&](const ChunkIndex&) { ++tasks; });
      });
      ASSERT_TRUE(error);
      EXPECT_EQ(error->code, ErrorCode::usage);
      EXPECT_EQ(tasks, 0);
      EXPECT_NE(std::string(error->what()).find(folder / (std::string(one.name) == "link" ? "file" : one.name)),
                std::string::npos)
          << error->what();
      EXPECT_NE(std::string(error->what()).find(one.text), std::string::npos) << error->what();
      context.state()->on_one_rank("looking", [&] {
        EXPECT_EQ(snapshot(folder.path()), before);
        return std::vector<std::byte>();
      });
    }
  });
}

TEST(NewStore, ANameThatLeavesNoRoomForTheHiddenOneIsRefusedAsTheUserTypedIt) {
  const TemporaryFolder folder;
  Context context;
  for (const std::size_t letters : {246, 247, 255, 300}) {  // of 255; nine more in the hidden one
    const std::string path = folder / std::string(letters, 'o');
    const auto write = [&] { write_one(context, path, WholeArray::of({8}, DType::float64), {2}); };
    if (letters == 246) {
      EXPECT_NO_THROW(write());
      continue;
    }
    const auto error = rank_error_of(write);
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code, ErrorCode::usage);
    EXPECT_NE(std::string(error->what()).find("output " + path + " has too long a name"), std::string::npos)
        << error->what();
  }
}

TEST(NewStore, KeepsTheOldOutputUntilTheNewOneIsCompleteThenReplacesIt) {
  const Watchdog watchdog("overwriting");
  const TemporaryFolder folder;
  for (const bool is_file : {false, true})
    for_ranks([&](std::unique_ptr<Transport> ranks) {
      Context context(std::move(ranks), {.threads = 2});
      const std::string path = folder / ((is_file ? "f" : "z") + std::to_string(context.size()));
      const WholeArray old = WholeArray::of({10, 3}, DType::int32, 1), now = WholeArray::of({4}, DType::float64, 2);
      if (!is_file) write_one(context, path, old, {1, 3});
      std::map<std::string, std::string> before;
      context.state()->on_one_rank("looking", [&] {
        if (is_file) write_text(path, "old");
        before = snapshot(folder.path());
        return std::vector<std::byte>();
      });

      for (int nth : {0, 3}) {  // fails in the middle
        const auto error = rank_error_of([&] {
          write_one(context, path, now, {1}, "none", true, [&](const ChunkIndex& at) {
            if (at.at[0] == nth) throw FullDisk();
          });
        });
        ASSERT_TRUE(error);
        EXPECT_EQ(error->code, ErrorCode::storage);
        context.state()->on_one_rank("looking", [&] {
          EXPECT_EQ(snapshot(folder.path()), before);
          return std::vector<std::byte>();
        });
      }
      write_one(context, path, now, {1}, "none", true, [&](const ChunkIndex&) { EXPECT_TRUE(fs::exists(path)); });
      expect_holds(context, path, now);
      context.state()->on_one_rank("looking", [&] {
        for (const auto& [name, content] : snapshot(folder.path())) EXPECT_NE(name[0], '.') << name;
        EXPECT_FALSE(fs::exists(path + "/x/c/9")) << "nothing of the old one is mixed in";
        return std::vector<std::byte>();
      });
    });
}

TEST(NewStore, WritesWhereALinkPointsTo) {
  const Watchdog watchdog("links");
  const TemporaryFolder folder;
  fs::create_directory(folder / "scratch");
  write_text(folder / "scratch/old", "old");
  fs::create_symlink("scratch/old", folder / "out.zarr");
  fs::create_symlink("scratch/new", folder / "dangling.zarr");
  Context context({.threads = 1});
  const WholeArray now = WholeArray::of({4}, DType::float64);
  for (const char* name : {"out.zarr", "dangling.zarr"}) {
    write_one(context, folder / name, now, {2}, "none", true);
    EXPECT_TRUE(fs::is_symlink(folder / name));
    expect_holds(context, folder / name, now);
  }
  EXPECT_TRUE(fs::is_directory(folder / "scratch/old"));
  EXPECT_TRUE(fs::is_directory(folder / "scratch/new"));
}

TEST(NewStore, RefusesAPlaceInsideAnotherHierarchy) {
  const Watchdog watchdog("hierarchies");
  const TemporaryFolder folder;
  Context context({.threads = 1});
  const WholeArray whole = WholeArray::of({4}, DType::float64);
  write_one(context, folder / "outer.zarr", whole, {2});
  const auto before = snapshot(folder.path());
  EXPECT_THROW(write_one(context, folder / "outer.zarr/inner", whole, {2}), UserError);
  EXPECT_EQ(snapshot(folder.path()), before);
}

TEST(NewStore, RefusesAnOutputThatIsOrHoldsOrLiesInAnInput) {
  const Watchdog watchdog("outputs over inputs");
  const TemporaryFolder folder;
  const WholeArray whole = WholeArray::of({4}, DType::int32);
  Context context({.threads = 1});
  fs::create_directory(folder / "data");
  write_one(context, folder / "data/in.zarr", whole, {2});
  write_text(folder / "data/in.nc", "input");
  fs::create_symlink(folder / "data", folder / "link");
  fs::create_symlink(folder / "data/in.zarr", folder / "to_zarr");
  fs::create_hard_link(folder / "data/in.nc", folder / "same.nc");
  const auto before = snapshot(folder.path());
  struct Case {
    const char *why, *input, *output;
  };
  const Case cases[] = {
      {"the same", "data/in.zarr", "data/in.zarr"},
      {"the same by another spelling", "data/in.zarr", "data/../data/./in.zarr/"},
      {"the same through a link to its folder", "data/in.zarr", "link/in.zarr"},
      {"the same through a link to it", "data/in.zarr", "to_zarr"},
      {"a link to it as input", "to_zarr", "data/in.zarr"},
      {"a file", "data/in.nc", "link/in.nc"},
      {"another name of the same file", "data/in.nc", "same.nc"},
      {"inside", "data/in.zarr", "data/in.zarr/x/new.zarr"},
      {"inside, through a link", "data/in.zarr", "to_zarr/new.zarr"},
      {"around", "data/in.zarr", "data"},
      {"around, through a link", "data/in.zarr", "link"},
      {"around an input that is named through a link", "link/in.zarr", "data"},
  };
  for (const Case& one : cases) {
    SCOPED_TRACE(one.why);
    const auto error = rank_error_of([&] {
      write_one(context, folder / one.output, whole, {2}, "none", true, {}, {folder / "other", folder / one.input});
    });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code, ErrorCode::usage);
    EXPECT_NE(std::string(error->what()).find("would overwrite input " + (folder / one.input)), std::string::npos)
        << error->what();
    EXPECT_EQ(snapshot(folder.path()), before);
  }
  write_one(context, folder / "data/out.zarr", whole, {2}, "none", false, {}, {folder / "data/in.zarr"});
  expect_holds(context, folder / "data/out.zarr", whole);
}

}  // namespace
}  // namespace dunlin::test
