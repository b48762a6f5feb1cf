#pragma once
// Names of dimensions, from HDF5's dimension scales and netCDF-4's use of them.
//
// A *scale* is a dataset with the attribute CLASS = "DIMENSION_SCALE"; its path is the name of a dimension. Other
// datasets refer to scales in DIMENSION_LIST, one list of references per axis. netCDF-4 makes of each dimension a
// scale:
//
//   dataset                          dimensions          is an array
//   scale of one axis                its own name        yes: a coordinate
//   scale of more axes               _Netcdf4Coordinates yes (text along time, say), first axis its own name
//   scale whose NAME says "This is   -                   no: a dimension without coordinate
//     a netCDF dimension but not a
//     netCDF variable"
//   other                            DIMENSION_LIST      yes; axes without a scale have an empty name
//
// An unlimited dimension is as long as the longest dataset along it; shorter ones read as fill beyond their own end. A
// name is used on an axis only where the lengths then agree.

#include <map>
#include <string>
#include <vector>

#include "dunlin/io/stored_group.hpp"
#include "h5_dataset.hpp"

namespace dunlin {

class H5Dimensions {
 public:
  /// `limit`: most bytes that an attribute may claim.
  explicit H5Dimensions(std::uint64_t limit) : limit_(limit) {}

  /// Makes the dataset known; all must be before names are asked. Use, as all below: inside an H5Session.
  void add(const H5Dataset& dataset);
  /// Takes the lengths of unlimited dimensions from a dataset; all must be before lengths are asked.
  void measure(const H5Dataset& dataset);

  bool has_scales() const { return !scales_.empty(); }
  /// True for a dimension that is no variable.
  bool is_pure(const H5Dataset& dataset) const;
  /// A name for each axis, empty where there is none.
  std::vector<std::string> names(const H5Dataset& dataset) const;
  /// The lengths that the dataset's array has along dimensions of these names.
  Shape lengths(const H5Dataset& dataset, const std::vector<std::string>& names) const;
  /// All dimensions, in netCDF's order where it is given.
  std::vector<StoredDimension> all() const;

 private:
  struct Scale {
    StoredDimension dimension;
    std::int64_t netcdf_id;  // place among the file's dimensions; large where there is none
    bool pure;
  };
  const Scale* named(const std::string& name) const;
  std::vector<std::string> listed(const H5Dataset& dataset) const;
  std::vector<std::string> by_netcdf_id(const H5Dataset& dataset) const;
  std::string fitting(const Scale& scale, const H5Dataset& dataset, std::size_t axis) const;

  std::uint64_t limit_;
  std::map<haddr_t, Scale> scales_;  // by the address of the scale's header
  std::vector<haddr_t> order_;       // as they were added
  std::map<std::string, haddr_t> by_name_;
};

}  // namespace dunlin
