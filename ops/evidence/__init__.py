"""What a run leaves behind: the journal, which is the single truth, and what is derived from it."""
