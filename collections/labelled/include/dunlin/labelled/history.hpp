#pragma once
// The `history` attribute: one line per step, the newest first.
//
//   2026-05-21T09:30:00Z: dunlin anomaly --dim time in.nc out.zarr (dunlin 0.1.0)

#include <string>

#include "dunlin/labelled/dataset.hpp"

namespace dunlin {

/// Puts a line in front of the dataset's history. Collective: the date is rank 0's, in UTC; SOURCE_DATE_EPOCH (seconds)
/// stands in for the clock where it is set.
Dataset add_history(const Dataset& dataset, const std::string& command);
/// The attribute value with one line more.
std::string history_with(const std::string& line, const std::string& old);
std::string history_line(std::int64_t unix_seconds, const std::string& command);

}  // namespace dunlin
