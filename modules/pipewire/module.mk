pipewire_PKG = libpipewire-0.3
