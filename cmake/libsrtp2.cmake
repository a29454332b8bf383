add_library(jmeet_srtp INTERFACE)
