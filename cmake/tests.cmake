# Unit tests: tests/<room>/*_test.cpp become one program unit_<room>, run by ctest.
find_package(doctest REQUIRED)
enable_testing()

# doctest itself is compiled once. The tests' own code is not optimised: it compiles in two thirds
# of the time, and what it tests is built as it is installed.
add_library(doctest_main OBJECT ${CMAKE_SOURCE_DIR}/tests/doctest_main.cpp
            ${CMAKE_SOURCE_DIR}/tests/precompiled.cpp)
target_link_libraries(doctest_main PRIVATE jmeet_libs PUBLIC doctest::doctest)
target_compile_options(doctest_main PRIVATE -O0)
target_precompile_headers(doctest_main PRIVATE base/asio.hpp <doctest/doctest.h>)
set_source_files_properties(${CMAKE_SOURCE_DIR}/tests/doctest_main.cpp PROPERTIES
                            SKIP_PRECOMPILE_HEADERS ON)

function(jmeet_unit folder)
    string(REPLACE "/" "_" target ${folder})
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/${folder}/*_test.cpp)
    if(NOT sources)
        return()
    endif()
    add_executable(unit_${target} ${sources})
    target_compile_options(unit_${target} PRIVATE -O0)
    target_compile_definitions(unit_${target} PRIVATE JMEET_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
    target_link_libraries(unit_${target} PRIVATE ${target} ${ARGN} doctest_main)
    # Where the room has the precompiled Asio, so have its tests, and doctest with it.
    get_target_property(header ${target} PRECOMPILE_HEADERS_REUSE_FROM)
    if(header)
        target_precompile_headers(unit_${target} REUSE_FROM doctest_main)
    endif()
    add_test(NAME unit_${target} COMMAND unit_${target})
endfunction()

foreach(room base xmpp bridge/rtp bridge/ice bridge/bwe bridge/allocation bridge/speech
             bridge/receive bridge/forward bridge/net bridge/dtls bridge/sctp bridge/channel
             bridge bridge/control bridge/http focus focus/bridges focus/http doctor)
    jmeet_unit(${room})
endforeach()

# The client that joins conferences over loopback.
foreach(program unit_bridge unit_bridge_http)
    if(TARGET ${program})
        target_sources(${program} PRIVATE ${CMAKE_SOURCE_DIR}/tests/bridge/test_client.cpp)
    endif()
endforeach()

foreach(extra net fuzz bench)
    if(EXISTS ${CMAKE_SOURCE_DIR}/tests/${extra}/CMakeLists.txt)
        add_subdirectory(tests/${extra})
    endif()
endforeach()
