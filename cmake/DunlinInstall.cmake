# Installs the rooms as libraries with their headers, the program, and a package that find_package(dunlin) reads.
#
#   dunlin::NAME     one room, e.g. dunlin::labelled
#   dunlin::dunlin   all rooms, with the header <dunlin/dunlin.hpp>
#
# The package finds third-party libraries by the code that the build uses (DunlinThirdParty.cmake), and contains no path
# of the build: an installed tree can be moved.
include(CMakePackageConfigHelpers)

set(DUNLIN_PACKAGE_DIR "${CMAKE_INSTALL_LIBDIR}/cmake/dunlin")
get_property(dunlin_rooms GLOBAL PROPERTY DUNLIN_ROOMS)

add_library(dunlin_all INTERFACE)
add_library(dunlin::dunlin ALIAS dunlin_all)
set_target_properties(dunlin_all PROPERTIES EXPORT_NAME dunlin)
target_link_libraries(dunlin_all INTERFACE ${dunlin_rooms})
file(GLOB_RECURSE dunlin_umbrella CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/collections/include/*.hpp")
if(dunlin_umbrella)
  target_sources(dunlin_all INTERFACE FILE_SET HEADERS BASE_DIRS "${PROJECT_SOURCE_DIR}/collections/include"
    FILES ${dunlin_umbrella})
endif()

install(TARGETS ${dunlin_rooms} EXPORT dunlinTargets FILE_SET HEADERS)
if(dunlin_umbrella)
  install(TARGETS dunlin_all EXPORT dunlinTargets FILE_SET HEADERS)
else()
  install(TARGETS dunlin_all EXPORT dunlinTargets)
endif()
if(TARGET dunlin)
  install(TARGETS dunlin)
endif()

install(EXPORT dunlinTargets NAMESPACE dunlin:: DESTINATION "${DUNLIN_PACKAGE_DIR}")
configure_package_config_file("${CMAKE_CURRENT_LIST_DIR}/dunlinConfig.cmake.in"
  "${PROJECT_BINARY_DIR}/dunlinConfig.cmake" INSTALL_DESTINATION "${DUNLIN_PACKAGE_DIR}"
  NO_SET_AND_CHECK_MACRO NO_CHECK_REQUIRED_COMPONENTS_MACRO)
# Before 1.0 a minor version may change the interface.
write_basic_package_version_file("${PROJECT_BINARY_DIR}/dunlinConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/dunlinConfig.cmake" "${PROJECT_BINARY_DIR}/dunlinConfigVersion.cmake"
  "${CMAKE_CURRENT_LIST_DIR}/DunlinThirdParty.cmake" "${CMAKE_CURRENT_LIST_DIR}/packages.txt"
  DESTINATION "${DUNLIN_PACKAGE_DIR}")
