// Opening: from a stored group to a dataset of lazy variables and replicated coordinates.

#include <algorithm>
#include <filesystem>
#include <map>

#include "dunlin/labelled/dataset.hpp"
#include "dunlin/labelled/decode.hpp"
#include "inherited.hpp"
#include "open_warnings.hpp"

namespace dunlin {
namespace {

using StoredPtr = std::shared_ptr<const StoredArray>;

// Coordinates longer than this stay lazy.
constexpr std::int64_t kReplicatedBytes = std::int64_t{64} << 20;

std::string own_name(const std::string& name, const std::string& path) {
  if (!name.empty()) return name.substr(name.rfind('/') + 1);
  return std::filesystem::path(path).lexically_normal().stem().string();  // a store that is one array
}

// Names for axes that have none, in netCDF's way: one per length, but never the same twice in a variable.
class PhonyNames {
 public:
  explicit PhonyNames(std::vector<Dimension>& dimensions) : dimensions_(dimensions) {}
  std::string name(std::int64_t length, const std::vector<std::string>& taken) {
    for (const Dimension& dimension : dimensions_)
      if (dimension.nameless && dimension.length == length &&
          std::find(taken.begin(), taken.end(), dimension.name) == taken.end())
        return dimension.name;
    std::string name;
    do name = "phony_dim_" + std::to_string(count_++);
    while (is_known(name));
    dimensions_.push_back({.name = name, .length = length, .nameless = true});
    return name;
  }

 private:
  bool is_known(const std::string& name) const {
    return std::any_of(dimensions_.begin(), dimensions_.end(), [&](const Dimension& d) { return d.name == name; });
  }
  std::vector<Dimension>& dimensions_;
  int count_ = 0;
};

std::vector<std::string> names_of(const ArrayDescription& array, PhonyNames& phony) {
  std::vector<std::string> names = array.dimensions;
  names.resize(static_cast<std::size_t>(array.grid.rank()));
  for (std::string& name : names) name = name.substr(name.rfind('/') + 1);
  for (std::size_t k = 0; k < names.size(); ++k)
    if (names[k].empty()) names[k] = phony.name(array.grid.length(static_cast<int>(k)), names);
  return names;
}

// Chunks that are near the usual size once decoded.
ChunkGrid chunks_of(const ArrayDescription& array) {
  std::size_t decoded = array.dtype.size();
  try {
    decoded = std::max(
        decoded,
        decoding_of(array.name, array.dtype, array.attributes, array.fill_value, array.fill_is_missing).type.size());
  } catch (const BadPacking&) {
    // Reported where the variable is computed with; carrying it needs no decoding.
  }
  return auto_chunks(array,
                     kChunkBytes * static_cast<std::int64_t>(array.dtype.size()) / static_cast<std::int64_t>(decoded));
}

std::vector<std::byte> read_whole(const StoredArray& array, BufferPool& pool) {
  const ChunkGrid& grid = array.description().grid;
  std::vector<ChunkExtent> extents;
  std::vector<IndexPage> pages;
  if (array.needs_index() && grid.count() > 0) {
    extents.resize(static_cast<std::size_t>(grid.count()));
    array.load_index(grid.all(), extents);
    pages.push_back({grid.all(), extents});
  }
  std::vector<std::byte> values(static_cast<std::size_t>(array.description().bytes()));
  array.read(Box::whole(grid.shape()), {.pool = &pool, .index = pages}, values);
  return values;
}

// Collective: rank 0 reads the arrays, all get them.
std::vector<std::vector<std::byte>> read_replicated(ContextState& context, const std::string& path,
                                                    const std::vector<StoredPtr>& arrays) {
  std::vector<std::vector<std::byte>> values;
  if (arrays.empty()) return values;
  const std::vector<std::byte> packed = context.on_one_rank("reading the coordinates of " + path, [&] {
    Packer out;
    for (const StoredPtr& array : arrays) out.block(read_whole(*array, context.pool()));
    return out.bytes();
  });
  Unpacker in(packed);
  for (std::size_t k = 0; k < arrays.size(); ++k) {
    const auto block = in.block();
    values.emplace_back(block.begin(), block.end());
  }
  return values;
}

bool to_replicate(const ArrayDescription& array, const std::string& name, const std::vector<std::string>& dims) {
  return dims.size() == 1 && dims[0] == name && array.bytes() <= kReplicatedBytes;
}

struct Chosen {
  StoredPtr array;
  std::string name;
  std::vector<std::string> dims;
};

Variable lazy_variable(const std::shared_ptr<ContextState>& context, const Chosen& chosen) {
  const ArrayDescription& array = chosen.array->description();
  return {.name = chosen.name,
          .data = Array(context, read_layer(chosen.array, chunks_of(array))),
          .dims = chosen.dims,
          .attributes = array.attributes,
          .fill_value = array.fill_value,
          .fill_is_missing = array.fill_is_missing,
          .encoding = array.encoding};
}

std::vector<Variable> variables_of(const std::shared_ptr<ContextState>& context, const std::string& path,
                                   const std::vector<Chosen>& chosen) {
  std::vector<StoredPtr> replicated;
  for (const Chosen& one : chosen)
    if (to_replicate(one.array->description(), one.name, one.dims)) replicated.push_back(one.array);
  const std::vector<std::vector<std::byte>> values = read_replicated(*context, path, replicated);
  std::vector<Variable> variables;
  std::size_t next = 0;
  for (const Chosen& one : chosen) {
    variables.push_back(lazy_variable(context, one));
    if (next == replicated.size() || replicated[next] != one.array) continue;
    Variable& variable = variables.back();
    const Array stored = variable.data;
    variable.data = from_replicated(context, stored.shape(), stored.dtype(), values[next]);
    variable.values = std::make_shared<const std::vector<std::byte>>(values[next++]);
  }
  return variables;
}

}  // namespace

NoSuchGroup::NoSuchGroup(const std::string& group, const std::string& path, const std::vector<std::string>& known)
    : InputError("no group '" + group + "' with variables in " + path + nearest_hint(group, known)), group(group) {}

Dataset open_dataset(std::shared_ptr<ContextState> context, const std::string& path, const OpenOptions& options) {
  const StoredGroup group = open_group(*context, path);
  std::vector<Dimension> dimensions;
  PhonyNames phony(dimensions);
  for (const StoredDimension& stored : group.dimensions) {
    const std::string owner = group_of(stored.name);
    if (owner == options.group || is_around(owner, options.group))
      dimensions.push_back({stored.name.substr(stored.name.rfind('/') + 1), stored.length, stored.unlimited});
  }
  const std::vector<StoredPtr> from_around = inherited(group, options.group);
  std::vector<SkippedVariable> skipped;
  std::vector<Chosen> chosen;
  std::vector<std::string> groups;
  for (SkippedVariable left_out : group.skipped) {
    groups.push_back(group_of(left_out.name));
    if (groups.back() == options.group)
      left_out.name = own_name(left_out.name, path);
    else
      left_out.kind = SkippedVariable::Kind::place;
    for (std::string& name : left_out.dimensions) name = name.substr(name.rfind('/') + 1);
    skipped.push_back(std::move(left_out));
  }
  for (const StoredPtr& array : group.arrays) {
    const ArrayDescription& description = array->description();
    const std::string own_group = group_of(description.name);
    if (own_group == options.group || std::find(from_around.begin(), from_around.end(), array) != from_around.end())
      chosen.push_back({array, own_name(description.name, path), names_of(description, phony)});
    else
      skipped.push_back({description.name,
                         "it lies in " + (own_group.empty() ? "the root" : "group '" + own_group + "'"),
                         SkippedVariable::Kind::place});
    groups.push_back(own_group);
  }
  if (!options.group.empty() && std::find(groups.begin(), groups.end(), options.group) == groups.end())
    throw NoSuchGroup(options.group, path, groups);
  // Dimensions that a file declares and nothing uses are of no use in a dataset.
  Dataset dataset = Dataset(context, group.attributes_of(options.group), dimensions, {})
                        .with_variables(variables_of(context, path, chosen));
  dataset.inputs = {path};
  dataset.skipped = std::move(skipped);
  dataset.format = group.format;
  std::map<std::string, StoredPtr> stored;
  if (group.format.starts_with("Zarr"))  // its chunks are files that can get lost one by one
    for (const Chosen& one : chosen) stored[one.name] = one.array;
  warn_of_what_was_opened(dataset, options, stored);
  return dataset;
}

Dataset open_dataset(Context& context, const std::string& path, const OpenOptions& options) {
  return open_dataset(context.state(), path, options);
}

}  // namespace dunlin
