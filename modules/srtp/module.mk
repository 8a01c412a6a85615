srtp_PKG = libsrtp2
# Debian's libsrtp2 stands on NSS, which keeps what it has for ever: it stays
# loaded when the module is closed, or all of that would be lost memory
srtp_LIBS = -Wl,-z,nodelete
