"""What products asks of other services."""

from services.common.errors import PeerFailed
from services.common.keys import KeySet, read_jwks
from services.common.peers import Peer


class Users:
    """The service that signs tokens."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    def keys(self) -> KeySet:
        """The keys that tokens are verified with. Raises PeerUnavailable, PeerFailed, PeerTimeout."""
        reply = self._peer.get("/users/.well-known/jwks.json")
        if reply.status != 200:
            raise PeerFailed(self._peer.name, f"answered {reply.status} for its keys")
        try:
            return read_jwks(reply.body)
        except ValueError as error:
            raise PeerFailed(self._peer.name, "no keys in its key set") from error
