#pragma once
// A dataset on its way to disk: what to_zarr writes, so that it can be planned, or written.
//
//   to_zarr(anomaly(ds), "anomaly.zarr");
//   ZarrOutput output(anomaly(ds), "anomaly.zarr", {.overwrite = true});
//   output.explain(1000).text;                // what 1000 ranks would do; nothing is touched
//   RunReport report = output.write();        // collective
//
// The output is a Zarr v3 hierarchy that xarray.open_zarr shows as the dataset it is: dimension names, attributes,
// coordinates, times as CF numbers. Computed variables hold NaN where missing and need no marker (their fill_value is
// NaN). Carried variables keep stored values and markers; a float `_FillValue` is spelled as base64 text, as xarray
// reads it in Zarr v3. References to variables that are not there are removed.
//
// A variable whose name Zarr keeps for itself (`zarr.json`, `__x`) or cannot spell (with a backslash, ".", "..") is
// left out at the cost of one warning line, unless it is required. Slashes in a name make groups.

#include <string>
#include <vector>

#include "dunlin/labelled/chunk_choice.hpp"
#include "dunlin/labelled/dataset.hpp"
#include "dunlin/storage/storage.hpp"

namespace dunlin {

struct ZarrOptions {
  /// Replace an existing Zarr hierarchy once the new one is complete.
  bool overwrite = false;
  CodecChoice codec = {};
  ChunkChoice chunks = {};
  /// Variables that must be in the output.
  std::vector<std::string> required = {};
};

/// A variable that is required, or all data, has a name that Zarr cannot hold.
struct UnwritableName : UsageError {
  UnwritableName(const std::string& variable, const std::string& reason);
  std::string variable, reason;
};
/// Why Zarr cannot hold a variable of this name; empty where it can.
std::string unwritable_name(const std::string& name);

class ZarrOutput {
 public:
  /// Alike on all ranks; touches nothing. Throws NoSuchDimension and BadChunkChoice for the chunks, UnwritableName, and
  /// UsageError where Zarr cannot hold a variable for another reason.
  ZarrOutput(const Dataset& dataset, std::string path, const ZarrOptions& options = {});

  /// What will be there.
  const NewGroup& group() const { return group_; }
  /// Not collective: the plan for `ranks` ranks (0: the context's own).
  PlanReport explain(int ranks = 0) const;
  /// Collective. Throws OutputExists and the like before anything is touched.
  RunReport write();

 private:
  struct Writable {
    Dataset dataset;
  };
  ZarrOutput(const Writable& of, std::string path, const ZarrOptions& options);
  static Writable writable(const Dataset& dataset, const ZarrOptions& options);

  std::shared_ptr<ContextState> context_;
  NewGroup group_;
  std::vector<LayerPtr> values_;
  NewStore store_;
};

/// Collective.
RunReport to_zarr(const Dataset& dataset, const std::string& path, const ZarrOptions& options = {});
RunReport to_zarr(const DataArray& array, const std::string& path, const ZarrOptions& options = {});

/// The metadata that a dataset gets as Zarr v3: one array per variable, in order, with regular grids.
NewGroup zarr_group(const Dataset& dataset, const ChunkChoice& chunks = {});

}  // namespace dunlin
