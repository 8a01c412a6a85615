pipe_PKG = opus
