"""Each check, on a tree that holds and on one that is broken in just that way."""
