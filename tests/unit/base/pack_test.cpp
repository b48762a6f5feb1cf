// A record reads back as it was written, and one that ends too early is noticed.

#include "dunlin/base/pack.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>

namespace dunlin {
namespace {

TEST(Pack, FieldsReadBackInOrder) {
  Packer out;
  out.number(std::numeric_limits<std::int64_t>::min());
  out.text("");
  out.text(std::string("a\0b", 3));
  out.real(-0.0);
  out.coords({});
  out.coords({240, kUnknown});
  out.block(std::vector<std::byte>(3, std::byte{7}));

  Unpacker in(out.bytes());
  EXPECT_EQ(in.number(), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(in.text(), "");
  EXPECT_EQ(in.text(), std::string("a\0b", 3));
  EXPECT_TRUE(std::signbit(in.real()));
  EXPECT_EQ(in.coords(), Coords{});
  EXPECT_EQ(in.coords(), (Coords{240, kUnknown}));
  EXPECT_FALSE(in.done());
  EXPECT_EQ(in.block().size(), 3u);
  EXPECT_TRUE(in.done());
}

TEST(Pack, TheBytesAreThoseOfTheGrammar) {
  Packer out;
  out.number(3);
  out.text("time");
  ASSERT_EQ(out.bytes().size(), 8u + 8u + 4u);
  EXPECT_EQ(out.bytes()[0], std::byte{3});
  EXPECT_EQ(out.bytes()[8], std::byte{4});
  EXPECT_EQ(out.bytes()[16], std::byte{'t'});
}

TEST(Pack, ARecordThatEndsTooEarlyIsABugThatIsNamed) {
  Packer out;
  out.text("time");
  const std::span<const std::byte> whole = out.bytes();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    Unpacker in(whole.first(size));
    EXPECT_THROW(in.text(), InternalError) << size << " bytes of " << whole.size();
  }
  Packer lying;
  lying.number(-1);  // a length that is no length
  EXPECT_THROW(Unpacker(lying.bytes()).block(), InternalError);
}

RC_GTEST_PROP(Pack, AnyTextsReadBack, (const std::vector<std::string>& texts)) {
  Packer out;
  for (const std::string& text : texts) out.text(text);
  Unpacker in(out.bytes());
  for (const std::string& text : texts) RC_ASSERT(in.text() == text);
  RC_ASSERT(in.done());
}

}  // namespace
}  // namespace dunlin
