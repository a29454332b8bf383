# Unit tests: tests/<room>/*_test.cpp become one program unit_<room>, run by ctest.
find_package(doctest REQUIRED)
enable_testing()

function(jmeet_unit folder)
    string(REPLACE "/" "_" target ${folder})
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/${folder}/*_test.cpp)
    if(NOT sources)
        return()
    endif()
    add_executable(unit_${target} ${sources} ${CMAKE_SOURCE_DIR}/tests/doctest_main.cpp)
    target_compile_definitions(unit_${target} PRIVATE JMEET_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
    target_link_libraries(unit_${target} PRIVATE ${target} ${ARGN} doctest::doctest)
    # Where the room has the header, its tests read most of it as well.
    get_target_property(header ${target} PRECOMPILE_HEADERS_REUSE_FROM)
    if(header)
        target_precompile_headers(unit_${target} REUSE_FROM base)
    endif()
    add_test(NAME unit_${target} COMMAND unit_${target})
endfunction()

foreach(room base xmpp bridge/rtp bridge/ice bridge/bwe bridge/allocation bridge/speech
             bridge/receive bridge/forward bridge/net bridge/dtls bridge/sctp bridge/channel
             bridge bridge/control bridge/http focus focus/bridges focus/http)
    jmeet_unit(${room})
endforeach()

# The client that joins conferences over loopback.
if(TARGET unit_bridge)
    target_sources(unit_bridge PRIVATE ${CMAKE_SOURCE_DIR}/tests/bridge/test_client.cpp)
endif()

foreach(extra net fuzz bench)
    if(EXISTS ${CMAKE_SOURCE_DIR}/tests/${extra}/CMakeLists.txt)
        add_subdirectory(tests/${extra})
    endif()
endforeach()
