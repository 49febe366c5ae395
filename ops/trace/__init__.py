"""What the log lines of one request tell: its spans, as a tree or for Jaeger and its kin."""
