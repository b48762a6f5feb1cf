#pragma once
// How a user cuts the output: "time=1,lat=256,lon=all", or by position "1,256,all".
//
//   choice := entry (',' entry)*          entry := [name '='] length          length := number | "all"
//
// Names apply to data variables that have the dimension; an axis that is not named keeps its chunks. Positions apply to
// data variables with as many axes. Coordinates and what else is carried are not cut by it.

#include <span>
#include <string>
#include <vector>

#include "dunlin/labelled/dimension.hpp"
#include "dunlin/labelled/variable.hpp"

namespace dunlin {

/// "--chunks 'time=x': a chunk length is a positive number or 'all'".
struct BadChunkChoice : UsageError {
  BadChunkChoice(const std::string& text, const std::string& reason);
};

class ChunkChoice {
 public:
  /// Nothing chosen.
  ChunkChoice() = default;
  /// Throws BadChunkChoice.
  static ChunkChoice parse(const std::string& text);

  bool empty() const { return entries_.empty(); }
  /// Throws NoSuchDimension where a name is no dimension, BadChunkChoice where positions fit none of the variables.
  void check(const std::vector<Dimension>& dimensions, std::span<const Variable* const> data) const;
  /// A regular grid for a variable whose values come in chunks of `grid`.
  ChunkGrid apply(const std::vector<std::string>& dims, const ChunkGrid& grid) const;

 private:
  struct Entry {
    std::string name;         // empty by position
    std::int64_t length = 0;  // 0: all
  };
  std::vector<Entry> entries_;
  std::string text_;
};

}  // namespace dunlin
