"""What products asks of other services."""

from services.common.auth import keys
from services.common.auth.keys import KeySet
from services.common.peers.calls import Peer


class Users:
    """The service that signs tokens."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    def keys(self) -> KeySet:
        """The keys that tokens are verified with. Raises PeerUnavailable, PeerFailed, PeerTimeout."""
        return keys.ask(self._peer, "/users/.well-known/jwks.json")
