"""Addresses of this machine's own to call from, so that what the gateway counts by address meets no other scenario."""

import ipaddress
import secrets
import sys
from urllib.parse import urlsplit

CAPABILITY = "source-addresses"


def offered(base_url: str) -> bool:
    """Whether scenarios can each have an address: Linux answers for all of 127.0.0.0/8, others for one address."""
    host = urlsplit(base_url).hostname or ""
    try:
        loopback = ipaddress.IPv4Address(host).is_loopback
    except ValueError:
        loopback = host == "localhost"
    return loopback and sys.platform == "linux"


def own(base_url: str) -> str | None:
    """An address that hardly anybody else has picked; None where there is but one."""
    if not offered(base_url):
        return None
    return str(ipaddress.IPv4Address("127.1.0.1") + secrets.randbelow(2**23))


def invented() -> str:
    """An address of the documentation's own (RFC 5737), for a client that lies about where it comes from."""
    return str(ipaddress.IPv4Address("203.0.113.0") + secrets.randbelow(256))
