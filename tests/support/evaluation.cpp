#include "support/evaluation.hpp"

#include <algorithm>
#include <deque>
#include <stdexcept>

#include "dunlin/base/box_copy.hpp"

namespace dunlin::test {
namespace {

enum class Form { whole, parts, strides };

/// Views of a task's inputs, with what they borrow.
struct Inputs {
  std::vector<ChunkView> views;
  std::deque<std::vector<std::byte>> bytes;
  std::deque<Box> parts;
  std::deque<Value> values;
};

bool is_plain(const ValueSpec& spec) { return spec.is_exact() && spec.planes == 1 && !spec.grid.has_unknown(); }

void add_view(Inputs& inputs, Form form, const Layer& layer, int input, const ChunkIndex& chunk,
              const ChunkIndex& needed, const Value& value) {
  const ValueSpec& from = layer.inputs()[input]->output();
  const ChunkOrdinal ordinal = from.grid.ordinal(needed);
  if (form == Form::parts && layer.cuts(input)) {
    inputs.parts.push_back(layer.part(input, chunk, needed));
    inputs.bytes.push_back(cut_out(value.bytes(), from.grid.box(needed), inputs.parts.back(), from.dtype.size()));
    inputs.views.push_back({from.grid, ordinal, inputs.bytes.back(), inputs.parts.back()});
  } else if (form == Form::strides && is_plain(from)) {
    inputs.values.push_back(in_strides(value.bytes(), from.grid.box(needed).shape(), from.dtype.size(),
                                       static_cast<std::int64_t>(ordinal) + input));
    inputs.views.push_back({from.grid, ordinal, inputs.values.back()});
  } else {
    inputs.views.push_back({from.grid, ordinal, value});
  }
}

Inputs inputs_of(const Evaluation& evaluation, const Layer& layer, const ChunkIndex& chunk, Form form) {
  Inputs inputs;
  for (int i = 0; i < static_cast<int>(layer.inputs().size()); ++i) {
    const Layer& from = *layer.inputs()[i];
    std::vector<ChunkBox> blocks;
    layer.needs(i, ChunkBox::single(chunk), blocks);
    for (const ChunkIndex& needed : chunks_in(blocks, from.output().grid))
      add_view(inputs, form, layer, i, chunk, needed,
               evaluation.values.at(&from)[static_cast<std::size_t>(from.output().grid.ordinal(needed))]);
  }
  return inputs;
}

Value run(const Layer& layer, const ChunkIndex& chunk, const Inputs& inputs, std::byte unwritten) {
  const bool makes = layer.kernel()->makes();
  BufferPool pool, outputs;
  TaskCounts counts;
  Value made;
  Buffer output;
  if (layer.has_output() && !makes) output = outputs.allocate(static_cast<std::size_t>(layer.output().bytes(chunk)));
  std::fill(output.bytes().begin(), output.bytes().end(), unwritten);
  layer.kernel()->run({.chunk = chunk,
                       .inputs = inputs.views,
                       .output = output.bytes(),
                       .pool = &pool,
                       .counts = &counts,
                       .made = &made});
  if (made.is_object() && layer.kernel()->ops(chunk) != &made.ops())
    throw std::logic_error("a task of '" + layer.name() + "' made an object that its kernel does not announce");
  if (makes && !made.is_object() && layer.kernel()->ops(chunk))
    throw std::logic_error("a task of '" + layer.name() + "' made bytes where its kernel announces objects");
  if (makes && made.empty()) throw std::logic_error("a task of '" + layer.name() + "' made no value");
  if (!makes) made = Value(std::move(output));
  const auto scratch =
      static_cast<std::int64_t>(pool.peak_lent_bytes()) - (makes ? static_cast<std::int64_t>(made.size()) : 0);
  if (scratch > layer.kernel()->cost(chunk).scratch_bytes)
    throw std::logic_error("a task of '" + layer.name() + "' took more scratch than its cost says");
  return made;
}

}  // namespace

std::vector<std::byte> bytes_of(const Value& value) {
  if (!value.is_object()) return {value.bytes().begin(), value.bytes().end()};
  std::vector<std::byte> bytes(value.ops().size(value.get()));
  value.ops().write(value.get(), bytes);
  return bytes;
}

std::vector<std::byte> cut_out(std::span<const std::byte> chunk, const Box& box, const Box& part, std::size_t element) {
  std::vector<std::byte> bytes(static_cast<std::size_t>(part.count()) * element);
  copy_box(part, box, chunk.data(), part, bytes.data(), element);
  return bytes;
}

Value in_strides(std::span<const std::byte> chunk, const Shape& shape, std::size_t element, std::int64_t form) {
  const std::size_t gaps[] = {element, element + 1, 2 * element};
  const auto pitch = static_cast<std::int64_t>(gaps[form % 3]);
  const bool fortran = form / 3 % 2 == 0, backwards = form / 6 % 2 == 0;
  Coords strides(shape.size(), pitch);
  const auto n = static_cast<int>(shape.size());
  if (fortran)
    for (int a = 1; a < n; ++a) strides[a] = strides[a - 1] * shape[a - 1];
  else
    for (int a = n - 2; a >= 0; --a) strides[a] = strides[a + 1] * shape[a + 1];
  auto memory =
      std::make_shared<std::vector<std::byte>>(static_cast<std::size_t>(product(shape) * pitch), std::byte{0x5A});
  std::byte* first = memory->data();
  for (int a = 0; a < n && backwards; a += 2) {
    first += strides[a] * (shape[a] - 1);
    strides[a] = -strides[a];
  }
  Coords packed = row_major_strides(shape);
  for (std::int64_t& stride : packed) stride *= static_cast<std::int64_t>(element);
  copy_block_by_bytes(chunk.data(), packed, first, strides, shape, element);
  return Value::lent({.data = first, .strides = strides, .bytes = chunk.size(), .owner = memory});
}

std::vector<ChunkIndex> chunks_in(const std::vector<ChunkBox>& blocks, const ChunkGrid& grid) {
  std::vector<ChunkIndex> chunks;
  std::map<ChunkIndex, bool> seen;
  for (const ChunkBox& block : blocks)
    block.for_each([&](const ChunkIndex& chunk) {
      if (!grid.all().contains(chunk)) throw std::logic_error("chunk " + to_string(chunk) + " lies outside its grid");
      if (!seen.emplace(chunk, true).second) throw std::logic_error("chunk " + to_string(chunk) + " is named twice");
      chunks.push_back(chunk);
    });
  return chunks;
}

Evaluation evaluate(const LayerGraph& graph, std::byte unwritten) {
  Evaluation evaluation;
  for (const LayerPtr& layer : graph.layers()) {
    std::vector<Form> forms{Form::whole};
    for (int i = 0; i < static_cast<int>(layer->inputs().size()); ++i)
      if (layer->cuts(i) && forms.back() != Form::parts) forms.push_back(Form::parts);
    if (layer->kernel()->takes_strides()) forms.push_back(Form::strides);
    auto& values = evaluation.values[layer.get()];
    auto& chunks = evaluation.chunks[layer.get()];
    layer->output().grid.all().for_each([&](const ChunkIndex& chunk) {
      for (const Form form : forms) {
        Value value = run(*layer, chunk, inputs_of(evaluation, *layer, chunk, form), unwritten);
        std::vector<std::byte> bytes = bytes_of(value);
        if (form == Form::whole) {
          values.push_back(std::move(value));
          chunks.push_back(std::move(bytes));
        } else if (bytes != chunks.back()) {
          throw std::logic_error("a task of '" + layer->name() + "' gives other bits where its inputs come " +
                                 (form == Form::parts ? "as parts" : "in strides"));
        }
      }
    });
  }
  return evaluation;
}

std::vector<std::byte> Evaluation::array(const Layer& layer) const {
  const ValueSpec& output = layer.output();
  const std::size_t element = output.dtype.size(), whole = static_cast<std::size_t>(product(output.grid.shape()));
  std::vector<std::byte> result(whole * element * static_cast<std::size_t>(output.planes));
  output.grid.all().for_each([&](const ChunkIndex& chunk) {
    const std::vector<std::byte>& bytes = chunks.at(&layer)[static_cast<std::size_t>(output.grid.ordinal(chunk))];
    const Box box = output.grid.box(chunk), all = Box::whole(output.grid.shape());
    for (std::size_t plane = 0; plane < static_cast<std::size_t>(output.planes); ++plane)
      copy_box(box, box, bytes.data() + plane * static_cast<std::size_t>(box.count()) * element, all,
               result.data() + plane * whole * element, element);
  });
  return result;
}

}  // namespace dunlin::test
