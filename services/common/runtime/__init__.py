"""The process: the server and its threads, settings, commands, logs, metrics, and what belongs to one request."""
