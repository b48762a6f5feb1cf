#include "dunlin/labelled/match.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <set>
#include <unordered_map>

#include "dunlin/labelled/cf_time.hpp"

namespace dunlin {
namespace {

void refuse_repeated(const Variable& variable) {
  const std::set<std::string> distinct(variable.dims.begin(), variable.dims.end());
  if (distinct.size() != variable.dims.size())
    throw UsageError("'" + variable.name +
                     "' has one dimension twice, so it cannot be matched by name: rename one of its dimensions");
}

std::string label(const Variable& variable, std::int64_t k) {
  const double value = variable.real_at(k);
  std::string text = number_text(value);
  if (!CfTime::is_time(variable.attributes)) return text;
  try {
    return text + " (" + to_string(CfTime::of(variable.attributes)->date(value)) + ")";
  } catch (const UserError&) {
    return text;
  }
}

// The first position where the values differ, or −1. Integers of one type exactly, all else as doubles; NaN equals NaN.
std::int64_t first_difference(const Variable& a, const Variable& b) {
  const std::int64_t count = product(a.data.shape());
  if (*a.values == *b.values && a.data.dtype() == b.data.dtype()) return -1;
  const bool exact = a.data.dtype() == b.data.dtype() && !a.data.dtype().is_float();
  const std::size_t size = a.data.dtype().size();
  for (std::int64_t k = 0; k < count; ++k) {
    if (exact) {
      if (std::memcmp(a.values->data() + k * size, b.values->data() + k * size, size) != 0) return k;
      continue;
    }
    const double x = a.real_at(k), y = b.real_at(k);
    if (x != y && !(std::isnan(x) && std::isnan(y))) return k;
  }
  return -1;
}

// Of layers and all that they are made from. Each layer is hashed once: the ways down to a shared one may be more than
// can be walked (x + x, that plus itself, …).
class ExpressionHash {
 public:
  Hash128 of(const Layer& layer) {
    const auto known = known_.find(&layer);
    if (known != known_.end()) return known->second;
    Hash128 hash = value_hash(layer);
    for (const LayerPtr& input : layer.inputs()) {
      const Hash128 other = of(*input);
      hash = hash_bytes(std::as_bytes(std::span(other)), hash);
    }
    return known_[&layer] = hash;
  }

 private:
  std::unordered_map<const Layer*, Hash128> known_;
};

// True where two labels are known to be equal without reading them.
bool same_label(const Variable& a, const Variable& b) {
  if (a.dims != b.dims || !(a.attributes == b.attributes)) return false;
  if (a.data.layer() == b.data.layer()) return true;
  if (a.values && b.values) return a.data.dtype() == b.data.dtype() && *a.values == *b.values;
  ExpressionHash hash;
  return hash.of(*a.data.layer()) == hash.of(*b.data.layer());
}

const Variable* find(std::span<const Variable> variables, const std::string& name) {
  const auto found =
      std::find_if(variables.begin(), variables.end(), [&](const Variable& v) { return v.name == name; });
  return found == variables.end() ? nullptr : &*found;
}

double bytes_of(const Variable& variable) {
  double bytes = static_cast<double>(variable.data.dtype().size());
  for (std::int64_t length : variable.data.shape()) bytes *= static_cast<double>(length);
  return bytes;
}

}  // namespace

LengthsDiffer::LengthsDiffer(const std::string& dimension, const std::string& a, std::int64_t a_length,
                             const std::string& b, std::int64_t b_length)
    : UsageError("dimension '" + dimension + "' has length " + std::to_string(a_length) + " in '" + a + "' and " +
                 std::to_string(b_length) + " in '" + b + "': select a common part, or rename one of them"),
      dimension(dimension) {}

CoordinatesDiffer::CoordinatesDiffer(const std::string& dimension, const std::string& what)
    : UsageError("coordinate '" + dimension + "' differs: " + what), dimension(dimension) {}

Match match(const Variable& a, const Variable& b) {
  refuse_repeated(a);
  refuse_repeated(b);
  Match match;
  match.dims = a.dims;
  for (const std::string& dim : b.dims) {
    const int axis = a.axis(dim);
    if (axis < 0) {
      match.dims.push_back(dim);
      continue;
    }
    const std::int64_t a_length = a.data.shape()[axis], b_length = b.data.shape()[b.axis(dim)];
    if (a_length != b_length) throw LengthsDiffer(dim, a.name, a_length, b.name, b_length);
  }
  const bool a_leads = bytes_of(a) >= bytes_of(b);
  for (std::size_t k = 0; k < match.dims.size(); ++k) {
    const std::string& dim = match.dims[k];
    const Variable& leader = (a_leads ? a : b).has_axis(dim) ? (a_leads ? a : b) : (a_leads ? b : a);
    match.domain = match.domain.with_axis(static_cast<int>(k), 1, 1)
                       .with_axis_of(static_cast<int>(k), leader.data.grid(), leader.axis(dim));
  }
  const auto map = [&](const Variable& variable) {
    OperandMap map;
    for (const std::string& dim : variable.dims)
      map.axis.push_back(std::find(match.dims.begin(), match.dims.end(), dim) - match.dims.begin());
    return map;
  };
  match.a = map(a);
  match.b = map(b);
  return match;
}

void check_coordinates(const Variable& a, const Variable& b) {
  for (const char* name : {"units", "calendar"}) {
    const std::string left = a.attributes.text_or(name, ""), right = b.attributes.text_or(name, "");
    if (!left.empty() && !right.empty() && left != right)
      throw CoordinatesDiffer(a.name, std::string(name) + " are '" + left + "' on the left and '" + right +
                                          "' on the right; convert one of them before");
  }
  if (!a.values || !b.values) {
    if (same_label(a, b)) return;
    throw CoordinatesDiffer(a.name, "it is too long to be compared on every rank; drop it on one side");
  }
  const bool real = a.data.dtype().is_real() && b.data.dtype().is_real();
  if (!real && !(a.data.dtype() == b.data.dtype()))
    throw CoordinatesDiffer(a.name, "its type is " + to_string(a.data.dtype()) + " on the left and " +
                                        to_string(b.data.dtype()) + " on the right");
  const std::int64_t k = first_difference(a, b);
  if (k < 0) return;
  std::string what = "at position " + std::to_string(k);
  what += real ? " it is " + label(a, k) + " on the left and " + label(b, k) + " on the right" : " the texts differ";
  throw CoordinatesDiffer(a.name, what + "; select a common part of both");
}

std::vector<Variable> common_labels(std::span<const Variable> a, std::span<const Variable> b,
                                    const std::vector<std::string>& dims) {
  std::vector<Variable> labels;
  for (const Variable& left : a) {
    const Variable* right = find(b, left.name);
    const bool checked = left.is_coordinate() && std::find(dims.begin(), dims.end(), left.name) != dims.end();
    if (right != nullptr && checked && right->is_coordinate())
      check_coordinates(left, *right);
    else if (right != nullptr && !same_label(left, *right))
      continue;
    labels.push_back(left);
  }
  for (const Variable& right : b)
    if (find(a, right.name) == nullptr) labels.push_back(right);
  return labels;
}

Attributes common_attributes(const Attributes& a, const Attributes& b) {
  Attributes result;
  for (const auto& [name, value] : a.entries()) {
    const AttributeValue* other = b.find(name);
    if (other == nullptr || *other == value || name == "cell_methods") result.set(name, value);
  }
  for (const auto& [name, value] : b.entries())
    if (a.find(name) == nullptr && name != "cell_methods") result.set(name, value);
  return result;
}

}  // namespace dunlin
