opus_PKG = opus
