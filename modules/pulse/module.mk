pulse_PKG = libpulse
