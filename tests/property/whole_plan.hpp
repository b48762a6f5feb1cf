#pragma once
// A plan checked against one that walks everything: every chunk of every layer, every rank, with nothing but `needs` of
// single chunks and `Partition::owner`.

#include <string>
#include <vector>

#include "dunlin/plan/schedule.hpp"

namespace dunlin::test {

/// All ranks' schedules.
std::vector<Schedule> all_schedules(const LayerPlan& plan);

/// What is wrong with the plan; empty where nothing is.
std::string check_against_walk(const LayerPlan& plan, const std::vector<Schedule>& schedules);

}  // namespace dunlin::test
