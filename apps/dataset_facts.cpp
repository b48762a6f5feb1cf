#include "dataset_facts.hpp"

#include "dunlin/labelled/cf_time.hpp"
#include "dunlin/labelled/decode.hpp"

namespace dunlin {
namespace {

const ArrayDescription* stored_array(const StoredGroup& stored, const std::string& name) {
  if (const StoredArray* array = stored.find(name)) return &array->description();
  // A store that is one array has no name inside.
  const StoredArray* alone = stored.arrays.size() == 1 ? stored.find("") : nullptr;
  return alone ? &alone->description() : nullptr;
}

double decoded_at(const Variable& variable, const Decoding& decoding, std::int64_t k) {
  const double stored = variable.real_at(k);
  return decoding.packed ? stored * decoding.scale + decoding.offset : stored;
}

// Dates are an extra: a coordinate whose units make no sense still has its numbers.
void add_dates(Ends& ends, const Attributes& attributes) {
  try {
    const std::optional<CfTime> time = CfTime::of(attributes);
    if (!time) return;
    Ends dated = ends;
    dated.first_date = to_string(time->date(ends.first));
    dated.last_date = to_string(time->date(ends.last));
    dated.calendar = to_string(time->calendar());
    ends = dated;
  } catch (const UserError&) {}
}

std::optional<Ends> ends_of(const Variable& variable) {
  if (!variable.values || !variable.data.dtype().is_real() || variable.data.grid().length(0) == 0) return {};
  try {
    const Decoding decoding = decoding_of(variable);
    Ends ends{.first = decoded_at(variable, decoding, 0),
              .last = decoded_at(variable, decoding, variable.data.grid().length(0) - 1)};
    add_dates(ends, variable.attributes);
    return ends;
  } catch (const BadPacking&) {
    return {};
  }
}

DType decoded_or_stored(const Variable& variable) {
  try {
    return decoded_type(variable);
  } catch (const BadPacking&) {
    return variable.data.dtype();
  }
}

}  // namespace

DatasetFacts facts_of(const Dataset& dataset, const StoredGroup& stored, const std::string& group) {
  DatasetFacts facts{.path = stored.path,
                     .format = stored.format,
                     .group = group,
                     .dimensions = dataset.dimensions(),
                     .attributes = dataset.attributes(),
                     .skipped = dataset.skipped};
  for (const Variable& variable : dataset.variables()) {
    VariableFacts one{.name = variable.name,
                      .role = dataset.role(variable.name),
                      .dtype = variable.data.dtype(),
                      .decoded = decoded_or_stored(variable),
                      .dims = variable.dims,
                      .shape = variable.data.shape(),
                      .encoding = variable.encoding,
                      .ends = ends_of(variable),
                      .attributes = readable(variable.attributes, variable.data.dtype())};
    one.bytes = product(one.shape) * static_cast<std::int64_t>(one.dtype.size());
    const ArrayDescription* array = stored_array(stored, group.empty() ? variable.name : group + "/" + variable.name);
    if (array && !array->contiguous) one.chunks = array->grid.largest();
    facts.variables.push_back(std::move(one));
  }
  return facts;
}

}  // namespace dunlin
