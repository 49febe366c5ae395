"""Tests of the smoke checklist: read, followed, judged, ticked."""
