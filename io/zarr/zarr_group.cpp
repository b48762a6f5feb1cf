#include "zarr_group.hpp"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "dunlin/base/posix_file.hpp"
#include "metadata_error.hpp"
#include "metadata_v3.hpp"
#include "zarr_array.hpp"

namespace dunlin {
namespace {

constexpr int kDeepestGroup = 32;

std::string below(const std::string& prefix, const std::string& name) {
  return prefix.empty() ? name : prefix + "/" + name;
}

class Opener {
 public:
  Opener(std::shared_ptr<const Store> store, std::string path, std::string root)
      : store_(std::move(store)), root_(std::move(root)) {
    group_.path = std::move(path);
    group_.format = "Zarr v3";
  }

  StoredGroup open() {
    const auto node = read_node("");
    if (!node) refuse_folder();
    const std::string where = store_->location("zarr.json");
    if (node_type(*node, where) == NodeType::array) {
      add_array("", name_of_root(), *node, where, stamp("zarr.json"), false);
    } else {
      GroupMetadata root = parse_group(*node, where);
      group_.attributes = std::move(root.attributes);
      if (root.consolidated)
        add_consolidated(root, where);
      else
        list_group("", 0);
    }
    collect_dimensions();
    return std::move(group_);
  }

 private:
  std::optional<Json> read_node(const std::string& prefix) const {
    const std::string key = below(prefix, "zarr.json");
    const auto content = store_->read_all(key, kMetadataLimit);
    if (!content) return std::nullopt;
    return parse_json({reinterpret_cast<const char*>(content->data()), content->size()}, store_->location(key));
  }

  [[noreturn]] void refuse_folder() const {
    for (const char* name : {".zgroup", ".zarray", ".zmetadata"})
      if (store_->size(name))
        throw InputError(group_.path + " is a Zarr v2 hierarchy (it holds " + name +
                         "): expected Zarr v3, which has a zarr.json; convert it with zarr-python");
    std::string found;
    std::vector<std::string> names = store_->list("");
    for (std::size_t k = 0; k < std::min<std::size_t>(names.size(), 3); ++k) found += (k ? ", " : "") + names[k];
    throw InputError(group_.path + " is a folder without zarr.json: expected a Zarr v3 hierarchy, found " +
                     (names.empty() ? "nothing in it" : found + (names.size() > 3 ? ", ..." : "")));
  }

  std::string name_of_root() const {
    const std::string stem = std::filesystem::path(group_.path).stem().string();
    return stem.empty() || stem == "." || stem == ".." ? "array" : stem;
  }

  // Size and time of the file that metadata came from; empty where the store is no folder.
  std::string stamp(const std::string& key) const {
    if (root_.empty()) return "";
    const FileIdentity file = PosixFile::open_read(store_->location(key)).identity();
    return std::to_string(file.size) + ":" + std::to_string(file.modified_ns);
  }

  void add_array(const std::string& key, const std::string& name, const Json& node, const std::string& where,
                 std::string stamp, bool may_skip) {
    try {
      group_.arrays.push_back(
          std::make_shared<ZarrArray>(ZarrOrigin{store_, root_, key, name, std::move(stamp)}, node, where));
    } catch (const UnsupportedMetadata& error) {
      if (!may_skip) throw;
      group_.skipped.push_back({name, error.reason});
      if (!holds_numbers(node)) return;
      group_.skipped.back().kind = SkippedVariable::Kind::storage;
      group_.skipped.back().dimensions = names_of_axes(node);
    }
  }

  // Of an array that is not read, so that its metadata may have any form.
  static bool holds_numbers(const Json& node) {
    const auto type = node.find("data_type");
    if (type == node.end() || !type->is_string()) return false;
    const auto known = parse_dtype(type->get<std::string>());
    return known && known->is_real();
  }
  static std::vector<std::string> names_of_axes(const Json& node) {
    const auto shape = node.find("shape"), given = node.find("dimension_names");
    std::vector<std::string> names(shape == node.end() || !shape->is_array() ? 0 : shape->size());
    if (given == node.end() || !given->is_array()) return names;
    for (std::size_t a = 0; a < std::min(names.size(), given->size()); ++a)
      if ((*given)[a].is_string()) names[a] = (*given)[a].get<std::string>();
    return names;
  }

  void add_group(const std::string& path, const GroupMetadata& nested) {
    if (!nested.attributes.empty()) group_.nested_attributes[path] = nested.attributes;
  }

  void add_consolidated(const GroupMetadata& root, const std::string& where) {
    const std::string mark = stamp("zarr.json");
    for (const auto& [path, node] : root.nodes) {
      const std::string entry = where + " (entry '" + path + "' of its consolidated metadata)";
      check_key(path);
      if (node_type(node, entry) == NodeType::array)
        add_array(path, path, node, entry, mark, true);
      else
        add_group(path, parse_group(node, entry));
    }
  }

  void list_group(const std::string& prefix, int depth) {
    if (depth > kDeepestGroup)
      throw InputError(store_->location(prefix) + " lies " + std::to_string(depth) +
                       " groups deep: does a link lead back to a folder above?");
    for (const std::string& entry : store_->list(prefix)) {
      if (!entry.ends_with("/") || entry.starts_with(".") || entry.starts_with("__")) continue;
      const std::string path = below(prefix, entry.substr(0, entry.size() - 1));
      const auto node = read_node(path);
      if (!node) continue;
      const std::string key = below(path, "zarr.json");
      if (node_type(*node, store_->location(key)) == NodeType::array) {
        add_array(path, path, *node, store_->location(key), stamp(key), true);
      } else {
        add_group(path, parse_group(*node, store_->location(key)));
        list_group(path, depth + 1);
      }
    }
  }

  void collect_dimensions() {
    for (const auto& array : group_.arrays) {
      const ArrayDescription& description = array->description();
      for (std::size_t a = 0; a < description.dimensions.size(); ++a) {
        const std::string& name = description.dimensions[a];
        const auto known = std::find_if(group_.dimensions.begin(), group_.dimensions.end(),
                                        [&](const StoredDimension& dimension) { return dimension.name == name; });
        if (!name.empty() && known == group_.dimensions.end())
          group_.dimensions.push_back({name, description.grid.length(static_cast<int>(a)), false});
      }
    }
  }

  std::shared_ptr<const Store> store_;
  std::string root_;
  StoredGroup group_;
};

}  // namespace

StoredGroup open_zarr(const std::string& path) { return open_zarr(make_filesystem_store(path), path, path); }

StoredGroup open_zarr(std::shared_ptr<const Store> store, const std::string& path, const std::string& root) {
  return Opener(std::move(store), path, root).open();
}

std::shared_ptr<const StoredArray> unpack_zarr_array(Unpacker& in) { return ZarrArray::unpack(in); }

}  // namespace dunlin
