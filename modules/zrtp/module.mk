zrtp_PKG = libbzrtp bctoolbox sqlite3
