#pragma once
// Contexts over watched transports, and small graphs to run on them.

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "dunlin/context/context.hpp"
#include "dunlin/transport/checked_transport.hpp"
#include "support/ranks.hpp"
#include "support/test_layers.hpp"
#include "support/watchdog.hpp"

namespace dunlin::test {

inline std::unique_ptr<Transport> watched(std::unique_ptr<Transport> ranks) {
  return make_checked_transport(
      std::move(ranks), [](const std::string& leak) { ADD_FAILURE() << leak; }, Ends::both);
}

/// Runs `body(context)` on all ranks, with two threads on each.
inline void for_contexts(const std::function<void(Context&)>& body, const Options& options = {.threads = 2}) {
  for_ranks([&](std::unique_ptr<Transport> ranks) {
    Context context(watched(std::move(ranks)), options);
    body(context);
  });
}

/// Twice 0, 1, … 23, cut into chunks of 3, to a sink that keeps what it gets.
struct Doubled {
  ChunkGrid grid = ChunkGrid::regular({24}, {3});
  double factor = 2;
  TaskSettings reading, writing;
  std::function<void(const Outcome&)> finish;
  std::shared_ptr<Collected> collected;

  LayerPtr value() const {
    const LayerPtr x = source(
        "x", grid, [](const Coords& at) { return static_cast<double>(at[0]); }, reading);
    return scaled("scale", x, factor, 0);
  }
  std::vector<LayerPtr> sinks() {
    collected = std::make_shared<Collected>(grid);
    return {sink("out", value(), collected, writing, finish)};
  }
};

/// All ranks alike can run a graph and get its values.
inline void expect_works(Context& context) {
  Doubled doubled;
  const RunReport report = context.compute(doubled.sinks());
  EXPECT_EQ(report.tasks, 24) << "8 chunks, read, scaled, written";
  for (const auto& [chunk, values] : doubled.collected->take())
    for (std::size_t k = 0; k < values.size(); ++k)
      EXPECT_EQ(values[k], 2 * (3 * static_cast<double>(chunk.at[0]) + static_cast<double>(k)));
}

/// The error of a kind that `f` throws on this rank; fails where it throws none or another.
template <class Error, class F>
std::optional<Error> error_of(F&& f) {
  try {
    f();
    ADD_FAILURE() << "nothing was thrown";
  } catch (const Error& error) {
    return error;
  } catch (const std::exception& error) {
    ADD_FAILURE() << "another error was thrown: " << error.what();
  }
  return std::nullopt;
}

/// Fails on some rank where the texts are not the same on all. Collective.
inline void expect_same_on_all(Context& context, const std::string& text) {
  const auto first = context.state()->on_one_rank("sharing a text", [&] {
    const auto bytes = std::as_bytes(std::span(text));
    return std::vector<std::byte>(bytes.begin(), bytes.end());
  });
  EXPECT_EQ(text, std::string(reinterpret_cast<const char*>(first.data()), first.size()));
}

}  // namespace dunlin::test
