#pragma once
// All of Dunlin that programs use: one include.

#include "dunlin/array/array.hpp"
#include "dunlin/array/elementwise.hpp"
#include "dunlin/array/reductions.hpp"
#include "dunlin/context/context.hpp"
#include "dunlin/labelled/anomaly.hpp"
#include "dunlin/labelled/cf_time.hpp"
#include "dunlin/labelled/data_array.hpp"
#include "dunlin/labelled/dataset.hpp"
#include "dunlin/labelled/history.hpp"
#include "dunlin/labelled/zarr_output.hpp"
