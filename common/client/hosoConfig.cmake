# find_package(hoso) gives the target hoso::hoso.
include("${CMAKE_CURRENT_LIST_DIR}/hosoTargets.cmake")
