srtp_PKG = libsrtp2
