#pragma once
// Checks a global heap, the part of a file where text and lists of variable length lie, before the HDF5 library sees
// it: library versions up to 1.14 follow its sizes without looking where they lead, and crash or never end on a corrupt
// one.
//
//   collection := "GCOL" version:1 zero:3 size:L object* rest     size counts everything; L = 8 but in old files
//   object     := index:2 references:2 zero:4 length:L data       data padded to a multiple of 8
//   index 0    := free space, its length counts its own header    rest: too short for an object's header

#include <cstddef>
#include <cstdint>
#include <span>

namespace dunlin {

/// True where `bytes` are the start of a global heap collection.
bool is_global_heap(std::span<const std::byte> bytes);

/// Size that a collection claims, from its first 8 + `length_size` bytes.
std::uint64_t global_heap_size(std::span<const std::byte> bytes, std::size_t length_size);

/// True where all objects of a whole collection lie inside it.
bool is_sound_global_heap(std::span<const std::byte> bytes, std::size_t length_size);

}  // namespace dunlin
