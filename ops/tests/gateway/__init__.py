"""A real nginx with the repository's configuration, in front of real sockets that say what they got."""
