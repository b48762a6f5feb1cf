#include "inherited.hpp"

#include <algorithm>
#include <set>

#include "dunlin/labelled/references.hpp"

namespace dunlin {
namespace {

using StoredPtr = std::shared_ptr<const StoredArray>;

std::string joined(const std::string& group, const std::string& name) {
  return group.empty() ? name : group + "/" + name;
}

class Inheritance {
 public:
  Inheritance(const StoredGroup& file, std::string group) : file_(file), group_(std::move(group)) {
    for (const StoredPtr& array : file.arrays)
      if (group_of(array->description().name) == group_) {
        known_.insert(own(array->description().name));
        open_.push_back(array);
      }
  }

  std::vector<StoredPtr> all() {
    names(file_.attributes_of(group_));
    for (std::size_t k = 0; k < open_.size(); ++k) {  // grows: what is found needs coordinates, too
      const StoredPtr array = open_[k];
      const ArrayDescription& description = array->description();
      for (std::size_t axis = 0; axis < description.dimensions.size(); ++axis)
        coordinate(description.dimensions[axis], description.grid.length(static_cast<int>(axis)));
      names(description.attributes);
    }
    return found_;
  }

 private:
  static std::string own(const std::string& name) { return name.substr(name.rfind('/') + 1); }

  void names(const Attributes& attributes) {
    for (const std::string& name : coordinate_references(attributes)) nearest(name, [](const auto&) { return true; });
    for (const std::string& name : supporting_references(attributes)) nearest(name, [](const auto&) { return true; });
  }
  void coordinate(const std::string& dimension, std::int64_t length) {
    if (dimension.empty()) return;
    nearest(own(dimension), [&](const ArrayDescription& d) {
      return d.dimensions == std::vector<std::string>{dimension} && d.grid.length(0) == length;
    });
  }

  template <class Fits>
  void nearest(const std::string& name, const Fits& fits) {
    if (known_.contains(name)) return;
    for (std::string group = group_; !group.empty();) {
      group = group_of(group);
      const std::string path = joined(group, name);
      for (const StoredPtr& array : file_.arrays) {
        if (array->description().name != path || !fits(array->description())) continue;
        known_.insert(name);
        open_.push_back(array);
        found_.push_back(array);
        return;
      }
    }
  }

  const StoredGroup& file_;
  const std::string group_;
  std::set<std::string> known_;   // names that are taken
  std::vector<StoredPtr> open_;   // the group's arrays and `found_`; their needs are followed in order
  std::vector<StoredPtr> found_;  // in groups around
};

}  // namespace

std::string group_of(const std::string& name) {
  const std::size_t slash = name.rfind('/');
  return slash == std::string::npos ? "" : name.substr(0, slash);
}

bool is_around(const std::string& group, const std::string& inner) {
  return group != inner && (group.empty() || inner.starts_with(group + "/"));
}

std::vector<StoredPtr> inherited(const StoredGroup& file, const std::string& group) {
  return group.empty() ? std::vector<StoredPtr>{} : Inheritance(file, group).all();
}

}  // namespace dunlin
