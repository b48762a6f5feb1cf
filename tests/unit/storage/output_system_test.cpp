// Outputs on systems that do less than usual: no exchange of two names, a sync or a write that fails.

#include <cerrno>
#include <filesystem>

#include "storage_fixture.hpp"

namespace dunlin::test {
namespace {

namespace fs = std::filesystem;

RunReport write_on(const OutputSystem& system, Context& context, const std::string& path, const WholeArray& whole) {
  NewGroup group;
  group.arrays.push_back(new_array("x", whole, {1}));
  NewStore store(context.state(), path, group, parse_codec("none"), true, {}, system);
  return store.write({source_of("x", whole, group.arrays[0].description.grid)});
}

void expect_nothing_hidden(const std::string& folder) {
  for (const auto& [name, content] : snapshot(folder)) EXPECT_NE(name[0], '.') << name;
}

TEST(OutputSystem, WithoutAnExchangeOfNamesAnOldOutputIsReplacedByTwoRenames) {
  const Watchdog watchdog("two renames");
  const TemporaryFolder folder;
  for_ranks([&](std::unique_ptr<Transport> ranks) {
    Context context(std::move(ranks), {.threads = 2});
    const std::string path = folder / (std::to_string(context.size()) + ".zarr");
    const WholeArray old = WholeArray::of({7}, DType::int32, 1), now = WholeArray::of({4}, DType::float64, 2);
    int asked = 0;
    const OutputSystem system{.exchange = [&](const std::string& partial, const std::string& at) {
      ++asked;
      EXPECT_TRUE(fs::exists(partial + "/zarr.json") && fs::exists(at + "/zarr.json"));
      return false;
    }};
    write_on(system, context, path, old);
    EXPECT_EQ(asked, 0) << "there was nothing to exchange it with";
    write_on(system, context, path, now);
    expect_holds(context, path, now);
    context.state()->on_one_rank("looking", [&] {
      EXPECT_EQ(asked, 1);
      EXPECT_FALSE(fs::exists(path + "/x/c/6")) << "nothing of the old one is mixed in";
      expect_nothing_hidden(folder.path());
      return std::vector<std::byte>();
    });
  });
}

TEST(OutputSystem, WhereTheSecondRenameFailsTheOldOutputIsBack) {
  const Watchdog watchdog("a failing rename");
  const TemporaryFolder folder;
  for_ranks([&](std::unique_ptr<Transport> ranks) {
    Context context(std::move(ranks), {.threads = 1});
    const std::string path = folder / (std::to_string(context.size()) + ".zarr");
    const WholeArray old = WholeArray::of({7}, DType::int32, 1), now = WholeArray::of({4}, DType::float64, 2);
    write_on({}, context, path, old);
    const auto error = rank_error_of([&] {
      write_on({.exchange =
                    [](const std::string& partial, const std::string&) {
                      fs::remove_all(partial);  // so that it cannot be renamed
                      return false;
                    }},
               context, path, now);
    });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code, ErrorCode::storage);
    expect_holds(context, path, old);
    context.state()->on_one_rank("looking", [&] {
      expect_nothing_hidden(folder.path());
      return std::vector<std::byte>();
    });
  });
}

TEST(OutputSystem, AFailingSyncOrWriteIsTheSameErrorOnAllRanksAndLeavesWhatWas) {
  const Watchdog watchdog("failing syncs");
  struct Case {
    const char* why;
    StoreFault fault;
    int rank;  // −1: all
    const char* text;
  };
  const Case cases[] = {
      {"the sync on one rank", {StoreFault::Call::sync, 0, EIO}, 0, "cannot sync"},
      {"the sync on the last rank", {StoreFault::Call::sync, 0, EIO}, -2, "cannot sync"},
      {"the sync on all ranks", {StoreFault::Call::sync, 0, ENOSPC}, -1, "No space left on device"},
      {"metadata before the data", {StoreFault::Call::write, 0, EIO}, 0, "cannot write"},
      {"a chunk, or metadata, on all ranks", {StoreFault::Call::write, 2, EDQUOT}, -1, "the quota is used up"},
  };
  const TemporaryFolder folder;
  for_ranks([&](std::unique_ptr<Transport> ranks) {
    Context context(std::move(ranks), {.threads = 2});
    const std::string path = folder / (std::to_string(context.size()) + ".zarr");
    const WholeArray old = WholeArray::of({7}, DType::int32, 1), now = WholeArray::of({12}, DType::float64, 2);
    write_on({}, context, path, old);
    for (const Case& one : cases) {
      SCOPED_TRACE(one.why);
      const int rank = one.rank == -2 ? context.size() - 1 : one.rank;
      const OutputSystem system{.store = [&](const std::string& root) {
        auto store = make_filesystem_store(root);
        return rank < 0 || rank == context.rank() ? make_fault_store(store, {one.fault}) : store;
      }};
      const auto error = rank_error_of([&] { write_on(system, context, path, now); });
      ASSERT_TRUE(error);
      EXPECT_EQ(error->code, ErrorCode::storage);
      EXPECT_NE(std::string(error->what()).find(one.text), std::string::npos) << error->what();
      expect_holds(context, path, old);
      context.state()->on_one_rank("looking", [&] {
        expect_nothing_hidden(folder.path());
        return std::vector<std::byte>();
      });
    }
  });
}

}  // namespace
}  // namespace dunlin::test
