"""What the log lines of one request say: its spans, as a tree or for Jaeger and other OpenTelemetry tools."""
