# The fixed libraries, and where each comes from. Debian 12 packages unless said otherwise.
find_package(Threads REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(spdlog REQUIRED)
find_package(CLI11 REQUIRED)
find_package(prometheus-cpp REQUIRED COMPONENTS core)

find_path(JMEET_BOOST_INCLUDE boost/system/result.hpp REQUIRED)
if(NOT TARGET Boost::headers)
    add_library(jmeet_boost INTERFACE)
    target_include_directories(jmeet_boost SYSTEM INTERFACE ${JMEET_BOOST_INCLUDE})
    add_library(Boost::headers ALIAS jmeet_boost)
endif()

find_library(JMEET_EXPAT expat REQUIRED)
add_library(jmeet_libs INTERFACE)
target_compile_definitions(jmeet_libs INTERFACE
    BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_HAS_CO_AWAIT RAPIDJSON_HAS_STDSTRING=1)
target_link_libraries(jmeet_libs INTERFACE
    Boost::headers Threads::Threads spdlog::spdlog CLI11::CLI11 prometheus-cpp::core
    OpenSSL::SSL OpenSSL::Crypto ${JMEET_EXPAT})

pkg_check_modules(SYSTEMD REQUIRED IMPORTED_TARGET libsystemd)
target_link_libraries(jmeet_libs INTERFACE PkgConfig::SYSTEMD)

pkg_check_modules(STROPHE REQUIRED IMPORTED_TARGET libstrophe)
add_library(jmeet_strophe INTERFACE)
target_link_libraries(jmeet_strophe INTERFACE PkgConfig::STROPHE)

find_library(JMEET_USRSCTP usrsctp REQUIRED)
add_library(jmeet_usrsctp INTERFACE)
target_link_libraries(jmeet_usrsctp INTERFACE ${JMEET_USRSCTP})

# Vector AES for outgoing packets; without it OpenSSL does that at four times the price.
find_library(JMEET_IPSEC_MB IPSec_MB)
find_path(JMEET_IPSEC_MB_INCLUDE intel-ipsec-mb.h)
add_library(jmeet_ipsec_mb INTERFACE)
if(JMEET_IPSEC_MB AND JMEET_IPSEC_MB_INCLUDE)
    set_source_files_properties(${CMAKE_SOURCE_DIR}/bridge/dtls/vector_gcm.cpp PROPERTIES
                                COMPILE_DEFINITIONS JMEET_IPSEC_MB)
    target_link_libraries(jmeet_ipsec_mb INTERFACE ${JMEET_IPSEC_MB})
else()
    message(STATUS "libipsec-mb is not here: packets are encrypted by OpenSSL")
endif()

include(cmake/libsrtp2.cmake)
