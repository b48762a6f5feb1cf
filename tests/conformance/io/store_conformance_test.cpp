// What every store promises: values as a whole, parts of them, listings by level, keys that cannot leave the store.

#include <gtest/gtest.h>

#include <sys/stat.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <functional>
#include <thread>

#include "dunlin/base/posix_file.hpp"
#include "dunlin/io/store.hpp"
#include "support/temporary_folder.hpp"
#include "unit/io/zarr_fixture.hpp"

namespace dunlin {
namespace {

using test::bytes_of;

struct Kind {
  const char* name;
  std::function<std::shared_ptr<Store>(const std::string& folder)> make;
};

class StoreConformance : public ::testing::TestWithParam<Kind> {
 protected:
  test::TemporaryFolder folder_;
  std::shared_ptr<Store> store_ = GetParam().make(folder_ / "store");
  std::string text(const std::string& key) const {
    const auto bytes = store_->read_all(key, 1000);
    if (!bytes) return "(missing)";
    return {reinterpret_cast<const char*>(bytes->data()), bytes->size()};
  }
};

INSTANTIATE_TEST_SUITE_P(
    Stores, StoreConformance,
    ::testing::Values(Kind{"filesystem", [](const std::string& folder) { return make_filesystem_store(folder); }},
                      Kind{"memory", [](const std::string&) { return make_memory_store(); }},
                      Kind{"faultless", [](const std::string&) { return make_fault_store(make_memory_store(), {}); }}),
    [](const auto& info) { return info.param.name; });

TEST_P(StoreConformance, HoldsValuesAsAWhole) {
  for (const std::string& value : {std::string("abc"), std::string(), std::string("x"), std::string(900, 'z')}) {
    store_->write("a/b/c", bytes_of(value));
    EXPECT_EQ(store_->size("a/b/c"), value.size());
    EXPECT_EQ(text("a/b/c"), value) << "a shorter value leaves nothing of a longer one";
  }
}

TEST_P(StoreConformance, AMissingKeyIsNoErrorOfSizeAndReadAll) {
  EXPECT_EQ(store_->size("nothing"), std::nullopt);
  EXPECT_EQ(store_->read_all("nothing", 10), std::nullopt);
  store_->write("a/b", bytes_of("1"));
  EXPECT_EQ(store_->size("a/c"), std::nullopt);
  EXPECT_EQ(store_->size("b/c/d"), std::nullopt);
  std::byte one[1];
  EXPECT_THROW(store_->read("nothing", 0, one), InputError);
}

TEST_P(StoreConformance, WhatIsNoValueIsNotTakenForAMissingKey) {
  store_->write("a/b", bytes_of("1"));
  EXPECT_THROW(store_->size("a"), NoValue) << "a prefix is no value";
  EXPECT_THROW(store_->size("a/b/c"), NoValue) << "nothing lies below a value";
  EXPECT_THROW(store_->read_all("a", 10), StorageError) << "exit code 4";
}

TEST_P(StoreConformance, TellsWhetherThereIsMoreThanOneKey) {
  EXPECT_FALSE(store_->holds_more_than("x", "x/zarr.json")) << "nothing at all";
  store_->write("x/zarr.json", bytes_of("{}"));
  EXPECT_FALSE(store_->holds_more_than("x", "x/zarr.json"));
  store_->write("xy/c/0", bytes_of("1"));
  EXPECT_FALSE(store_->holds_more_than("x", "x/zarr.json")) << "xy is not below x";
  EXPECT_TRUE(store_->holds_more_than("xy", "xy/zarr.json"));
  EXPECT_TRUE(store_->holds_more_than("", "x/zarr.json"));
}

TEST(FilesystemStore, OnlyAPathThatIsNotThereIsAMissingKey) {
  const test::TemporaryFolder folder;
  const auto store = make_filesystem_store(folder / "store");
  store->write("v/c/0/0", bytes_of("1"));
  namespace fs = std::filesystem;
  const fs::path v = fs::path(folder / "store") / "v" / "c";
  fs::create_directory(v / "1");
  fs::create_directory(v / "1" / "0");
  ASSERT_EQ(::mkfifo((v / "1" / "1").c_str(), 0600), 0);
  fs::create_symlink("nowhere", v / "1" / "2");
  fs::create_symlink("nowhere", v / "2");
  fs::create_symlink("../0/0", v / "1" / "3");
  std::ofstream(v / "3") << "a file where a folder is expected";
  EXPECT_EQ(store->size("v/c/1/3"), 1u) << "a link to a value";
  EXPECT_EQ(store->size("v/c/0/1"), std::nullopt);
  EXPECT_EQ(store->size("w/c/0/1"), std::nullopt) << "no folder either";
  const std::pair<const char*, const char*> cases[] = {{"v/c/1/0", "/v/c/1/0 is a folder, where a file is expected"},
                                                       {"v/c/1/1", "/v/c/1/1 is no file"},
                                                       {"v/c/1/2", "/v/c/1/2 is a link that leads nowhere"},
                                                       {"v/c/2/0", "/v/c/2 is a link that leads nowhere"},
                                                       {"v/c/3/0", "/v/c/3 is no folder"}};
  for (const auto& [key, says] : cases) try {
      store->size(key);
      ADD_FAILURE() << key << " counts as missing";
    } catch (const NoValue& error) {
      EXPECT_NE(std::string(error.what()).find(says), std::string::npos) << error.what();
    }
}

TEST_P(StoreConformance, ReadsParts) {
  store_->write("k", bytes_of("0123456789"));
  std::vector<std::byte> part(4);
  store_->read("k", 3, part);
  EXPECT_EQ(part, bytes_of("3456"));
  store_->read("k", 6, part);
  EXPECT_EQ(part, bytes_of("6789"));
  store_->read("k", 10, {});
  EXPECT_THROW(store_->read("k", 7, part), EndOfFile);
  EXPECT_THROW(store_->read("k", 100, part), EndOfFile);
}

TEST_P(StoreConformance, ListsOneLevelSorted) {
  EXPECT_TRUE(store_->list("").empty()) << "of a store that holds nothing";
  for (const char* key : {"zarr.json", "b/zarr.json", "b/c/0", "b/c/1", "a/x", "ab"}) store_->write(key, {});
  EXPECT_EQ(store_->list(""), (std::vector<std::string>{"a/", "ab", "b/", "zarr.json"}));
  EXPECT_EQ(store_->list("b"), (std::vector<std::string>{"c/", "zarr.json"}));
  EXPECT_EQ(store_->list("b/c"), (std::vector<std::string>{"0", "1"}));
  EXPECT_TRUE(store_->list("nothing").empty());
}

TEST_P(StoreConformance, RefusesKeysThatCouldLeaveIt) {
  for (const std::string& key :
       {std::string(), std::string("/a"), std::string("a/"), std::string("a//b"), std::string(".."),
        std::string("a/../b"), std::string("./a"), std::string("a\\b"), std::string("a\0b", 3)}) {
    SCOPED_TRACE(key);
    EXPECT_THROW(store_->write(key, {}), BadKey);
    EXPECT_THROW(store_->size(key), BadKey);
    EXPECT_THROW(store_->read(key, 0, {}), BadKey);
    if (!key.empty()) {
      EXPECT_THROW(store_->list(key), BadKey);
    }
  }
  for (const char* key : {"...", "a..b", "c.0.1", ".hidden", "Grüße"}) EXPECT_NO_THROW(store_->write(key, {})) << key;
}

TEST_P(StoreConformance, ReadAllTakesNoMoreThanItsLimit) {
  store_->write("k", bytes_of("12345"));
  EXPECT_TRUE(store_->read_all("k", 5).has_value());
  try {
    store_->read_all("k", 4);
    FAIL() << "five bytes were read with a limit of four";
  } catch (const InputError& error) {
    EXPECT_EQ(error.what(), store_->location("k") + " has 5 bytes: at most 4 are read of such a file");
  }
}

TEST_P(StoreConformance, TakesValuesFromManyThreads) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int k = 0; k < 50; ++k)
        store_->write("c/" + std::to_string(k) + "/" + std::to_string(t), bytes_of(std::to_string(k)));
    });
  for (std::thread& thread : threads) thread.join();
  for (int k = 0; k < 50; ++k)
    for (int t = 0; t < 4; ++t) EXPECT_EQ(text("c/" + std::to_string(k) + "/" + std::to_string(t)), std::to_string(k));
  EXPECT_NO_THROW(store_->sync());
}

TEST(FaultStore, FailsTheCallThatIsDueAndOnlyIt) {
  const auto below = make_memory_store();
  const auto store = make_fault_store(below, {{.call = StoreFault::Call::write, .nth = 1, .error = ENOSPC}});
  store->write("a", bytes_of("1234"));
  try {
    store->write("b", bytes_of("1234"));
    FAIL() << "the second write did not fail";
  } catch (const IoFailure& failure) {
    EXPECT_EQ(failure.error, ENOSPC);
    EXPECT_EQ(failure.path, "memory:b");
  }
  EXPECT_EQ(below->size("b"), 2u) << "a failing write leaves half of its bytes, as a full disk does";
  store->write("c", bytes_of("1234"));
  EXPECT_EQ(below->size("c"), 4u);
}

TEST(FaultStore, FailsAllLaterCallsWhereAsked) {
  const auto store = make_fault_store(make_memory_store(), {{StoreFault::Call::size, 1, EIO, true}});
  EXPECT_NO_THROW(store->size("a"));
  for (int k = 0; k < 3; ++k) EXPECT_THROW(store->size("a"), IoFailure);
  EXPECT_NO_THROW(store->list("")) << "another kind of call is counted by itself";
}

TEST(FilesystemStore, ReportsWhatTheSystemRefuses) {
  test::TemporaryFolder folder;
  const auto store = make_filesystem_store(folder.path());
  store->write("file", bytes_of("x"));
  EXPECT_THROW(store->write("file/below", bytes_of("x")), IoFailure) << "a file stands where a folder is needed";
  EXPECT_THROW(make_filesystem_store(folder / "missing")->sync(), IoFailure);
  EXPECT_EQ(store->location("a/b"), folder / "a/b");
}

std::size_t open_files() {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {}));
}

TEST(FilesystemStore, ManySmallValuesWaitForTheirSyncInFewOpenFiles) {
  test::TemporaryFolder folder;
  const auto store = make_filesystem_store(folder / "store");
  const std::size_t before = open_files();
  std::atomic<std::size_t> most = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t)
    threads.emplace_back([&, t] {
      for (int k = 0; k < 200; ++k) {
        store->write("v" + std::to_string(t) + "/c/" + std::to_string(k), bytes_of(std::string(10, 'x')));
        most = std::max<std::size_t>(most, open_files());
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_LT(most, before + 64 * 6) << "a batch that fills, four whose syncs go on, and a few files of each thread";
  store->sync();
  EXPECT_LE(open_files(), before + 1) << "one by which the whole file system is synced";
  for (int t = 0; t < 8; ++t) EXPECT_EQ(store->list("v" + std::to_string(t) + "/c").size(), 200u);
}

// A sync that cannot reach a folder fails, which shows the folders that it syncs.
TEST(FilesystemStore, SyncsEveryFolderThatGotANameAndEachOnce) {
  namespace fs = std::filesystem;
  test::TemporaryFolder folder;
  const std::string root = folder / "s";
  const auto other = make_filesystem_store(root), store = make_filesystem_store(root);
  other->write("x/zarr.json", bytes_of("{}"));
  store->write("x/c/0/0", bytes_of("1"));
  store->write("x/c/0/1", bytes_of("1"));
  store->write("x/c/1/0", bytes_of("1"));
  for (const char* away : {"", "x", "x/c", "x/c/0", "x/c/1"}) {
    const std::string path = store->location(away), aside = folder / "aside";
    fs::rename(path, aside);
    try {
      store->sync();
      ADD_FAILURE() << "'" << away << "' was not synced";
    } catch (const IoFailure& failure) {
      EXPECT_TRUE(failure.path.starts_with(path)) << failure.path;
    }
    fs::rename(aside, path);
  }
  store->sync();
  fs::rename(root + "/x", folder / "aside");
  EXPECT_NO_THROW(store->sync()) << "what was synced is not synced again";
  fs::rename(folder / "aside", root + "/x");
  store->write("x/c/0/1", bytes_of("2"));
  fs::remove_all(root + "/x/c/1");
  EXPECT_NO_THROW(store->sync());
}

}  // namespace
}  // namespace dunlin
