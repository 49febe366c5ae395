"""Runs and their journals: typed events, which writers and readers share, and the record that is made of them."""
