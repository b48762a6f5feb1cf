#pragma once
// Data minus its mean over a dimension: the `anomaly` command on a dataset.
//
// Every chosen data variable becomes x − mean(x over dim): missing values skipped, the mean in double, the difference
// taken in double and rounded once to the decoded input's floating type (float64 for integers). Name, units,
// `coordinates` and other attributes stay; packing and range attributes go. `cell_methods` stays as it is, as with CDO
// and xarray: the values still are, say, "time: mean (interval: 6 hour)" of their cells; CF's own word for the rest
// (1.13, `anomaly_wrt`) needs a variable that describes the norm beside it. What was done stands in `history`. All
// other variables are carried over as stored values, the dimension and its coordinate included.
//
// Chosen by themselves are data variables that lie along the dimension and hold real numbers: not flags (`flag_values`,
// `flag_masks`), not truth values (also integers that say `dtype` is "bool", as xarray writes them), not times ("days
// since …"). Ancillary variables and the surface pressure of hybrid levels are data like any other, as with CDO and
// xarray. With names given, exactly these, whatever other variables say of them, coordinates of dimensions excepted;
// other data variables are left out. What is carried although it lies along the dimension is told by one line of the
// log. Data that cannot be read was left out with a warning when the dataset was opened.
//
// Numbers are float64 while they are computed. Integers of 64 bits may be larger than it holds exactly, so a variable
// of them costs a warning line, unless `valid_range`, `valid_min` with `valid_max`, or `actual_range` says that all lie
// within ±2^53. Whether large ones do occur is known only once all ranks have read everything, which would cost a pass
// over the values and a message more, for a case that is rare; the line comes before the work, when it can be stopped.

#include <string>
#include <vector>

#include "dunlin/labelled/dataset.hpp"

namespace dunlin {

struct AnomalyOptions {
  /// As choose_dimension takes it.
  std::string dim = "time";
  /// Data variables, each counting once; empty: all that fit.
  std::vector<std::string> variables;
  /// A cell with fewer values has no mean, and no anomaly.
  std::int64_t min_count = 1;
};

/// A variable was asked for that the operation cannot take: "cannot take the anomaly of 'x' over 'time': it has
/// dimensions (y, x)".
struct UnfitVariable : UsageError {
  UnfitVariable(const std::string& variable, const std::string& dim, const std::string& reason);
  std::string variable, reason;
};
/// No data variable fits.
struct NothingToDo : UsageError {
  /// `elsewhere`: a group that holds others, "ocean/"; may be empty.
  NothingToDo(const std::string& dim, const std::vector<std::string>& data_variables,
              const std::string& elsewhere = "");
};

/// No data variable is left, since the input's cannot be carried: they are named with their reasons.
struct NothingLeft : InputError {
  NothingLeft(const std::string& dim, const std::vector<SkippedVariable>& skipped);
};
/// Only variables that cannot be read have the dimension.
struct UnreadVariable : InputError {
  UnreadVariable(const SkippedVariable& skipped, const std::string& dim, const std::string& where);
  std::string variable, reason;
};

/// The dimension that is meant. Throws NoSuchDimension, AmbiguousDimension; UnreadVariable where only variables that
/// cannot be read have it.
DimensionChoice anomaly_dimension(const Dataset& dataset, const AnomalyOptions& options = {});
/// Lazy. Throws what anomaly_dimension does, NoSuchVariable, UnfitVariable, NothingToDo, NothingLeft, BadPacking.
Dataset anomaly(const Dataset& dataset, const AnomalyOptions& options = {});
/// Names of the data variables, none twice, that `anomaly` would compute.
std::vector<std::string> anomaly_variables(const Dataset& dataset, const AnomalyOptions& options = {});

}  // namespace dunlin
