#include "dunlin/context/context.hpp"

#include "context_parts.hpp"
#include "dunlin/trace/chrome_trace.hpp"
#include "dunlin/transport/local_transport.hpp"

namespace dunlin {

GraphsDiffer::GraphsDiffer(int layer, const std::string& name)
    : UsageError("the ranks have built different graphs; the first layer that differs is number " +
                 std::to_string(layer) + ", '" + name +
                 "' on rank 0: every rank must run the same code on the same arguments and inputs"),
      layer(layer) {}

ContextGone::ContextGone()
    : UsageError("the context of this handle is gone: keep the Context alive for as long as its arrays are computed") {}

namespace {

std::string with_place(int rank, const std::string& layer, const std::string& chunk, const std::string& text) {
  if (layer.empty()) return text;
  return text + " (rank " + std::to_string(rank) + ", '" + layer + "', chunk " + chunk + ")";
}

}  // namespace

RankError::RankError(ErrorCode code, int rank, std::string layer, std::string chunk, const std::string& text)
    : UserError(code, with_place(rank, layer, chunk, text)),
      rank(rank),
      layer(std::move(layer)),
      chunk(std::move(chunk)) {}

Context::Context(Options options) : Context(make_local_transport(), std::move(options)) {}
Context::Context(std::unique_ptr<Transport> transport, Options options)
    : state_(std::make_shared<ContextState>(std::move(transport), std::move(options))) {}
Context::~Context() { state_->leave(); }
int Context::rank() const { return state_->rank(); }
int Context::size() const { return state_->size(); }
RunReport Context::compute(const std::vector<LayerPtr>& sinks) { return state_->compute(sinks); }
PlanReport Context::explain(const std::vector<LayerPtr>& sinks, int ranks) const {
  return state_->explain(sinks, ranks);
}

ContextState::ContextState(std::unique_ptr<Transport> transport, Options options)
    : parts_(std::make_unique<Parts>(std::move(transport), std::move(options))) {
  try {
    parts_->set_up();
  } catch (...) {
    leave();  // all ranks have the same error: they leave together, and nothing of the transport stays behind
    throw;
  }
}
ContextState::~ContextState() = default;

int ContextState::rank() const { return parts_->rank; }
int ContextState::size() const { return parts_->size; }
int ContextState::threads() const { return parts_->threads; }
std::int64_t ContextState::budget_bytes() const { return parts_->cluster.budget_bytes; }
std::int64_t ContextState::next_ordinal() { return parts_->next_ordinal++; }
const Log& ContextState::log() const { return *parts_->log; }
const Counters& ContextState::counters() const { return parts_->counters; }
const Trace& ContextState::trace() const { return parts_->trace; }
BufferPool& ContextState::pool() { return *parts_->pool; }
std::int64_t ContextState::plans_reused() const { return parts_->plans.reused; }
std::int64_t ContextState::plans_made() const { return parts_->plans.made; }

std::vector<std::byte> ContextState::on_one_rank(const std::string& what,
                                                 const std::function<std::vector<std::byte>()>& body) {
  Parts& parts = *parts_;
  const CollectiveCall call(parts, what.c_str());
  parts.agree_on_step(Call::broadcast, what, std::nullopt);
  std::optional<Failure> failure;
  std::vector<std::byte> message;
  if (parts.rank == 0) {
    Packer answer;
    std::vector<std::byte> bytes;
    failure = parts.caught([&] { bytes = body(); });
    answer.number(failure ? 1 : 0);
    if (failure)
      parts.pack(answer, *failure);
    else
      answer.block(bytes);
    message = answer.bytes();
  }
  parts.transport->broadcast(message, 0);
  Unpacker in(message);
  if (in.number() != 0) parts.throw_packed(in, 0, failure);
  const auto block = in.block();
  return {block.begin(), block.end()};
}

void ContextState::on_all_ranks(const std::string& what, const std::function<void()>& body) {
  const CollectiveCall call(*parts_, what.c_str());
  parts_->agree_on_step(Call::setup, what, parts_->caught(body));
}

std::string ContextState::gather_trace() {
  const std::string what = "gathering the trace";
  const CollectiveCall call(*parts_, what.c_str());
  Parts& parts = *parts_;
  const auto step = [&](std::int64_t smallest, std::int64_t largest) {
    Agreement mine = parts.record(Call::setup, {});
    mine.smallest[0] = smallest;
    mine.peak_bytes = largest;
    return parts.agree_on_step(mine, what);
  };
  // The picture's zero is the earliest rank's.
  const std::string part = chrome_trace_part(parts.trace, parts.rank, step(parts.trace.wall_start_ns(), 0).smallest[0]);
  const auto bytes = std::as_bytes(std::span(part));
  const auto planned = static_cast<std::size_t>(step(0, static_cast<std::int64_t>(bytes.size())).peak_bytes);
  if (parts.rank != 0) {
    parts.wait_for(parts.transport->send(0, 0, bytes, planned));
    return {};
  }
  std::vector<std::string> texts{part};
  for (int peer = 1; peer < parts.size; ++peer) {
    std::string text(planned, ' ');
    text.resize(parts.wait_for(parts.transport->receive(peer, 0, std::as_writable_bytes(std::span(text)))));
    texts.push_back(std::move(text));
  }
  return join_chrome_trace(texts);
}

void ContextState::leave() noexcept {
  Parts& parts = *parts_;
  if (!parts.transport) return;
  try {
    if (!parts.gone) parts.transport->agree(parts.record(Call::leave, {}));
  } catch (const std::exception&) {
    // Somebody has left without a word: nothing is left to agree about.
  }
  parts.gone = true;
  parts.transport.reset();
}

}  // namespace dunlin
