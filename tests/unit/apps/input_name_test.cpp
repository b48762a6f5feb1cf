// PATH[:VARIABLE]: what exists whole is a path; else the longest part that exists; else the last colon splits.

#include "input_name.hpp"

#include <gtest/gtest.h>

#include <set>

namespace dunlin {
namespace {

TEST(InputName, IsSplitByWhatExists) {
  struct Case {
    const char *why, *text;
    std::set<std::string> there;
    InputName name;
  };
  const Case cases[] = {
      {"a path alone", "a.nc", {"a.nc"}, {"a.nc", "", ""}},
      {"a missing path alone", "a.nc", {}, {"a.nc", "", ""}},
      {"a variable", "a.nc:sst", {"a.nc"}, {"a.nc", "", "sst"}},
      {"a variable of a missing file", "a.nc:sst", {}, {"a.nc", "", "sst"}},
      {"a path with a colon exists whole", "2020-01-01T00:00.nc", {"2020-01-01T00:00.nc"}, {"2020-01-01T00:00.nc"}},
      {"a variable behind such a path", "T00:00.nc:sst", {"T00:00.nc"}, {"T00:00.nc", "", "sst"}},
      {"both readings exist: whole", "a:b", {"a", "a:b"}, {"a:b", "", ""}},
      {"the longest part that exists", "a:b:c", {"a", "a:b"}, {"a:b", "", "c"}},
      {"a colon in the variable's name", "a:b:c", {"a"}, {"a", "", "b:c"}},
      {"a group", "a.h5:/ocean/deep/sst", {"a.h5"}, {"a.h5", "ocean/deep", "sst"}},
      {"a group without a slash in front", "a.h5:ocean/sst", {"a.h5"}, {"a.h5", "ocean", "sst"}},
      {"all of a group", "a.h5:ocean/", {"a.h5"}, {"a.h5", "ocean", ""}},
      {"a colon in front is part of a path", ":a", {}, {":a", "", ""}},
  };
  for (const auto& it : cases) {
    SCOPED_TRACE(it.why);
    const InputName name = split_input(it.text, [&](const std::string& path) { return it.there.contains(path); });
    EXPECT_EQ(name, it.name) << name.path << " | " << name.group << " | " << name.variable;
  }
}

TEST(InputName, UrlsAreNotTakenForPaths) {
  const auto nothing = [](const std::string&) { return false; };
  for (const char* url : {"https://x.org/a.nc", "s3://bucket/a.zarr", "file:///a.nc"}) {
    try {
      split_input(url, nothing);
      ADD_FAILURE() << url << " was accepted";
    } catch (const UrlAsPath& error) {
      EXPECT_EQ(std::string(error.what()), "'" + std::string(url) +
                                               "' is a URL: only files and folders are read and written; give the path "
                                               "of a copy, or of a file system that is mounted from there");
    }
  }
  EXPECT_EQ(split_input("a://b", [](const std::string& path) { return path == "a://b"; }).path, "a://b");
  EXPECT_FALSE(is_url("C://x")) << "one letter is no scheme";
  EXPECT_FALSE(is_url("a.nc:/group/sst"));
}

TEST(InputName, EmptyPartsAreRefused) {
  const auto nothing = [](const std::string&) { return false; };
  EXPECT_THROW(split_input("", nothing), UsageError);
  try {
    split_input("a.nc:", nothing);
    FAIL() << "a name that ends in a colon was accepted";
  } catch (const UsageError& error) {
    EXPECT_STREQ(error.what(), "'a.nc:' ends in a colon: name a variable behind it, or leave it out");
  }
}

}  // namespace
}  // namespace dunlin
