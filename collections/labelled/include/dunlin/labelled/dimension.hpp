#pragma once
// Named axes: what a dimension is, and which one a user means.
//
// A user names a dimension by its name, else by what it is: an axis letter (T, Z, Y, X), a standard name, or the common
// word for one of these (time, latitude, longitude). The evidence is in the one-dimensional variables that lie along
// it: `axis`, `standard_name`, and units ("hours since …" is a time, "degrees_north" a latitude). Files without
// dimension names (plain HDF5) get "phony_dim_0", … by length, as in netCDF; there a number names the axis of each
// variable.
//
//   time_counter: axis "T"            --dim time_counter, --dim T, --dim time
//   phony_dim_0, phony_dim_1          --dim 0

#include <initializer_list>
#include <span>
#include <string>
#include <vector>

#include "dunlin/base/error.hpp"
#include "dunlin/labelled/variable.hpp"

namespace dunlin {

struct Dimension {
  std::string name;
  std::int64_t length = 0;
  bool unlimited = false;
  /// The file had no name for it.
  bool nameless = false;
};

/// One or several dimension names: mean("time"), mean({"lat", "lon"}).
class DimensionNames {
 public:
  DimensionNames(const char* name) : names_{name} {}
  DimensionNames(std::string name) : names_{std::move(name)} {}
  DimensionNames(std::initializer_list<std::string> names) : names_(names) {}
  DimensionNames(std::vector<std::string> names) : names_(std::move(names)) {}
  auto begin() const { return names_.begin(); }
  auto end() const { return names_.end(); }

 private:
  std::vector<std::string> names_;
};

/// "no dimension 'tmie': there are time, latitude, longitude; did you mean 'time'?"
struct NoSuchDimension : InputError {
  NoSuchDimension(const std::string& typed, const std::vector<std::string>& known);
  std::string typed;
};
/// Several dimensions are what the user said.
struct AmbiguousDimension : UsageError {
  AmbiguousDimension(const std::string& typed, const std::vector<std::string>& candidates);
  std::string typed;
  std::vector<std::string> candidates;
};

/// What the user meant: a name, or (nameless axes) a position.
struct DimensionChoice {
  std::string name;
  int position = -1;
  /// The axis of a variable, or −1 where it has no such.
  int axis_of(const Variable& variable) const;
  /// For people: the name, or "axis 0".
  std::string text() const;
};

/// Resolves what a user typed among `dimensions`, with `variables` as evidence. Throws NoSuchDimension,
/// AmbiguousDimension.
DimensionChoice choose_dimension(const std::string& typed, const std::vector<Dimension>& dimensions,
                                 std::span<const Variable> variables);

}  // namespace dunlin
