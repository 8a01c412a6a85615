amr_PKG = opencore-amrnb opencore-amrwb vo-amrwbenc
