"""Identifiers that sort by the time they were made."""

import uuid_utils


def uuid7() -> str:
    """A new UUIDv7 (RFC 9562, 5.7); within one process each is greater than the one before."""
    return str(uuid_utils.uuid7())
