"""The smoke checklist: the commands of a page, run as they stand there."""
