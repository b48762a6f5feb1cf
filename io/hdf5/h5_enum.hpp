#pragma once
// The members of an enumeration as attributes: values of one are names, not quantities, and CF spells that as flags.
//
//   enum int8 {clear = 0, "cu fog" = 4}     flag_values = 0, 4     flag_meanings = "clear cu_fog"

#include "dunlin/io/attributes.hpp"
#include "h5_handle.hpp"
#include "h5_type.hpp"

namespace dunlin {

/// Sets `flag_values` and `flag_meanings` by the members of an enumeration type, in their order, unless the attributes
/// say themselves what the values mean (`flag_values`, `flag_masks`). Blanks in names become "_". Does nothing for
/// other types. Throws H5CallFailed. Use: inside an H5Session.
void add_enum_flags(hid_t type, const H5ElementType& element, Attributes& attributes);

}  // namespace dunlin
