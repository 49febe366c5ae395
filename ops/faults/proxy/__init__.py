"""The fault proxy: between a caller and its peers, in a process of its own, or in the caller's network namespace."""
