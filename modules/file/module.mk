file_LIBS = -lm
