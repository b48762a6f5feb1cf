#pragma once
// What a user calls an input: PATH, PATH:VARIABLE or PATH:GROUP/VARIABLE.
//
//   in.nc              the whole file                  in.nc:ocean/sst     variable sst of group ocean
//   in.nc:sst          one variable of it              in.nc:ocean/        all variables of group ocean
//   2020-01-01T00:00.nc   a path, where that is there: a text that exists whole is a path
//
// Otherwise the longest part before a colon that exists is the path; where none does, the part before the last colon.

#include <functional>
#include <string>

#include "dunlin/context/context.hpp"
#include "dunlin/labelled/dataset.hpp"

namespace dunlin {

struct InputName {
  std::string path;
  /// Without slashes around it; empty: the root.
  std::string group;
  /// Empty: all.
  std::string variable;
  friend bool operator==(const InputName&, const InputName&) = default;
};

/// A group was named without the slash that says so.
struct GroupAsVariable : InputError {
  GroupAsVariable(const std::string& path, const std::string& group);
  std::string group;
};
/// "https://…", "s3://…".
struct UrlAsPath : InputError {
  explicit UrlAsPath(const std::string& url);
  std::string url;
};
bool is_url(const std::string& text);

/// Splits by asking `exists` of parts of the text. Throws UsageError for an empty path or name, UrlAsPath
/// where it is no path but a URL.
InputName split_input(const std::string& text, const std::function<bool(const std::string&)>& exists);

/// Collective: rank 0 looks, all know.
InputName resolve_input(ContextState& context, const std::string& text);

/// Throws InputError with the reason where `name` is a variable that the dataset, opened from `group`, had to leave
/// out; GroupAsVariable where it is a group.
void refuse_skipped(const Dataset& dataset, const std::string& group, const std::string& name);

}  // namespace dunlin
