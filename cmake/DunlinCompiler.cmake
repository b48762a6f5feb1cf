# Flags that every file of Dunlin is compiled with.
include(GNUInstallDirs)

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")

add_library(dunlin_flags INTERFACE)
# -ffp-contract=off: the compiler must not fuse multiply and add, or results would depend on its choice.
target_compile_options(dunlin_flags INTERFACE -Wall -Wextra -Wno-missing-field-initializers -ffp-contract=off
  $<$<BOOL:${DUNLIN_WARNINGS_AS_ERRORS}>:-Werror>)
# The deprecated C++ bindings of MPI cost a second per file.
target_compile_definitions(dunlin_flags INTERFACE OMPI_SKIP_MPICXX=1 MPICH_SKIP_MPICXX=1)
