# SPDX-License-Identifier: Apache-2.0
# What gets installed: libhoso.so and libhoso.a with no symbols but hoso_*, its headers, hoso.pc, a CMake package.
set(parts hoso_keys hoso_config hoso_event hoso_store hoso_wire hoso_bus hoso_proto hoso_base)
add_library(hoso_shared SHARED $<TARGET_OBJECTS:hoso_client>)
set_target_properties(hoso_shared PROPERTIES OUTPUT_NAME hoso VERSION ${PROJECT_VERSION} SOVERSION 0 EXPORT_NAME hoso
                      LINKER_LANGUAGE C LINK_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/hoso.map)
# It stays loaded: a look-up of a name may outlive the last client.
target_link_options(hoso_shared PRIVATE -Wl,--version-script=${CMAKE_CURRENT_SOURCE_DIR}/hoso.map -Wl,-z,nodelete)
target_link_libraries(hoso_shared PRIVATE ${parts})
target_include_directories(hoso_shared INTERFACE $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}>
                                                 $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)

# One object out of all parts, its inner symbols made local.
set(static ${CMAKE_CURRENT_BINARY_DIR}/libhoso.a)
set(archives)
foreach(part IN LISTS parts)
    list(APPEND archives $<TARGET_FILE:${part}>)
endforeach()
add_custom_command(
    OUTPUT ${static}
    COMMAND ${CMAKE_LINKER} -r -o libhoso.o $<TARGET_OBJECTS:hoso_client> --start-group ${archives} --end-group
    COMMAND ${CMAKE_OBJCOPY} --wildcard "--keep-global-symbol=hoso_[a-z]*" libhoso.o
    COMMAND ${CMAKE_COMMAND} -E rm -f ${static}
    COMMAND ${CMAKE_AR} rcs ${static} libhoso.o
    DEPENDS hoso_client ${parts}
    WORKING_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}
    COMMAND_EXPAND_LISTS VERBATIM)
add_custom_target(hoso_static ALL DEPENDS ${static})

include(CMakePackageConfigHelpers)
set(package ${CMAKE_INSTALL_LIBDIR}/cmake/hoso)
file(RELATIVE_PATH up /${CMAKE_INSTALL_LIBDIR}/pkgconfig /) # so that the installed tree may move
configure_file(hoso.pc.in hoso.pc @ONLY)
configure_file(hosoConfig.cmake hosoConfig.cmake COPYONLY)
write_basic_package_version_file(hosoConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(TARGETS hoso_shared EXPORT hoso DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT hoso NAMESPACE hoso:: FILE hosoTargets.cmake DESTINATION ${package})
install(FILES ${static} DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(FILES hoso.h hoso_events.h hoso_period.h hoso_read.h hoso_report.h hoso_series.h hoso_watch.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/hoso.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/hosoConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/hosoConfigVersion.cmake
        DESTINATION ${package})
