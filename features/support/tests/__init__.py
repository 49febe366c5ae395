"""Tests of what the steps stand on."""
