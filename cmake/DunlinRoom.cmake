# dunlin_room(NAME [SOURCES files…] [LINK rooms or libraries…] [PRIVATE libraries…])
#   One library per room of the house, with its public headers in ./include; `LINK` is what its headers need, `PRIVATE`
#   what only its .cpp files need. Installed and exported as dunlin::NAME.
function(dunlin_room NAME)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK;PRIVATE" ${ARGN})
  add_library(dunlin_${NAME} ${ARG_SOURCES})
  add_library(dunlin::${NAME} ALIAS dunlin_${NAME})
  set_target_properties(dunlin_${NAME} PROPERTIES EXPORT_NAME ${NAME} VERSION ${PROJECT_VERSION}
    SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
  target_compile_features(dunlin_${NAME} PUBLIC cxx_std_20)
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/include/*.hpp")
  target_sources(dunlin_${NAME} PUBLIC FILE_SET HEADERS BASE_DIRS include FILES ${headers})

  # Flags, and libraries of headers alone, end with the build: the exported target must not name them.
  set(private $<BUILD_INTERFACE:dunlin_flags>)
  foreach(library ${ARG_PRIVATE})
    if(library IN_LIST DUNLIN_HEADER_ONLY)
      list(APPEND private $<BUILD_INTERFACE:${library}>)
    else()
      list(APPEND private ${library})
    endif()
  endforeach()
  target_link_libraries(dunlin_${NAME} PUBLIC ${ARG_LINK} PRIVATE ${private})
  if("MPI::MPI_C" IN_LIST ARG_LINK)
    # Whoever includes mpi.h through our headers links only the C library.
    target_compile_definitions(dunlin_${NAME} INTERFACE OMPI_SKIP_MPICXX=1 MPICH_SKIP_MPICXX=1)
  endif()
  set_property(GLOBAL APPEND PROPERTY DUNLIN_ROOMS dunlin_${NAME})
endfunction()
