// Selections are *requests* for parts of layers. From the sinks down, every layer is asked for the parts that are
// needed of it, the whole among them, and either passes each request on to its inputs or makes the whole and lets a
// selection take the part. Then the layers are built from the sources up, one version for each part.

#include <algorithm>
#include <functional>
#include <map>

#include "dunlin/graph/blockwise.hpp"
#include "dunlin/graph/concatenation.hpp"
#include "dunlin/graph/operand_map.hpp"
#include "dunlin/graph/rechunk.hpp"
#include "dunlin/graph/selection.hpp"
#include "dunlin/graph/source.hpp"
#include "dunlin/plan/passes.hpp"
#include "selected_source.hpp"

namespace dunlin {
namespace {

/// Operations (about a nanosecond each) that it takes to move a byte of a value: to write it or to gather it.
constexpr double kMoveByte = 0.25;
/// As in `fuse`: operations up to which an element is computed again rather than kept for several consumers.
constexpr double kCheap = 32;

/// A part of a layer's output, or the whole.
struct Request {
  std::string name;  // of the selection, for people
  bool whole = false;
  std::vector<AxisSelection> selections;
  ChunkGrid grid;
};

/// Equal where two ask for the same.
Hash128 hash_of(const Request& request) {
  Description description;
  description.structure(request.whole ? 1 : 0);
  if (request.whole) return description.structure_hash();
  describe(request.selections, description);
  return description.structure(request.grid).structure_hash();
}

double elements_of(const Request& request) {
  double elements = 1;
  for (const AxisSelection& selection : request.selections) elements *= static_cast<double>(selection.count());
  return elements;
}

class Pusher {
 public:
  explicit Pusher(const LayerGraph& graph) : graph_(graph), versions_(graph.layers().size()) {}

  LayerGraph push() {
    for (int sink : graph_.sinks()) ask_whole(sink);
    for (int k = graph_.size() - 1; k >= 0; --k) plan(k);
    for (auto& versions : versions_) {
      for (Version& version : versions)
        if (version.request.whole) build(version);
      for (Version& version : versions) build(version);
    }
    std::vector<LayerPtr> sinks;
    for (int sink : graph_.sinks()) sinks.push_back(versions_[sink].front().built);
    return LayerGraph::of(sinks);
  }

 private:
  struct Ref {
    int layer;
    std::size_t version;
  };
  using Inputs = std::vector<LayerPtr>;
  struct Version {
    Request request;
    std::vector<Ref> inputs{};
    std::function<LayerPtr(Inputs)> make{};
    LayerPtr built{};
  };

  Ref ask(int layer, Request request) {
    const ChunkGrid& grid = graph_.layer(layer).output().grid;
    if (!request.whole) {
      bool all = true;
      for (int a = 0; a < grid.rank(); ++a) {
        if (request.selections[a].is_list())
          request.selections[a] = AxisSelection::of(request.selections[a].elements());
        all = all && request.selections[a].is_all(grid.length(a));
      }
      request.whole = all && same_chunks(grid, request.grid);
    }
    const auto [known, is_new] = known_.try_emplace({layer, hash_of(request)}, versions_[layer].size());
    if (is_new) versions_[layer].push_back({std::move(request)});
    return {layer, known->second};
  }
  Ref ask_whole(int layer) { return ask(layer, {.name = {}, .whole = true, .selections = {}, .grid = {}}); }

  void build(Version& version) {
    if (version.built) return;
    Inputs inputs;
    for (const Ref& ref : version.inputs) {
      require(versions_[ref.layer][ref.version].built != nullptr,
              "parts are built after those that they are made from");
      inputs.push_back(versions_[ref.layer][ref.version].built);
    }
    version.built = version.make(std::move(inputs));
  }

  void plan(int k);
  void plan_whole(int k, std::size_t v);
  void plan_selected(int k, std::size_t v);
  /// Makes a version another layer's: what has nothing to do itself.
  void pass_on(int k, std::size_t v, Ref to) {
    versions_[k][v].inputs = {to};
    versions_[k][v].make = [](Inputs inputs) { return inputs[0]; };
  }
  void select_from_whole(int k, std::size_t v);
  bool passes_on(int k) const;
  bool is_moved_through(const BlockwiseLayer& layer, int k) const;
  void through_blockwise(const BlockwiseLayer& layer, int k, std::size_t v);
  bool through_concatenation(const ConcatenateLayer& layer, int k, std::size_t v);

  const LayerGraph& graph_;
  std::vector<std::vector<Version>> versions_;
  std::map<std::pair<int, Hash128>, std::size_t> known_;
};

/// What a blockwise layer's selections ask of one of its inputs, in the chunks that they leave of the domain.
Request operand_request(const Request& request, const BlockwiseLayer& layer, std::size_t input, const ChunkGrid& to) {
  const OperandMap& map = layer.maps()[input];
  const ChunkGrid& operand = layer.inputs()[input]->output().grid;
  Request asked{request.name, false, {}, operand};
  for (int k = 0; k < operand.rank(); ++k) {
    const auto a = static_cast<int>(map.axis[k]);
    // What has one element is repeated, however many are selected.
    const bool along = a >= 0 && operand.length(k) != 1;
    asked.selections.push_back(along ? request.selections[a] : AxisSelection::all(operand.length(k)));
    if (along) asked.grid = asked.grid.with_axis_of(k, to, a);
  }
  return asked;
}

double bytes_of(const Request& request, const Layer& layer) {
  return elements_of(request) * static_cast<double>(layer.output().dtype.size());
}

/// Bytes of the parts of a blockwise layer's inputs that a part of its output needs.
double operand_bytes(const Request& request, const BlockwiseLayer& layer) {
  double bytes = 0;
  for (std::size_t i = 0; i < layer.inputs().size(); ++i)
    bytes += bytes_of(operand_request(request, layer, i, request.grid), *layer.inputs()[i]);
  return bytes;
}

/// Cost table, per part f of N elements of b bytes, of an operation of c that takes i bytes of its inputs for it:
///
///   the whole is made, parts are taken of it     N c + N b m + Σ (f N b m)      m: moving a byte
///   every part is made of parts of the inputs    Σ (f N c + i m)
///
/// Where others need the whole anyway, N c is spent either way; N b m is saved only if fusion then makes the value in
/// its consumers and nobody has to keep it, which is so for cheap operations. A dear one is never computed twice.
bool Pusher::is_moved_through(const BlockwiseLayer& layer, int k) const {
  const double cost = layer.program().cost();
  const double element = static_cast<double>(layer.output().dtype.size());
  const auto all = static_cast<double>(product(layer.output().grid.shape()));
  double stays = all * (cost + element * kMoveByte), moves = 0;
  bool whole = false;
  for (const Version& version : versions_[k]) {
    if (version.request.whole) {
      whole = true;
      continue;
    }
    const double part = elements_of(version.request);
    stays += part * element * kMoveByte;
    moves += part * cost + operand_bytes(version.request, layer) * kMoveByte;
  }
  if (whole && cost > kCheap) return false;
  if (whole) stays -= all * cost;
  return moves < stays;
}

bool Pusher::passes_on(int k) const {
  const Layer& layer = graph_.layer(k);
  if (const auto* blockwise = dynamic_cast<const BlockwiseLayer*>(&layer)) return is_moved_through(*blockwise, k);
  if (!dynamic_cast<const SourceLayer*>(&layer)) return true;
  // A source makes parts only where that reads nothing twice.
  const std::vector<Version>& versions = versions_[k];
  if (versions.size() > 8) return false;
  for (std::size_t v = 0; v < versions.size(); ++v) {
    if (versions[v].request.whole) return false;
    for (std::size_t w = 0; w < v; ++w)
      if (!are_apart(layer.output().grid, versions[v].request.selections, versions[w].request.selections)) return false;
  }
  return true;
}

void Pusher::plan(int k) {
  const bool on = passes_on(k);
  for (std::size_t v = 0; v < versions_[k].size(); ++v) {  // the whole may join them
    if (versions_[k][v].request.whole) {
      plan_whole(k, v);
    } else if (on) {
      plan_selected(k, v);
    } else {
      select_from_whole(k, v);
    }
  }
}

void Pusher::plan_whole(int k, std::size_t v) {
  const Layer& layer = graph_.layer(k);
  if (const auto* selection = dynamic_cast<const SelectionLayer*>(&layer))
    return pass_on(k, v, ask(graph_.inputs(k)[0], {layer.name(), false, selection->selections(), layer.output().grid}));
  if (const auto* joined = dynamic_cast<const ConcatenateLayer*>(&layer); joined && joined->inputs().size() == 1)
    return pass_on(k, v, ask_whole(graph_.inputs(k)[0]));
  if (layer.kind() == LayerKind::rechunk) {
    // A selection that nobody else needs is made in the chunks that are wanted of it.
    const int input = graph_.inputs(k)[0];
    if (graph_.layer(input).kind() == LayerKind::selection && graph_.consumers(input).size() == 1) {
      Request request{graph_.layer(input).name(), false, {}, layer.output().grid};
      for (int a = 0; a < request.grid.rank(); ++a)
        request.selections.push_back(AxisSelection::all(request.grid.length(a)));
      return pass_on(k, v, ask(input, std::move(request)));
    }
  }
  std::vector<Ref> inputs;
  for (int input : graph_.inputs(k)) inputs.push_back(ask_whole(input));
  versions_[k][v].inputs = std::move(inputs);
  versions_[k][v].make = [layer = graph_.pointer(k)](Inputs inputs) {
    if (inputs == layer->inputs()) return layer;
    // A rechunk may have got the chunks that it makes.
    if (layer->kind() == LayerKind::rechunk && same_chunks(inputs[0]->output().grid, layer->output().grid))
      return inputs[0];
    return layer->with_inputs(std::move(inputs));
  };
}

void Pusher::select_from_whole(int k, std::size_t v) {
  const Ref whole = ask_whole(k);
  versions_[k][v].inputs = {whole};
  versions_[k][v].make = [request = versions_[k][v].request](Inputs inputs) -> LayerPtr {
    return take(request.name, inputs[0], request.selections, request.grid);
  };
}

void Pusher::plan_selected(int k, std::size_t v) {
  const Layer& layer = graph_.layer(k);
  Request request = versions_[k][v].request;
  if (const auto* selection = dynamic_cast<const SelectionLayer*>(&layer)) {
    for (std::size_t a = 0; a < request.selections.size(); ++a)
      request.selections[a] = compose(selection->selections()[a], request.selections[a]);
    return pass_on(k, v, ask(graph_.inputs(k)[0], std::move(request)));
  }
  // A selection takes from any chunks to any others.
  if (layer.kind() == LayerKind::rechunk) return pass_on(k, v, ask(graph_.inputs(k)[0], std::move(request)));
  if (const auto* blockwise = dynamic_cast<const BlockwiseLayer*>(&layer)) return through_blockwise(*blockwise, k, v);
  if (const auto* joined = dynamic_cast<const ConcatenateLayer*>(&layer))
    if (through_concatenation(*joined, k, v)) return;
  if (dynamic_cast<const SourceLayer*>(&layer)) {
    for (int aid : graph_.inputs(k)) versions_[k][v].inputs.push_back(ask_whole(aid));
    versions_[k][v].make = [request, source = graph_.pointer(k)](Inputs aids) {
      const LayerPtr with = aids == source->inputs() ? source : source->with_inputs(std::move(aids));
      return selected_source(request.name, with, request.selections, request.grid);
    };
    return;
  }
  select_from_whole(k, v);
}

/// In the chunks that are wanted where the inputs' parts are no more bytes than the output's, else in those of the
/// selected domain, and the output is rechunked.
void Pusher::through_blockwise(const BlockwiseLayer& layer, int k, std::size_t v) {
  const Request request = versions_[k][v].request;
  const bool at_once = operand_bytes(request, layer) <= bytes_of(request, layer);
  const ChunkGrid domain = at_once ? request.grid : SelectionLayer::grid_of(layer.output().grid, request.selections);
  std::vector<Ref> inputs;
  for (std::size_t i = 0; i < layer.inputs().size(); ++i)
    inputs.push_back(ask(graph_.inputs(k)[i], operand_request(request, layer, i, domain)));
  versions_[k][v].inputs = std::move(inputs);
  versions_[k][v].make = [&layer, domain, request](Inputs inputs) -> LayerPtr {
    const LayerPtr made = BlockwiseLayer::make(layer.name(), layer.program(), domain, std::move(inputs), layer.maps());
    return same_chunks(domain, request.grid) ? made : RechunkLayer::make(request.name, made, request.grid);
  };
}

/// A stretch of a selection that lies in one of several joined arrays.
struct Stretch {
  std::size_t input;
  std::int64_t begin, end;  // places
};

/// The stretches of a selection along the axis of joined arrays that begin at `begins`; stops where there are too many.
std::vector<Stretch> stretches_of(const AxisSelection& selection, const std::vector<std::int64_t>& begins,
                                  std::size_t most) {
  std::vector<Stretch> stretches;
  const auto input_of = [&](std::int64_t element) {
    return static_cast<std::size_t>(std::upper_bound(begins.begin(), begins.end(), element) - begins.begin()) - 1;
  };
  for (std::int64_t place = 0; place < selection.count() && stretches.size() <= most;) {
    const std::size_t input = input_of(selection.at(place));
    std::int64_t end = place + 1;
    if (selection.is_list()) {
      while (end < selection.count() && input_of(selection.at(end)) == input) ++end;
    } else {
      const std::int64_t step = selection.step(), first = selection.at(place);
      const std::int64_t inside = step > 0 ? (begins[input + 1] - 1 - first) / step : (first - begins[input]) / -step;
      end = std::min(selection.count(), place + 1 + inside);
    }
    stretches.push_back({input, place, end});
    place = end;
  }
  return stretches;
}

/// Only the arrays that are met remain. False where the selection goes back and forth between them.
bool Pusher::through_concatenation(const ConcatenateLayer& layer, int k, std::size_t v) {
  const Request request = versions_[k][v].request;
  const int axis = layer.axis();
  std::vector<std::int64_t> begins{0};
  for (const LayerPtr& input : layer.inputs()) begins.push_back(begins.back() + input->output().grid.length(axis));
  const std::size_t most = 2 * layer.inputs().size();
  const std::vector<Stretch> stretches = stretches_of(request.selections[axis], begins, most);
  if (stretches.size() > most) return false;
  const auto ask_of = [&](const Stretch& stretch) {
    Request asked = request;
    asked.selections[axis] = request.selections[axis].cut(stretch.begin, stretch.end).moved(-begins[stretch.input]);
    return asked;
  };
  if (stretches.size() <= 1) {
    const Stretch only = stretches.empty() ? Stretch{0, 0, 0} : stretches[0];
    pass_on(k, v, ask(graph_.inputs(k)[only.input], ask_of(only)));
    return true;
  }
  const ChunkGrid natural = SelectionLayer::grid_of(layer.output().grid, request.selections);
  std::vector<Ref> inputs;
  for (const Stretch& stretch : stretches) {
    Request asked = ask_of(stretch);
    const ChunkGrid own = SelectionLayer::grid_of(layer.inputs()[stretch.input]->output().grid, asked.selections);
    asked.grid = natural.with_axis_of(axis, own, axis);
    inputs.push_back(ask(graph_.inputs(k)[stretch.input], std::move(asked)));
  }
  versions_[k][v].inputs = std::move(inputs);
  versions_[k][v].make = [name = layer.name(), axis, request](Inputs inputs) -> LayerPtr {
    const LayerPtr joined = ConcatenateLayer::make(name, std::move(inputs), axis);
    return same_chunks(joined->output().grid, request.grid) ? joined
                                                            : RechunkLayer::make(request.name, joined, request.grid);
  };
  return true;
}

bool selects(const LayerGraph& graph) {
  return std::any_of(graph.layers().begin(), graph.layers().end(),
                     [](const LayerPtr& layer) { return layer->kind() == LayerKind::selection; });
}

}  // namespace

LayerGraph push_selections(const LayerGraph& graph) { return selects(graph) ? simplify(Pusher(graph).push()) : graph; }

}  // namespace dunlin
