dtls_srtp_PKG = openssl
