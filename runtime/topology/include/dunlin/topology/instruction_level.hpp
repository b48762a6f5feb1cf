#pragma once
// Which instruction sets this processor and its system offer, as a number that ranks can take the minimum of.

namespace dunlin {

/// 0 baseline (also where the processor is no x86-64), 3 x86-64-v3 (AVX2, FMA), 4 x86-64-v4 (AVX-512), as the x86-64
/// psABI defines them.
int instruction_level();

}  // namespace dunlin
