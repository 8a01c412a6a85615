speexdsp_PKG = speexdsp
speexdsp_LIBS = -lm
