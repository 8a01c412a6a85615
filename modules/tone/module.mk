tone_LIBS = -lm
