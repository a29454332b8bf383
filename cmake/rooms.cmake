# A room is one folder of the tree: a static library of the .cpp files directly in it.
#   jmeet_room(<folder> [PURE] DEPS <targets> [FOLDERS <subfolders that belong to it>])
# The target is the folder's name with '/' as '_'. Under sanitizers ten files are compiled as one
# (CMAKE_UNITY_BUILD), so what a file keeps to itself has a name of its own in the whole room:
# a quarter of the time. PURE rooms get no precompiled Asio header:
# a socket or a clock in them should look as foreign as it is.
include_directories(${CMAKE_SOURCE_DIR})

# base's headers, for the pure rooms: no library comes with them.
add_library(base_headers INTERFACE)
target_link_libraries(base_headers INTERFACE Boost::headers)

function(jmeet_room folder)
    cmake_parse_arguments(ROOM "PURE" "" "DEPS;FOLDERS" ${ARGN})
    string(REPLACE "/" "_" target ${folder})
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${folder}/*.cpp)
    foreach(sub ${ROOM_FOLDERS})
        file(GLOB more CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${folder}/${sub}/*.cpp)
        list(APPEND sources ${more})
    endforeach()
    if(sources)
        add_library(${target} STATIC ${sources})
        target_link_libraries(${target} PUBLIC ${ROOM_DEPS})
        # Coroutines under sanitizers take three times as long to compile when optimised; the pure
        # rooms are cheap to compile, and their tests run long.
        if(ROOM_PURE AND JMEET_SANITIZE)
            target_compile_options(${target} PRIVATE -O1)
        endif()
        if(NOT ROOM_PURE)
            if(folder STREQUAL "base")
                target_precompile_headers(${target} PRIVATE base/asio.hpp)
            else()
                target_precompile_headers(${target} REUSE_FROM base)
            endif()
        endif()
    else()
        add_library(${target} INTERFACE)
        target_link_libraries(${target} INTERFACE ${ROOM_DEPS})
    endif()
endfunction()
