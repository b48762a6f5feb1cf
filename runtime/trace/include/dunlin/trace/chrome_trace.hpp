#pragma once
// A trace as text that Perfetto (ui.perfetto.dev) and chrome://tracing open.
//
//   document := head part ("," part)* tail          head := {"displayTimeUnit":"ms","traceEvents":[        tail := ]}
//   part     := event ("," event)*                  what one rank contributes; never empty
//   event    := span | count | name of a process or thread    Trace Event Format ("X", "C", "M"), google/catapult
//
// A process of the picture is a rank, a thread one of its threads; times are microseconds. A span says its bytes in
// memory and, where it touched a file, `stored_bytes`; three tracks a rank show bytes read, bytes written and reserved
// memory over time. Parts are made by each rank
// alone and joined in any order, in memory or by writing them one after another into a file:
//
//   std::string part = chrome_trace_part(trace, rank, origin);     // origin: rank 0's trace.wall_start_ns()
//   std::string text = join_chrome_trace({part, part_of_rank_1});

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dunlin/trace/trace.hpp"

namespace dunlin {

inline constexpr std::string_view kChromeTraceHead = R"({"displayTimeUnit":"ms","traceEvents":[)";
inline constexpr std::string_view kChromeTraceSeparator = ",\n";
inline constexpr std::string_view kChromeTraceTail = "]}\n";

/// The spans of one rank. `origin_ns` is the wall clock (nanoseconds since 1970) that is to be zero in the picture, the
/// same for all ranks; spans before it get negative times. Only while no thread records.
std::string chrome_trace_part(const Trace& trace, int rank, std::int64_t origin_ns);
/// With the trace's own beginning as zero: for one rank alone.
inline std::string chrome_trace_part(const Trace& trace, int rank) {
  return chrome_trace_part(trace, rank, trace.wall_start_ns());
}

/// The whole document.
std::string join_chrome_trace(const std::vector<std::string>& parts);

}  // namespace dunlin
