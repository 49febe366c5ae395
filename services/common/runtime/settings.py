"""Settings from the environment and from files named by `<NAME>_FILE`, read once, every fault named at once."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from services.common.errors import SettingsError
from services.common.web.bodies import plain

__all__ = ["Common", "DatabaseSettings", "DatabaseUrl", "PeerUrl", "Settings", "load"]


class Settings(BaseModel):
    """The field `database_url` is the setting `DATABASE_URL`, or the content of the file `DATABASE_URL_FILE` names."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


def _addresses(url: str) -> str:
    """Without a slash at its end. Raises ValueError unless each address in it is `host` or `host:port`."""
    if not all(map(_is_address, url.removeprefix("http://").rstrip("/").split(","))):
        raise ValueError("each address must be host or host:port")
    return url.rstrip("/")


def _is_address(text: str) -> bool:
    try:
        place = urlsplit(f"//{text}")
        return bool(place.hostname) and place.port != 0
    except ValueError:
        return False


DatabaseUrl = Annotated[str, Field(pattern=r"^(sqlite:///.|postgresql://.)")]
PeerUrl = Annotated[str, Field(pattern=r"^http://[^/?#\s]+/?$"), AfterValidator(_addresses)]


class DatabaseSettings(Settings):
    """What a command needs that only touches the database."""

    database_url: DatabaseUrl
    log_level: Literal["debug", "info", "warning", "error"] = "info"


class Common(DatabaseSettings):
    """What every service needs to serve."""

    host: str = "127.0.0.1"
    port: int = Field(ge=0, le=65535)
    jwt_issuer: str = "gateproof"
    jwt_audience: str = "gateproof"


Model = TypeVar("Model", bound=Settings)


def load(model: type[Model], environ: Mapping[str, str]) -> Model:
    """The settings `model` asks for; an empty value counts as none. Raises SettingsError."""
    faults: dict[str, str] = {}
    values = {field: value for field in model.model_fields if (value := _value(field.upper(), environ, faults))}
    try:
        settings = model.model_validate(values)
    except ValidationError as error:
        wrong = {str(fault["loc"][0]).upper(): _message(fault["type"], fault["msg"]) for fault in error.errors()}
        faults = {**wrong, **faults}
    if faults:
        raise SettingsError("\n".join(f"{name}: {message}" for name, message in sorted(faults.items())))
    return settings


def _value(name: str, environ: Mapping[str, str], faults: dict[str, str]) -> str:
    """The text of one setting, empty if there is none; what is wrong with it is added to `faults`."""
    given, path = environ.get(name, ""), environ.get(f"{name}_FILE", "")
    if given and path:
        faults[name] = f"is given twice, also by {name}_FILE"
    if given or not path:
        return given
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        faults[name] = f"the file that {name}_FILE names cannot be read ({type(error).__name__})"
        return ""


def _message(kind: str, message: str) -> str:
    return "is missing" if kind == "missing" else plain(message)
