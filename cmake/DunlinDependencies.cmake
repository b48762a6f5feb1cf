# Finds everything at once; what is missing is reported in one message. The list of packages is packages.txt.
include(DunlinThirdParty)

set(dunlin_wanted library headers program)
if(DUNLIN_BUILD_TESTS)
  list(APPEND dunlin_wanted tests)
endif()
dunlin_find_third_party(dunlin_missing ${dunlin_wanted})
if(dunlin_missing)
  dunlin_missing_text(dunlin_text ${dunlin_missing})
  message(FATAL_ERROR "Dunlin cannot be configured yet.\n${dunlin_text}")
endif()

# Libraries that leave nothing to link: an installed Dunlin does not ask its users for them.
set(DUNLIN_HEADER_ONLY nlohmann_json::nlohmann_json Eigen3::Eigen CLI11::CLI11 fmt::fmt-header-only)
