"""The gateway of a stack: its rendered configuration and the nginx that runs it."""
