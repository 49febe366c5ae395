"""The packet filter of this network namespace: one nftables table that belongs to this process and ends with it."""

import ctypes
from collections.abc import Iterable
from typing import Final

MARK: Final = 0x67617465
"""On the proxy's own connections (SO_MARK), which are not redirected."""
TABLE: Final = "inet gateproof"
_TABLE: Final = f"""
add table {TABLE} {{ flags owner; }}
add chain {TABLE} cut_out {{ type filter hook output priority -310; }}
add chain {TABLE} cut_in {{ type filter hook input priority -310; }}
add chain {TABLE} own_out {{ type filter hook output priority -300; }}
add chain {TABLE} own_in {{ type filter hook prerouting priority -300; }}
add rule {TABLE} own_out meta mark {MARK} notrack
add chain {TABLE} refused {{ type filter hook output priority -150; }}
add chain {TABLE} redirected {{ type nat hook output priority -100; }}
add chain {TABLE} kept {{ type filter hook output priority 0; }}
"""
_LINK: Final = f"""
add set {TABLE} {{0}}_v4 {{{{ type ipv4_addr; }}}}
add set {TABLE} {{0}}_v6 {{{{ type ipv6_addr; }}}}
add set {TABLE} {{0}}_refused_v4 {{{{ type ipv4_addr; }}}}
add set {TABLE} {{0}}_refused_v6 {{{{ type ipv6_addr; }}}}
"""
_FAMILIES: Final = {"ip": "v4", "ip6": "v6"}


class FirewallRefused(OSError):
    """The kernel, or this container, cannot do it."""


class Firewall:
    """nftables, by its library: the table's owner is the socket of this object, so it is gone when the process is."""

    def __init__(self) -> None:
        """Raises FirewallRefused where a table cannot have an owner (Linux before 5.12), or rules cannot be made."""
        try:
            self._library = ctypes.CDLL("libnftables.so.1")
        except OSError as missing:
            raise FirewallRefused(f"libnftables is missing: {missing}") from None
        self._library.nft_ctx_new.restype = ctypes.c_void_p
        self._library.nft_ctx_get_error_buffer.restype = ctypes.c_char_p
        self._context = ctypes.c_void_p(self._library.nft_ctx_new(0))
        self._library.nft_ctx_buffer_error(self._context)
        self._library.nft_ctx_buffer_output(self._context)
        self._cut: set[tuple[str, int]] = set()
        self._run(_TABLE)

    def add_link(self, name: str, port: int, listening: int) -> None:
        """From now on connections to the link's addresses at `port` come to the local port `listening`.

        The proxy's own are not tracked: else a caller that gets a port which the proxy had before is taken for it.
        """
        rules = [_LINK.format(name)]
        for family, version in _FAMILIES.items():
            theirs = f"meta mark != {MARK} {family} daddr @{name}_{version} tcp dport {port}"
            refused = f"meta mark != {MARK} {family} daddr @{name}_refused_{version} tcp dport {port} ct state new"
            rules.append(f"add rule {TABLE} own_in {family} saddr @{name}_{version} tcp sport {port} notrack")
            rules.append(f"add rule {TABLE} refused {refused} reject with tcp reset")
            rules.append(f"add rule {TABLE} redirected {theirs} redirect to :{listening}")
        self._run("\n".join(rules))

    def end_kept(self, name: str, port: int) -> None:
        """Reset what still goes past the proxy, a connection from before, when its caller sends over it again."""
        self._run(
            "\n".join(
                f"add rule {TABLE} kept meta mark != {MARK} {family} daddr @{name}_{version} tcp dport {port} "
                "tcp flags & psh == psh reject with tcp reset"
                for family, version in _FAMILIES.items()
            )
        )

    def set_addresses(self, name: str, addresses: Iterable[str], refused: Iterable[str]) -> None:
        """Whom the link leads to, and which of them refuse connections, as an address is that takes none."""
        self._run("\n".join([*_replaced(name, addresses), *_replaced(f"{name}_refused", refused)]))

    def cut(self, name: str, port: int, is_cut: bool) -> None:
        """Whether what is sent to the peer, or comes from it, vanishes."""
        if is_cut == ((name, port) in self._cut):
            return
        self._cut ^= {(name, port)}
        rules = [f"flush chain {TABLE} cut_out", f"flush chain {TABLE} cut_in"]
        for name, port in self._cut:
            for family, version in _FAMILIES.items():
                rules.append(f"add rule {TABLE} cut_out {family} daddr @{name}_{version} tcp dport {port} drop")
                rules.append(f"add rule {TABLE} cut_in {family} saddr @{name}_{version} tcp sport {port} drop")
        self._run("\n".join(rules))

    def let_past(self) -> None:
        """New connections go past the proxy from now on; those that go through it go on."""
        chains = ("cut_out", "cut_in", "refused", "redirected", "kept")
        self._run("\n".join(f"flush chain {TABLE} {chain}" for chain in chains))

    def _run(self, commands: str) -> None:
        if self._library.nft_run_cmd_from_buffer(self._context, commands.encode()):
            said = self._library.nft_ctx_get_error_buffer(self._context).decode(errors="replace").strip()
            raise FirewallRefused(said.splitlines()[0] if said else "nftables does not say why")


def _replaced(name: str, addresses: Iterable[str]) -> list[str]:
    """The commands that make these the elements of the link's sets."""
    commands = [f"flush set {TABLE} {name}_{version}" for version in _FAMILIES.values()]
    for address in addresses:
        version = "v6" if ":" in address else "v4"
        commands.append(f"add element {TABLE} {name}_{version} {{ {address} }}")
    return commands
