# dunlin_mpi_test(NAME SOURCES files… [LINK libraries…] RANKS counts… [OWN_MAIN])
#   One executable, run by mpiexec once per count: the tests mpi.NAME.1, mpi.NAME.2, … with the label `mpi`. The tests use
#   for_ranks (support/ranks.hpp), or <mpi.h> directly. OWN_MAIN: the sources bring a main.
execute_process(COMMAND ${MPIEXEC_EXECUTABLE} --version OUTPUT_VARIABLE mpiexec_version ERROR_QUIET)
set(DUNLIN_MPIEXEC ${MPIEXEC_EXECUTABLE})
# Seconds after which a test counts as hanging.
set(DUNLIN_MPI_TEST_SECONDS 120)
# More ranks than cores must work; where they share a core, a waiting rank has to give it away.
if(mpiexec_version MATCHES "Open MPI|OpenRTE")
  list(APPEND DUNLIN_MPIEXEC --allow-run-as-root --oversubscribe --bind-to none --mca mpi_yield_when_idle 1)
elseif(mpiexec_version MATCHES "HYDRA")
  # MPICH: slower all the same. UCX warns of messages that nobody has taken: those of tests in which ranks break off.
  set(DUNLIN_MPI_TEST_SECONDS 400)
  list(APPEND DUNLIN_MPIEXEC -genv MPIR_CVAR_POLLS_BEFORE_YIELD 1 -genv UCX_LOG_LEVEL error)
endif()
if(DUNLIN_SANITIZE)
  set(DUNLIN_MPI_TEST_SECONDS 600)  # sanitizers slow ranks down that share a core
endif()

function(dunlin_mpi_test NAME)
  cmake_parse_arguments(ARG "OWN_MAIN" "" "SOURCES;LINK;RANKS" ${ARGN})
  add_executable(mpi_${NAME} ${ARG_SOURCES})
  target_include_directories(mpi_${NAME} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_link_libraries(mpi_${NAME} PRIVATE dunlin_flags ${ARG_LINK} dunlin_test_mpi_ranks)
  if(NOT ARG_OWN_MAIN)
    target_link_libraries(mpi_${NAME} PRIVATE dunlin_test_mpi_main)
  endif()
  foreach(ranks ${ARG_RANKS})
    add_test(NAME mpi.${NAME}.${ranks}
      COMMAND ${DUNLIN_MPIEXEC} ${MPIEXEC_NUMPROC_FLAG} ${ranks} $<TARGET_FILE:mpi_${NAME}>)
    set_tests_properties(mpi.${NAME}.${ranks} PROPERTIES
      LABELS mpi TIMEOUT ${DUNLIN_MPI_TEST_SECONDS} PROCESSORS ${ranks})
  endforeach()
endfunction()
