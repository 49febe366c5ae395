"""The local stack: the services as processes, the machine's own nginx as the gateway."""

KIND = "local"
