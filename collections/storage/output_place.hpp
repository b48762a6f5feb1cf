#pragma once
// Where a new output grows and how it appears: `.OUT.partial` beside OUT, renamed when complete. One process acts; the
// others know nothing of it.
//
//   OutputPlace place("anomaly.zarr", overwrite, inputs);     // checks; nothing is touched yet
//   place.begin();                                            // .anomaly.zarr.partial exists, locked by us
//   …                                                         // the hierarchy is written into place.partial()
//   place.publish();                                          // lock gone, renamed to anomaly.zarr
//
// Destroying a place that was begun and not published removes what it made. The lock is the file `lock` in the partial
// folder; output_owner.hpp says what it holds and when its owner is known to be dead. A dead owner's folder is moved
// away to `.OUT.partial.PID.START`, looked at once more, and removed; where that is interrupted, the next run that
// takes the place removes what is left. A folder without a lock is dead once nobody has touched it for a minute.

#include <functional>
#include <string>
#include <vector>

#include "dunlin/base/error.hpp"
#include "output_owner.hpp"

namespace dunlin {

/// The output is, holds, or lies inside an input.
struct OutputIsInput : UsageError {
  OutputIsInput(const std::string& output, const std::string& input);
};
/// What lies at the output's path is nothing that Dunlin replaces.
struct NotReplaceable : UsageError {
  explicit NotReplaceable(const std::string& path);
};
/// The output would lie inside a Zarr hierarchy that it is no part of.
struct InsideHierarchy : UsageError {
  InsideHierarchy(const std::string& path, const std::string& hierarchy);
};
/// The hidden name under which the output would grow is longer than names may be.
struct OutputNameTooLong : UsageError {
  explicit OutputNameTooLong(const std::string& path);
};
/// Another job writes this output now.
struct OutputLocked : StorageError {
  OutputLocked(const std::string& path, const std::string& partial, const std::string& owner);
};

/// What was written so far is gone: somebody has removed or replaced the hidden folder.
struct OutputTakenOver : StorageError {
  OutputTakenOver(const std::string& path, const std::string& partial);
};

class OutputPlace {
 public:
  /// As exchange_paths (base/posix_file.hpp).
  using Exchange = std::function<bool(const std::string& a, const std::string& b)>;
  /// Throws OutputExists, OutputIsInput, NotReplaceable.
  OutputPlace(const std::string& path, bool overwrite, const std::vector<std::string>& inputs, Exchange exchange);
  ~OutputPlace();
  OutputPlace(const OutputPlace&) = delete;
  OutputPlace& operator=(const OutputPlace&) = delete;

  /// Where an output of this name lies: links are followed, a dangling one too.
  static std::string resolved(const std::string& path);
  static std::string partial_of(const std::string& path);
  /// Throws OutputLocked, IoFailure.
  void begin();
  /// Throws IoFailure, OutputTakenOver, and OutputExists or NotReplaceable for what has come meanwhile; then the old
  /// output is as it was.
  void publish();

 private:
  void restore_interrupted() const;
  /// True where there is an output to be replaced; throws where it must not be.
  bool check_replaceable() const;
  static bool is_dead(const std::string& folder);
  void throw_if_alive(const std::string& folder) const;
  void remove_leftovers() const noexcept;
  static void remove_if_possible(const std::string& path) noexcept;
  std::string path_, partial_, old_;
  OutputOwner self_;
  Exchange exchange_;
  bool overwrite_, begun_ = false;
};

}  // namespace dunlin
