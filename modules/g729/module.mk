g729_HEADERS = bcg729/decoder.h
g729_LIBS = -lbcg729
