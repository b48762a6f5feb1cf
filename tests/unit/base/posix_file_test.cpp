// Bytes come back as they were written, and everything that the system refuses is an error that says what to do.

#include "dunlin/base/posix_file.hpp"

#include <errno.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <numeric>

#include "support/small_disk.hpp"
#include "support/temporary_folder.hpp"

namespace dunlin {
namespace {

using test::SmallDisk;
using test::TemporaryFolder;

std::vector<std::byte> bytes(std::size_t count) {
  std::vector<std::byte> result(count);
  for (std::size_t k = 0; k < count; ++k) result[k] = static_cast<std::byte>(k * 31 + 7);
  return result;
}

void write_file(const std::string& path, const std::vector<std::byte>& content) {
  PosixFile file = PosixFile::create(path);
  file.write_at(0, content);
  file.close();
}

constexpr std::uint64_t kNoLimit = std::uint64_t{1} << 40;

TEST(PosixFile, WhatIsWrittenIsRead) {
  const TemporaryFolder folder;
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{4096}, std::size_t{1'000'003}}) {
    write_file(folder / "x", bytes(size));
    EXPECT_EQ(read_file(folder / "x", kNoLimit), bytes(size)) << size;
  }
}

TEST(PosixFile, PartsMayBeWrittenInAnyOrderAndByAnotherOpening) {
  const TemporaryFolder folder;
  const auto content = bytes(300);
  PosixFile file = PosixFile::create(folder / "x");
  file.write_at(200, std::span(content).subspan(200, 100));
  PosixFile second = PosixFile::open_write(folder / "x");
  second.write_at(0, std::span(content).first(200));
  second.sync();
  file.sync();
  second.close();
  file.close();
  EXPECT_FALSE(file.is_open());
  EXPECT_NO_THROW(file.close()) << "closing twice does nothing";
  EXPECT_EQ(read_file(folder / "x", kNoLimit), content);
}

TEST(PosixFile, AFileMayBeCutAndExtended) {
  const TemporaryFolder folder;
  PosixFile file = PosixFile::create(folder / "x");
  file.write_at(0, bytes(10));
  file.truncate(4);
  file.truncate(6);
  auto expected = bytes(4);
  expected.resize(6);
  EXPECT_EQ(file.size(), 6u);
  EXPECT_EQ(read_file(folder / "x", kNoLimit), expected);
}

TEST(PosixFile, AMissingFileIsTheInputsFault) {
  const TemporaryFolder folder;
  write_file(folder / "file", {});
  for (const std::string& path : {folder / "none", folder / "no/such/folder", folder / "file/below"}) {
    try {
      PosixFile::open_read(path);
      FAIL() << path << " was opened";
    } catch (const MissingFile& error) {
      EXPECT_EQ(error.code, ErrorCode::input);
      EXPECT_EQ(error.path, path);
      EXPECT_EQ(error.what(), "no such file: " + path);
    }
  }
}

TEST(PosixFile, AFileThatEndsTooEarlySaysWhereAndHowMuchIsThere) {
  const TemporaryFolder folder;
  write_file(folder / "x", bytes(10));
  const PosixFile file = PosixFile::open_read(folder / "x");
  std::vector<std::byte> into(8);
  EXPECT_NO_THROW(file.read_at(2, into)) << "exactly to the end";
  try {
    file.read_at(4, into);
    FAIL() << "bytes after the end were read";
  } catch (const EndOfFile& error) {
    EXPECT_EQ(error.code, ErrorCode::input);
    EXPECT_EQ(error.offset, 4u);
    EXPECT_EQ(error.size, 8u);
    EXPECT_EQ(error.found, 6u);
    EXPECT_EQ(error.what(), (folder / "x") +
                                " ends too early: expected 8 bytes at offset 4, found 6: the file is "
                                "truncated or still being written; copy or make it again");
  }
}

TEST(PosixFile, AFileLargerThanItsKindIsRefusedBeforeItIsRead) {
  const TemporaryFolder folder;
  write_file(folder / "x", bytes(10));
  EXPECT_EQ(read_file(folder / "x", 10).size(), 10u);
  EXPECT_THROW(read_file(folder / "x", 9), FileTooLarge);
}

TEST(PosixFile, CreatingNewNeverReplaces) {
  const TemporaryFolder folder;
  PosixFile::create_new(folder / "x").write_at(0, bytes(3));
  try {
    PosixFile::create_new(folder / "x");
    FAIL() << "an existing file was replaced";
  } catch (const IoFailure& error) {
    EXPECT_EQ(error.error, EEXIST);
  }
  EXPECT_EQ(read_file(folder / "x", kNoLimit), bytes(3));
}

TEST(PosixFile, AFullDiskIsAStorageErrorThatSaysWhatToDo) {
  const auto disk = SmallDisk::mount(64 * 1024);
  if (!disk) GTEST_SKIP() << "a full disk needs the right to mount a tmpfs; AFileSizeLimit… stands in for it";
  PosixFile file = PosixFile::create(*disk / "x");
  EXPECT_NO_THROW(file.write_at(0, bytes(32 * 1024)));
  try {
    file.write_at(32 * 1024, bytes(64 * 1024));  // the first half fits: a short write comes before the refusal
    FAIL() << "more was written than fits";
  } catch (const IoFailure& error) {
    EXPECT_EQ(error.code, ErrorCode::storage);
    EXPECT_EQ(error.error, ENOSPC);
    EXPECT_EQ(error.what(), "cannot write 65536 bytes at offset 32768 of " + (*disk / "x") +
                                ": No space left on device: free some space or choose another place");
  }
}

TEST(PosixFile, AFileSizeLimitIsAStorageError) {
  const TemporaryFolder folder;
  rlimit before;
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  rlimit small = before;
  small.rlim_cur = 4096;
  const auto old = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  int error = 0;
  try {
    PosixFile::create(folder / "x").write_at(0, bytes(8192));
  } catch (const IoFailure& failure) {
    error = failure.error;
  }
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, old);
  EXPECT_EQ(error, EFBIG);
}

TEST(PosixFile, EveryCommonRefusalSaysWhatToDo) {
  struct Case {
    int error;
    const char* advice;
  };
  const Case cases[] = {
      {ENOSPC, "free some space"}, {EDQUOT, "quota"},         {EACCES, "permission"}, {EPERM, "permission"},
      {EMFILE, "ulimit -n"},       {EROFS, "can be written"}, {EFBIG, "ulimit -f"},   {EEXIST, "remove it"},
  };
  for (const auto& [error, advice] : cases) {
    const std::string sentence = IoFailure("write", "/x/y", error, "4 bytes at offset 0").what();
    EXPECT_TRUE(sentence.starts_with("cannot write 4 bytes at offset 0 of /x/y: ")) << sentence;
    EXPECT_NE(sentence.find(advice), std::string::npos) << sentence;
  }
  EXPECT_STREQ(IoFailure("open", "/x/y", EIO).what(), "cannot open /x/y: Input/output error");
}

TEST(PosixFile, WritingToWhatIsOpenForReadingIsRefused) {
  const TemporaryFolder folder;
  write_file(folder / "x", {});
  EXPECT_THROW(PosixFile::open_read(folder / "x").write_at(0, bytes(1)), IoFailure);
  EXPECT_THROW(PosixFile::open_write(folder / "none"), IoFailure) << "open_write creates nothing";
  EXPECT_THROW(PosixFile::create(folder / "no/x"), IoFailure) << "nor does create make folders";
}

TEST(PosixFile, MovingHandsTheDescriptorOver) {
  const TemporaryFolder folder;
  write_file(folder / "x", bytes(5));
  PosixFile first = PosixFile::open_read(folder / "x");
  PosixFile second = std::move(first);
  EXPECT_FALSE(first.is_open());  // NOLINT: what a moved-from file says is promised
  EXPECT_EQ(second.size(), 5u);
  EXPECT_EQ(second.path(), folder / "x");
  first = std::move(second);
  EXPECT_EQ(first.size(), 5u);
}

TEST(PosixFile, IdentityChangesWhenTheFileDoes) {
  const TemporaryFolder folder;
  write_file(folder / "x", bytes(5));
  const FileIdentity before = PosixFile::open_read(folder / "x").identity();
  EXPECT_EQ(PosixFile::open_read(folder / "x").identity(), before);
  PosixFile::open_write(folder / "x").truncate(4);
  EXPECT_NE(PosixFile::open_read(folder / "x").identity(), before) << "another size";
  write_file(folder / "y", bytes(5));
  EXPECT_NE(PosixFile::open_read(folder / "y").identity().inode, before.inode) << "another file";
}

TEST(Paths, KindsAreToldAndLinksFollowed) {
  const TemporaryFolder folder;
  write_file(folder / "file", {});
  make_directories(folder / "a/b/c");
  ASSERT_EQ(symlink("file", (folder / "link").c_str()), 0);
  ASSERT_EQ(symlink("none", (folder / "dangling").c_str()), 0);
  ASSERT_EQ(mkfifo((folder / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(path_kind(folder / "file"), PathKind::file);
  EXPECT_EQ(path_kind(folder / "a/b/c"), PathKind::directory);
  EXPECT_EQ(path_kind(folder / "link"), PathKind::file);
  EXPECT_EQ(path_kind(folder / "dangling"), PathKind::missing);
  EXPECT_EQ(path_kind(folder / "file/below"), PathKind::missing);
  EXPECT_EQ(path_kind(folder / "pipe"), PathKind::other);
}

TEST(Paths, DirectoriesMayExistButFilesAreNotReplacedByThem) {
  const TemporaryFolder folder;
  make_directories(folder / "a/b");
  EXPECT_NO_THROW(make_directories(folder / "a/b"));
  write_file(folder / "file", {});
  EXPECT_THROW(make_directories(folder / "file"), IoFailure);
  EXPECT_THROW(make_directories(folder / "file/below"), IoFailure);
}

TEST(Paths, RenamingReplacesAndItsFailureNamesBothPaths) {
  const TemporaryFolder folder;
  write_file(folder / "new", bytes(3));
  write_file(folder / "old", bytes(9));
  rename_path(folder / "new", folder / "old");
  sync_directory(folder.path());
  EXPECT_EQ(read_file(folder / "old", kNoLimit), bytes(3));
  EXPECT_EQ(path_kind(folder / "new"), PathKind::missing);
  try {
    rename_path(folder / "none", folder / "x");
    FAIL() << "nothing was renamed";
  } catch (const IoFailure& error) {
    EXPECT_EQ(error.what(),
              "cannot rename " + (folder / "none") + " to " + (folder / "x") + ": No such file or directory");
  }
}

TEST(Paths, ExchangingSwapsOrSaysThatItCannot) {
  const TemporaryFolder folder;
  make_directories(folder / "a");
  write_file(folder / "a/inside", {});
  make_directories(folder / "b");
  const bool swapped = exchange_paths(folder / "a", folder / "b");
  EXPECT_EQ(path_kind(folder / "b/inside"), swapped ? PathKind::file : PathKind::missing);
  EXPECT_EQ(path_kind(folder / "a/inside"), swapped ? PathKind::missing : PathKind::file);
  if (swapped) {
    EXPECT_THROW(exchange_paths(folder / "a", folder / "none"), IoFailure);
  }
}

TEST(Paths, RemovingTakesFoldersWholeAndLinksAlone) {
  const TemporaryFolder folder;
  make_directories(folder / "kept");
  write_file(folder / "kept/inside", {});
  make_directories(folder / "a/b");
  ASSERT_EQ(symlink("../../kept", (folder / "a/b/link").c_str()), 0);
  remove_path(folder / "a");
  EXPECT_EQ(path_kind(folder / "a"), PathKind::missing);
  EXPECT_EQ(path_kind(folder / "kept/inside"), PathKind::file) << "what a link names stays";
  EXPECT_NO_THROW(remove_path(folder / "a")) << "a missing path is no error";
}

}  // namespace
}  // namespace dunlin
