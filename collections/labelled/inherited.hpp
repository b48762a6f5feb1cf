#pragma once
// What the variables of a nested group take from the groups around it: coordinates of their dimensions, and variables
// that they name.
//
//   time(time)             root: dimension and coordinate
//   a/b/v(time)            group a/b: v and time(time)
//
// For each name the nearest group counts. A dimension's coordinate is taken only where it lies along the same dimension
// of the file: a group may have a `time` of its own.

#include <memory>
#include <string>
#include <vector>

#include "dunlin/storage/storage.hpp"

namespace dunlin {

/// "ocean/tos" → "ocean"; "tos" → "".
std::string group_of(const std::string& name);
/// True for a group that holds `inner`, at any depth: "" and "a" hold "a/b".
bool is_around(const std::string& group, const std::string& inner);
/// Arrays of groups around `group` that its arrays need; none where it is the root.
std::vector<std::shared_ptr<const StoredArray>> inherited(const StoredGroup& file, const std::string& group);

}  // namespace dunlin
