// An error is one line, whatever it carries; every exception has a sentence.

#include "terminal.hpp"

#include <gtest/gtest.h>

#include <new>

namespace dunlin {
namespace {

TEST(Terminal, OneLineHoldsNothingThatMovesACursor) {
  EXPECT_EQ(one_line("no variable 'a\nb'"), "no variable 'a b'");
  EXPECT_EQ(one_line("\033[2J\a\x7f tab\t."), "?[2J?? tab .");
  EXPECT_EQ(one_line("größe …"), "größe …");
}

TEST(Terminal, EveryExceptionHasASentence) {
  EXPECT_EQ(sentence_of(InputError("no such file: x.nc")), "no such file: x.nc");
  EXPECT_EQ(sentence_of(InternalError("lost a chunk")), "lost a chunk (a bug of Dunlin: please report it)");
  EXPECT_EQ(sentence_of(std::runtime_error("what")), "what (a bug of Dunlin: please report it)");
  EXPECT_NE(sentence_of(std::bad_alloc()).find("--memory"), std::string::npos);
}

}  // namespace
}  // namespace dunlin
