"""Docker Engine, Compose and the base image: found, or provided where we may; nothing here knows a stack."""
