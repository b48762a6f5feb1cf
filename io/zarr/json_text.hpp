#pragma once
// JSON text as Zarr's programs write it: RFC 8259, and the bare tokens NaN, Infinity and -Infinity, which Python's
// writer puts where an attribute is no finite number. Keys keep the order of the file; integers keep all 64 bits.
//
// Nothing deeper than 64 levels is read, so that no file exhausts the stack.

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace dunlin {

using Json = nlohmann::ordered_json;

/// Throws BadMetadata naming `where` and the place of the mistake.
Json parse_json(std::string_view text, const std::string& where);

/// Indented by two, lists of plain values on one line; `compact`: on one line altogether. Numbers that are not finite
/// become the bare tokens. Bytes that are no UTF-8 are taken as Latin-1, as old netCDF files have it.
std::string write_json(const Json& value, bool compact = false);

/// The value as one line for messages, cut after 60 characters.
std::string brief(const Json& value);

}  // namespace dunlin
