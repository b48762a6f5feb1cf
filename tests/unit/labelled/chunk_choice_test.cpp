// The text of --chunks: what it says, what it does not touch, what is refused.

#include "dunlin/labelled/chunk_choice.hpp"

#include <gtest/gtest.h>

#include "support.hpp"

namespace dunlin {
namespace {

const ChunkGrid kGrid = ChunkGrid::regular({240, 37, 49}, {100, 37, 49});
const std::vector<std::string> kDims = {"time", "lat", "lon"};

struct Case {
  const char* why;
  const char* text;
  Shape chunk;
};

TEST(ChunkChoice, CutsWhatItNamesAndKeepsTheRest) {
  const Case cases[] = {
      {"by name", "time=1,lat=16,lon=all", {1, 16, 49}},
      {"an axis that is not named keeps its chunks", "lat=5", {100, 5, 49}},
      {"names of other variables' dimensions", "depth=3", {100, 37, 49}},
      {"by position", "7,all,10", {7, 37, 10}},
      {"positions for another number of axes", "7,10", {100, 37, 49}},
      {"more than there is", "time=100000", {240, 37, 49}},
      {"blanks", " time = 2 , lon = 3 ", {2, 37, 3}},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.why);
    EXPECT_EQ(ChunkChoice::parse(c.text).apply(kDims, kGrid).largest(), c.chunk);
  }
}

TEST(ChunkChoice, RaggedAndEmptyGridsBecomeRegular) {
  EXPECT_EQ(ChunkChoice().apply({"x"}, ChunkGrid::ragged({{2, 5, 1}})), ChunkGrid::regular({8}, {5}));
  EXPECT_EQ(ChunkChoice().apply({"x"}, ChunkGrid::regular({0}, {4})), ChunkGrid::regular({0}, {1}));
  EXPECT_EQ(ChunkChoice::parse("x=all").apply({}, ChunkGrid()), ChunkGrid());
}

TEST(ChunkChoice, WhatItCannotMeanIsRefused) {
  EXPECT_EQ(test::sentence<BadChunkChoice>([] { ChunkChoice::parse("time=x"); }),
            "chunks 'time=x': 'x' is no chunk length: it is a positive number or 'all'");
  for (const char* text : {"", "time=0", "time=-1", "=3", "time=1,5", "time=1,time=2", "time=1,", "1.5"})
    EXPECT_THROW(ChunkChoice::parse(text), BadChunkChoice) << text;
}

TEST(ChunkChoice, NamesAndPositionsMustFitSomething) {
  const Variable x = test::lazy("x", {"time", "lat"}, {2, 2});
  const std::vector<const Variable*> data = {&x};
  const std::vector<Dimension> dimensions = {{"time", 2}, {"lat", 2}};
  EXPECT_EQ(test::sentence<NoSuchDimension>([&] { ChunkChoice::parse("tim=1").check(dimensions, data); }),
            "no dimension 'tim': there are time, lat; did you mean 'time'?");
  EXPECT_THROW(ChunkChoice::parse("1,1,1").check(dimensions, data), BadChunkChoice);
  EXPECT_NO_THROW(ChunkChoice::parse("1,1").check(dimensions, data));
  EXPECT_NO_THROW(ChunkChoice().check(dimensions, data));
}

}  // namespace
}  // namespace dunlin
