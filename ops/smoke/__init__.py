"""The smoke checklist: what a page tells to paste into a shell, run exactly as it stands there."""
