alsa_PKG = alsa
