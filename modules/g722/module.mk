g722_PKG = spandsp
