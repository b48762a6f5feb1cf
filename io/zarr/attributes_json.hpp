#pragma once
// Attributes to and from JSON.
//
//   JSON                                   attribute
//   text, list of texts                    text, texts
//   true, list of truths                   integers of dtype bool
//   whole number, list of them             integers of dtype int64, or uint64 where one needs it
//   number, list of numbers                reals of dtype float64
//   null, object, empty or mixed list      json, carried as text
//
// A single value and a list of one stay what they are.

#include "dunlin/io/attributes.hpp"
#include "json_text.hpp"

namespace dunlin {

/// `object` is a JSON object.
Attributes attributes_from_json(const Json& object);
/// Throws UsageError where an attribute of kind json holds no JSON.
Json attributes_to_json(const Attributes& attributes);

}  // namespace dunlin
