#pragma once
// Writing one array: encode, place, put, per object, by the rank that owns it.

#include <memory>
#include <string>

#include "dunlin/graph/layer.hpp"
#include "dunlin/io/stored_array.hpp"

namespace dunlin {

/// A sink for `value`, with a rechunk before it where the value's chunks are not the writer's objects.
LayerPtr write_layer(LayerPtr value, std::shared_ptr<ArrayWriter> writer, const std::string& where);

}  // namespace dunlin
