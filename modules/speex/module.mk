speex_PKG = speex
