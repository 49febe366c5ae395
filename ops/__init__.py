"""The harness: brings a gateway-fronted stack up, proves it, breaks it, and leaves evidence.

Importable on a bare Python: whatever needs an installed library is imported by `ops.cli` and below, never from here.
"""
