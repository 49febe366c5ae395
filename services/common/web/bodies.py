"""What callers send, made into validated models; and the schemas these models are made from."""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Annotated, Any, TypeVar
from urllib.parse import parse_qsl

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    ValidationError,
    field_validator,
)
from pydantic.alias_generators import to_camel
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, from_json

from services.common.errors import BodyTooLarge, FieldError, Invalid, MalformedBody, UnsupportedMediaType

LARGEST_BODY = 100 * 1024
MOST_ERRORS = 100
JSON_TYPE = re.compile(r"application/json(\s*;\s*charset=\"?utf-8\"?)?\s*", re.IGNORECASE)
UNPRINTABLE = r"[\x00-\x1f\x7f-\x9f]"
CONTROL = re.compile(UNPRINTABLE.replace("]", r"\ud800-\udfff]"))
INVISIBLE = (
    r"[\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0"
    "\ufff0-\ufffb\U000e0000-\U000e0fff]"
)
"""What has no width of its own, or changes the direction of what follows (UAX 9, UTS 36): two names look like one."""


def visible(text: str) -> str:
    """`text`, which is shown to people. Raises ValueError if a part of it cannot be seen."""
    if re.search(INVISIBLE, text):
        raise ValueError("must not contain invisible characters or ones that change the direction of writing")
    return text


VISIBLE = {"not": {"pattern": f"{UNPRINTABLE[:-1]}{INVISIBLE[1:]}"}}
"""For callers: what `visible` asks for."""
RFC3339 = {"format": "date-time", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"}
Time = Annotated[str, Field(json_schema_extra=RFC3339, examples=["2026-11-23T08:15:30.125Z"])]
"""In an answer: what `times.rfc3339` makes."""


class Schema(BaseModel):
    """camelCase outside, snake_case inside, immutable."""

    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True, frozen=True, hide_input_in_errors=True)


class RequestSchema(Schema):
    """Of JSON bodies: unknown members, members of another type and control characters are refused."""

    model_config = ConfigDict(extra="forbid", strict=True, validate_by_name=False)

    @field_validator("*")
    @classmethod
    def _printable(cls, value: Any) -> Any:
        if isinstance(value, str) and CONTROL.search(value):
            raise ValueError("must not contain control characters")
        return value

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """The same said to callers: of each text of which no anchored pattern says it already."""
        schema = handler(core)
        for member in handler.resolve_ref_schema(schema).get("properties", {}).values():
            for kind in member.get("anyOf", [member]):
                if kind.get("type") == "string" and not kind.get("pattern", "").startswith("^"):
                    kind.setdefault("not", {"pattern": UNPRINTABLE})
        return schema


class QuerySchema(RequestSchema):
    """Of query strings: as bodies, but what is not known is ignored, and numbers are read from text."""

    model_config = ConfigDict(extra="ignore", strict=False)


Model = TypeVar("Model", bound=BaseModel)


def body(model: type[Model], environ: Mapping[str, Any]) -> Model:
    """The JSON body of a WSGI request. Raises UnsupportedMediaType, BodyTooLarge, MalformedBody, Invalid."""
    if not JSON_TYPE.fullmatch(environ.get("CONTENT_TYPE", "")):
        raise UnsupportedMediaType()
    return validated(model, _json(_content(environ)))


def query(model: type[Model], environ: Mapping[str, Any]) -> Model:
    """The query string of a WSGI request. Raises Invalid, also for a name given twice."""
    try:
        text = environ.get("QUERY_STRING", "").encode("latin-1").decode()
        named = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MOST_ERRORS)
    except ValueError as error:
        raise Invalid(errors=[FieldError("", "is not a query string in UTF-8")]) from error
    values = dict(named)
    if len(values) < len(named):
        _refuse_twice(model, named)
    return validated(model, values)


def validated(model: type[Model], value: object) -> Model:
    """`value` as `model`. Raises Invalid that names everything wrong with it, by JSON pointer (RFC 6901)."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_context=False, include_input=False)[:MOST_ERRORS]
        raise Invalid(
            errors=[FieldError(pointer(*fault["loc"]), _message(fault["type"], fault["msg"])) for fault in wrong]
        ) from None


def pointer(*path: str | int) -> str:
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def _content(environ: Mapping[str, Any]) -> bytes:
    content: bytes = environ["wsgi.input"].read(LARGEST_BODY + 1)
    if len(content) > LARGEST_BODY:
        raise BodyTooLarge()
    return content


def _json(content: bytes) -> object:
    """Strictly what RFC 8259 calls JSON: no NaN, UTF-8, no lone surrogate, of a depth that can be handled."""
    try:
        return from_json(content, allow_inf_nan=False)
    except ValueError as error:
        raise MalformedBody() from error


def _refuse_twice(model: type[BaseModel], named: list[tuple[str, str]]) -> None:
    """Raises Invalid if a name that the model knows is given twice."""
    known = {field.alias for field in model.model_fields.values()}
    times = Counter(name for name, _ in named if name in known)
    if twice := [FieldError(pointer(name), "is given twice") for name, count in times.items() if count > 1]:
        raise Invalid(errors=twice)


def _message(kind: str, message: str) -> str:
    """Pydantic names the class of ours that an object should have made, which is nobody else's business."""
    return "must be an object" if kind == "model_type" else plain(message)


def plain(message: str) -> str:
    """A message of Pydantic's as the end of a sentence."""
    message = message.removeprefix("Value error, ")
    return message[:1].lower() + message[1:]
