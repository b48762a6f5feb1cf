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
# Installed libraries find one another wherever the tree is moved.
set(CMAKE_INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR}" "$ORIGIN")
# Each public header is compiled alone by the target verify_headers.
set(CMAKE_VERIFY_INTERFACE_HEADER_SETS ${PROJECT_IS_TOP_LEVEL})

if(PROJECT_IS_TOP_LEVEL AND NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
  find_program(DUNLIN_CCACHE ccache DOC "Compiler cache, used where it is installed")
  if(DUNLIN_CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER "${DUNLIN_CCACHE}")
  endif()
endif()

# For the whole build, tests included: a sanitizer sees only what it has instrumented.
if(DUNLIN_SANITIZE)
  list(JOIN DUNLIN_SANITIZE "," dunlin_sanitizers)
  add_compile_options(-fsanitize=${dunlin_sanitizers} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${dunlin_sanitizers})
endif()

add_library(dunlin_flags INTERFACE)
# -ffp-contract=off: the compiler must not fuse multiply and add, or results would depend on its choice.
# -Wno-restrict: GCC 12 sees overlapping copies in every std::string that grows (GCC bug 105651).
target_compile_options(dunlin_flags INTERFACE -Wall -Wextra -Wno-missing-field-initializers -ffp-contract=off
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
  $<$<BOOL:${DUNLIN_WARNINGS_AS_ERRORS}>:-Werror>)
target_compile_definitions(dunlin_flags INTERFACE
  # The deprecated C++ bindings of MPI cost a second per file.
  OMPI_SKIP_MPICXX=1 MPICH_SKIP_MPICXX=1
  # The OpenMP executor starts its workers as std::thread, whose synchronisation a thread sanitizer understands.
  $<$<BOOL:${DUNLIN_HOST_THREADS}>:DUNLIN_HOST_THREADS=1>)
