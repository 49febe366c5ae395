"""What became of earlier runs."""
