"""Three other implementations of the shop's contract, as far as the loaded requests need it: what to compare with."""
