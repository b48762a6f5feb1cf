#pragma once
// The fixed record by which all ranks of a context agree: every collective call begins with one, a run ends with one.
//
// Each rank puts in its own values; `merge` (associative, commutative, and with the same result in any order) makes
// from them what all ranks get. Equality over ranks is told by carrying minimum and maximum.
//
//   rank 0 {sequence 7, compute, hash A}  +  rank 1 {sequence 7, compute, hash B}
//     → {sequence 7..7, compute..compute, hash min(A,B)..max(A,B)}      same() == false: the graphs differ
//
// The record is plain bytes: transports may copy it as such.

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>

#include "dunlin/base/hash128.hpp"

namespace dunlin {

/// What kind of collective a rank has entered.
enum class Call : std::int32_t { none, setup, open, plan, run_end, broadcast, publish, locate_difference, leave };

struct Agreement {
  std::int64_t sequence_min = 0, sequence_max = 0;
  Hash128 hash_min{}, hash_max{};
  /// Lowest rank that failed, with its task (a number in its own order) and its ErrorCode; kNobody where none did.
  static constexpr std::int64_t kNobody = std::numeric_limits<std::int64_t>::max();
  std::int64_t failing_rank = kNobody, failing_task = kNobody;
  /// Largest predicted or measured peak of any rank, and the lowest rank that has it.
  std::int64_t peak_bytes = 0, peak_rank = 0;
  /// Smallest of a number that each rank gives (a budget, a thread count, an instruction level): meaning by the caller.
  std::array<std::int64_t, 6> smallest{};
  /// Sum of numbers that each rank gives (bytes read, written, …): meaning by the caller.
  std::array<std::int64_t, 8> total{};
  std::int32_t call_min = 0, call_max = 0;
  std::int32_t failing_code = 0;
  std::int32_t unused = 0;

  static Agreement of(Call call, std::int64_t sequence, const Hash128& hash = {}) {
    Agreement mine;
    mine.sequence_min = mine.sequence_max = sequence;
    mine.hash_min = mine.hash_max = hash;
    mine.call_min = mine.call_max = static_cast<std::int32_t>(call);
    return mine;
  }
  bool same_call() const { return call_min == call_max && sequence_min == sequence_max; }
  bool same_hash() const { return hash_min == hash_max; }
  bool failed() const { return failing_rank != kNobody; }
};

inline Agreement merge(const Agreement& a, const Agreement& b) {
  Agreement both = a;
  both.sequence_min = std::min(a.sequence_min, b.sequence_min);
  both.sequence_max = std::max(a.sequence_max, b.sequence_max);
  both.hash_min = std::min(a.hash_min, b.hash_min);
  both.hash_max = std::max(a.hash_max, b.hash_max);
  both.call_min = std::min(a.call_min, b.call_min);
  both.call_max = std::max(a.call_max, b.call_max);
  if (b.failing_rank < a.failing_rank) {
    both.failing_rank = b.failing_rank;
    both.failing_task = b.failing_task;
    both.failing_code = b.failing_code;
  }
  if (b.peak_bytes > a.peak_bytes || (b.peak_bytes == a.peak_bytes && b.peak_rank < a.peak_rank)) {
    both.peak_bytes = b.peak_bytes;
    both.peak_rank = b.peak_rank;
  }
  for (std::size_t k = 0; k < both.smallest.size(); ++k) both.smallest[k] = std::min(a.smallest[k], b.smallest[k]);
  for (std::size_t k = 0; k < both.total.size(); ++k) both.total[k] = a.total[k] + b.total[k];
  return both;
}

}  // namespace dunlin
