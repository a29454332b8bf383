# Unit tests: tests/<room>/*_test.cpp become one program unit_<room>, run by ctest.
find_package(doctest REQUIRED)
enable_testing()

# The tests' own code is not optimised: it compiles in two thirds of the time, and what it tests is
# built as it is installed. For the same reason only the rooms carry the undefined-behaviour checks.
set(JMEET_TEST_OPTIONS -O0)
if(JMEET_SANITIZE)
    list(APPEND JMEET_TEST_OPTIONS -fno-sanitize=undefined)
endif()

# doctest itself is compiled once, its header twice: with Asio, and without for the pure rooms.
add_library(doctest_main OBJECT ${CMAKE_SOURCE_DIR}/tests/doctest_main.cpp)
target_link_libraries(doctest_main PUBLIC doctest::doctest)
add_library(tests_asio OBJECT ${CMAKE_SOURCE_DIR}/tests/precompiled.cpp)
target_link_libraries(tests_asio PRIVATE jmeet_libs doctest::doctest)
target_precompile_headers(tests_asio PRIVATE base/asio.hpp <doctest/doctest.h>)
add_library(tests_pure OBJECT ${CMAKE_SOURCE_DIR}/tests/precompiled.cpp)
target_link_libraries(tests_pure PRIVATE base_headers doctest::doctest)
target_precompile_headers(tests_pure PRIVATE <doctest/doctest.h> <optional> <span> <string> <vector>)
foreach(target doctest_main tests_asio tests_pure)
    target_compile_options(${target} PRIVATE ${JMEET_TEST_OPTIONS})
endforeach()

add_custom_target(unit_programs)
function(jmeet_unit folder)
    string(REPLACE "/" "_" target ${folder})
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/${folder}/*_test.cpp)
    if(NOT sources)
        return()
    endif()
    add_executable(unit_${target} ${sources})
    target_compile_options(unit_${target} PRIVATE ${JMEET_TEST_OPTIONS})
    # Of the largest two the files keep their names apart, as the rooms' do.
    if(NOT folder MATCHES "^(bridge|focus)$")
        set_target_properties(unit_${target} PROPERTIES UNITY_BUILD OFF)
    endif()
    target_compile_definitions(unit_${target} PRIVATE JMEET_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
    target_link_libraries(unit_${target} PRIVATE ${target} ${ARGN} doctest_main)
    # Where the room has the precompiled Asio, so have its tests.
    get_target_property(header ${target} PRECOMPILE_HEADERS_REUSE_FROM)
    if(header)
        target_precompile_headers(unit_${target} REUSE_FROM tests_asio)
    else()
        target_precompile_headers(unit_${target} REUSE_FROM tests_pure)
    endif()
    add_dependencies(unit_programs unit_${target})
    add_test(NAME unit_${target} COMMAND unit_${target})
endfunction()

foreach(room base xmpp bridge/rtp bridge/ice bridge/bwe bridge/allocation bridge/speech
             bridge/receive bridge/forward bridge/net bridge/dtls bridge/sctp bridge/channel
             bridge bridge/control bridge/http focus focus/bridges focus/http
             focus/doctor)
    jmeet_unit(${room})
endforeach()

# The client that joins conferences over loopback.
foreach(program unit_bridge unit_bridge_http)
    if(TARGET ${program})
        target_sources(${program} PRIVATE ${CMAKE_SOURCE_DIR}/tests/bridge/test_client.cpp
                                          ${CMAKE_SOURCE_DIR}/tests/bridge/test_client_media.cpp)
    endif()
endforeach()

# Conversations take place in time that moves when they say so.
foreach(program unit_focus unit_focus_http)
    if(TARGET ${program})
        target_sources(${program} PRIVATE ${CMAKE_SOURCE_DIR}/tests/fake_time.cpp)
    endif()
endforeach()

foreach(extra net fuzz bench)
    if(EXISTS ${CMAKE_SOURCE_DIR}/tests/${extra}/CMakeLists.txt)
        add_subdirectory(tests/${extra})
    endif()
endforeach()
