// What the user may call a codec, and what is answered to all else.

#include <gtest/gtest.h>

#include "dunlin/io/stored_group.hpp"

namespace dunlin {
namespace {

TEST(ParseCodec, KnowsNamesAndLevels) {
  struct Case {
    const char* text;
    const char* name;
    int level;
  };
  for (const auto& [text, name, level] :
       {Case{"blosc-lz4", "blosc-lz4", -1}, Case{"blosc-lz4:9", "blosc-lz4", 9}, Case{"blosc-zstd:3", "blosc-zstd", 3},
        Case{"zstd:22", "zstd", 22}, Case{"gzip:1", "gzip", 1}, Case{"none", "none", -1}}) {
    const CodecChoice choice = parse_codec(text);
    EXPECT_EQ(choice.name, name);
    EXPECT_EQ(choice.level, level) << text;
  }
}

TEST(ParseCodec, AnswersWithWhatIsKnown) {
  struct Case {
    const char* text;
    const char* message;
  };
  for (const auto& [text, message] :
       {Case{"lz4", "codec 'lz4': Zarr v3 has no codec of that name that zarr-python reads; use blosc-lz4"},
        Case{"lz4:3", "codec 'lz4': Zarr v3 has no codec of that name that zarr-python reads; use blosc-lz4"},
        Case{"gzip:10", "codec 'gzip:10': gzip takes a level from 1 to 9, not '10'"},
        Case{"zstd:", "codec 'zstd:': zstd takes a level from 1 to 22, not ''"},
        Case{"zstd:3x", "codec 'zstd:3x': zstd takes a level from 1 to 22, not '3x'"},
        Case{"none:1", "codec 'none:1': none takes no level"},
        Case{"zsdt",
             "there is no codec 'zsdt'; did you mean 'zstd'?; known are blosc-lz4, blosc-zstd, zstd, gzip (each "
             "with a level, as in zstd:3) or none"},
        Case{"",
             "there is no codec ''; known are blosc-lz4, blosc-zstd, zstd, gzip (each with a level, as in zstd:3) "
             "or none"}}) {
    try {
      parse_codec(text);
      ADD_FAILURE() << text << " was accepted";
    } catch (const UsageError& error) {
      EXPECT_STREQ(error.what(), message);
    }
  }
}

}  // namespace
}  // namespace dunlin
