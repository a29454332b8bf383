# libsrtp2 with OpenSSL inside, static. Debian's package is built with NSS, which makes protecting
# a packet two to four times dearer, so deploy/build-libsrtp2 builds Debian's sources once into a
# prefix that outlives build folders.
set(JMEET_SRTP_PREFIX /usr/local/lib/jmeet-libsrtp2 CACHE PATH
    "where deploy/build-libsrtp2 installed libsrtp2")

if(NOT EXISTS ${JMEET_SRTP_PREFIX}/lib/libsrtp2.a OR
   NOT EXISTS ${JMEET_SRTP_PREFIX}/include/srtp2/srtp.h)
    message(FATAL_ERROR "libsrtp2 is not in ${JMEET_SRTP_PREFIX}: run deploy/build-libsrtp2")
endif()

add_library(jmeet_srtp INTERFACE)
target_include_directories(jmeet_srtp SYSTEM INTERFACE ${JMEET_SRTP_PREFIX}/include)
target_link_libraries(jmeet_srtp INTERFACE ${JMEET_SRTP_PREFIX}/lib/libsrtp2.a OpenSSL::Crypto)
