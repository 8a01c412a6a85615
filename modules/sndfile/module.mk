sndfile_PKG = sndfile
