#pragma once
// All ranks of a plan at once, as a simulation of events: memory granted in order, messages that move only when both
// ends are ready, and anything that may happen next happening in any order.
//
// Each rank grants its items memory strictly in their order, never above its limit. A granted task whose inputs are
// there may end at any time; a granted receive takes its message once the maker has made it; the sender keeps the value
// until the message has gone, which may be later than its arrival. This is what a run does (exec/run.hpp), with every
// freedom that timing has, and none of its threads.

#include <random>
#include <string>
#include <vector>

#include "dunlin/plan/schedule.hpp"

namespace dunlin::test {

/// Which of the events that are possible happens next.
enum class Luck { any, first_come, last_come, low_ranks_first, high_ranks_first };
inline constexpr Luck kAllLuck[] = {Luck::any, Luck::first_come, Luck::last_come, Luck::low_ranks_first,
                                    Luck::high_ranks_first};

/// Runs `schedules` (rank r's at place r) with `limits` bytes each. Returns what went wrong: a deadlock, memory above a
/// limit or left over, a message without its other end; empty where nothing did.
std::string simulate_cluster(const std::vector<Schedule>& schedules, const std::vector<std::int64_t>& limits, Luck luck,
                             std::mt19937_64& random);

}  // namespace dunlin::test
