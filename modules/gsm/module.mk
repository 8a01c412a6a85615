gsm_HEADERS = gsm.h
gsm_LIBS = -lgsm
