# Installs a build into a fresh prefix, moves that prefix, and builds and runs a consumer against it.
# cmake -DBUILD=… -DSOURCE=… -DWORK=… -DCXX_FLAGS=… -P install_test.cmake
#   BUILD   a finished build of Dunlin     SOURCE  its source tree     WORK  a folder that this script may empty

function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "`${command}` should have succeeded, but ended with ${result}:\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

file(REMOVE_RECURSE "${WORK}")
run(${CMAKE_COMMAND} --install "${BUILD}" --prefix "${WORK}/first")
file(RENAME "${WORK}/first" "${WORK}/moved")

# What is installed speaks neither of the build nor of the flags that Dunlin itself is compiled with.
file(GLOB_RECURSE scripts "${WORK}/moved/*.cmake")
foreach(script ${scripts})
  file(READ "${script}" text)
  foreach(forbidden "${BUILD}/" "${SOURCE}/" "${WORK}/" "dunlin_flags" "ffp-contract")
    string(FIND "${text}" "${forbidden}" position)
    if(NOT position EQUAL -1)
      message(FATAL_ERROR "${script} should not contain `${forbidden}`.")
    endif()
  endforeach()
endforeach()

# Every public header is installed.
file(GLOB_RECURSE headers RELATIVE "${SOURCE}" "${SOURCE}/runtime/*.hpp" "${SOURCE}/io/*.hpp"
  "${SOURCE}/collections/*.hpp")
foreach(header ${headers})
  if(header MATCHES "/include/(dunlin/.*)$" AND NOT EXISTS "${WORK}/moved/include/${CMAKE_MATCH_1}")
    message(FATAL_ERROR "${header} is public, but was not installed: its room does not call dunlin_room?")
  endif()
endforeach()

run(${CMAKE_COMMAND} -S "${SOURCE}/tests/install/consumer" -B "${WORK}/build" -G Ninja
  "-DCMAKE_PREFIX_PATH=${WORK}/moved" "-DCMAKE_CXX_FLAGS=${CXX_FLAGS}" -DCMAKE_BUILD_TYPE=Debug)
run(${CMAKE_COMMAND} --build "${WORK}/build")
run("${WORK}/build/grid_only")
run("${WORK}/build/consumer")
if(NOT output MATCHES "an installed Dunlin works")
  message(FATAL_ERROR "The consumer should have said `an installed Dunlin works`, but said:\n${output}")
endif()
