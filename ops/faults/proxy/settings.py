"""The settings of an order, as they came in JSON."""

from collections.abc import Iterable, Mapping


class Settings:
    """Reads settings one by one. Each method raises ValueError, saying in one sentence what the setting must be."""

    def __init__(self, given: Mapping[str, object]) -> None:
        self._given = given
        self._known: list[str] = []

    def number(self, name: str, least: float, most: float, default: float | None = None) -> float:
        """A number within these bounds."""
        value = self._get(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            raise ValueError(f"{name} must be a number from {least:g} to {most:.15g}")
        return value

    def whole(self, name: str, least: int, most: int, default: int | None = None) -> int:
        """A whole number within these bounds."""
        value = self._get(name, default)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise ValueError(f"{name} must be a whole number from {least} to {most}")
        return value

    def text(self, name: str, default: str | None = None) -> str:
        value = self._get(name, default)
        if not isinstance(value, str):
            raise ValueError(f"{name} must be a text")
        return value

    def choice(self, name: str, options: Iterable[str], default: str | None = None) -> str:
        """One of these words."""
        value = self._get(name, default)
        if not isinstance(value, str) or value not in options:
            raise ValueError(f"{name} must be one of {', '.join(options)}")
        return value

    def members(self, name: str) -> Mapping[str, object]:
        """A JSON object."""
        value = self._get(name, None)
        if not isinstance(value, Mapping):
            raise ValueError(f"{name} must be an object")
        return value

    def flag(self, name: str, default: bool | None = None) -> bool:
        """True or false."""
        value = self._get(name, default)
        if not isinstance(value, bool):
            raise ValueError(f"{name} must be true or false")
        return value

    def times(self) -> int | None:
        """How often: once is the default, None means every time."""
        value = self._get("times", 1)
        if value is None or (isinstance(value, int) and not isinstance(value, bool) and value > 0):
            return value
        raise ValueError("times must be a whole number above 0, or null for every time")

    def finish(self, kind: str) -> None:
        """Raises ValueError when something was given that nobody asked for."""
        for name in self._given:
            if name not in self._known:
                raise ValueError(f"{name!r} is no setting of {kind}; there are {', '.join(self._known)}")

    def _get(self, name: str, default: object) -> object:
        self._known.append(name)
        return self._given.get(name, default)
