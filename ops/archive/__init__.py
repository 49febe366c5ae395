"""What became of earlier runs: found by name, read again, compared, removed."""
