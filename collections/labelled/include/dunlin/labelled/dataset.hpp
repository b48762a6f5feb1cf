#pragma once
// Variables that share dimensions and coordinates: one file, or what is about to become one.
//
//   Dataset ds = open_dataset(context, "E1_north_america.nc");     // collective; metadata and coordinates only
//   DataArray t = ds["air_temperature"];
//
// Every variable has a role, told by the attributes that refer to it:
//
//   coordinate   time(time): one axis of its own name
//   auxiliary    named in a `coordinates` attribute, or as a dimension: height, nav_lat(y, x), forecast_period(time)
//   supporting   named in bounds, climatology, grid_mapping, cell_measures, … of others; and in formula_terms, where it
//                has no dimension beside the naming variable's: ap(lev)
//   data         all the rest; ancillary variables and surface fields of formulas, ps(time, y, x), among them
//
// Immutable in use: functions return changed copies, which cost a few pointers per variable.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dunlin/io/attributes.hpp"
#include "dunlin/labelled/data_array.hpp"
#include "dunlin/labelled/dimension.hpp"
#include "dunlin/labelled/variable.hpp"
#include "dunlin/storage/storage.hpp"

namespace dunlin {

enum class Role { coordinate, auxiliary, supporting, data };
const char* to_string(Role role);

/// "no variable 'air_temprature' in E1.nc; did you mean 'air_temperature'?"
struct NoSuchVariable : InputError {
  NoSuchVariable(const std::string& typed, const std::vector<std::string>& known, const std::string& where);
  std::string typed;
};
/// A file's variables give one dimension two lengths.
struct DimensionConflict : InputError {
  DimensionConflict(const std::string& dimension, const std::string& variable, std::int64_t length,
                    std::int64_t expected);
  std::string dimension, variable;
};

/// "no group 'ocaen' with variables in x.nc; did you mean 'ocean'?"
struct NoSuchGroup : InputError {
  NoSuchGroup(const std::string& group, const std::string& path, const std::vector<std::string>& known);
  std::string group;
};

class Dataset {
 public:
  /// Dimensions that `dimensions` does not name are taken from the variables. Throws DimensionConflict.
  Dataset(std::shared_ptr<ContextState> context, Attributes attributes, std::vector<Dimension> dimensions,
          std::vector<Variable> variables);

  const std::shared_ptr<ContextState>& context() const { return context_; }
  const Attributes& attributes() const { return attributes_; }
  const std::vector<Dimension>& dimensions() const { return dimensions_; }
  /// In the file's order.
  const std::vector<Variable>& variables() const { return variables_; }
  const Variable* find(const std::string& name) const;
  /// Throws NoSuchVariable with the nearest name.
  const Variable& at(const std::string& name) const;
  Role role(const std::string& name) const;
  /// Names of the variables with Role::data, in order.
  std::vector<std::string> data_variables() const;
  /// A variable with its coordinates and what they refer to. Throws NoSuchVariable.
  DataArray operator[](const std::string& name) const;

  /// Files that are read, and what they hold that cannot be carried.
  std::vector<std::string> inputs;
  std::vector<SkippedVariable> skipped;
  /// "netCDF-4", "Zarr v3"; empty for computed ones.
  std::string format;

  Dataset with_attributes(Attributes attributes) const;
  /// The same with other variables; dimensions that none of them has go.
  Dataset with_variables(std::vector<Variable> variables) const;

 private:
  std::shared_ptr<ContextState> context_;
  Attributes attributes_;
  std::vector<Dimension> dimensions_;
  std::vector<Variable> variables_;
  std::vector<Role> roles_;
};

struct OpenOptions {
  /// The group whose variables are meant, without slashes around it; empty: the root. Variables of other groups are
  /// left out, but for those of the groups around it that its variables need: coordinates of their dimensions, and what
  /// their attributes name.
  std::string group;
  /// Variables that are wanted: warnings are about these and what belongs to them. All are opened. Empty: all.
  std::vector<std::string> variables;
};

/// Collective. Metadata and coordinate variables are read by rank 0 and shared; nothing else is read. Warnings in the
/// context's log (rank 0): a line for each variable that cannot be carried and for each group below the opened one,
/// which is left out; a line for each Zarr array none of whose chunks is stored. Throws InputError.
Dataset open_dataset(std::shared_ptr<ContextState> context, const std::string& path, const OpenOptions& options = {});
Dataset open_dataset(Context& context, const std::string& path, const OpenOptions& options = {});

/// A dataset of one array with what labels it. Throws UsageError for one without a name.
Dataset to_dataset(const DataArray& array);

/// The named variables, the coordinates that lie along their dimensions, and what all these refer to; the rest goes.
/// Throws NoSuchVariable.
Dataset select(const Dataset& dataset, const std::vector<std::string>& names);

}  // namespace dunlin
