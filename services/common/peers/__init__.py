"""Calls to other services: kept connections with deadlines, one retry, a limit of threads for each."""
