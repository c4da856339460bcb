"""The base of what clients may send, and the types that its fields are made of.

SDKs differ: one sends `true`, another `"true"`; ids come as numbers, scalars inside
one-element lists, and null means that the parameter was not given (plivo-rest 1.3).
"""

import unicodedata
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, TypeVar, get_args
from urllib.parse import urlsplit

from fastapi import Depends
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    ValidationError,
    model_validator,
)
from starlette.requests import Request
from typing_extensions import override

from voiceplat.api.sent import sent_by
from voiceplat.core.errors import BadRequest

URL_MAX: Final = 2048
INT_MAX: Final = 2**31 - 1
_NOT_FOR_EMPTY: Final = {"too_short", "pattern_mismatch"}


class Params(BaseModel):
    """Unknown names are ignored: SDKs repeat the ids of the path here."""

    model_config = ConfigDict(
        extra="ignore",
        frozen=True,
        coerce_numbers_to_str=True,
        str_strip_whitespace=True,
        use_attribute_docstrings=True,
    )

    @model_validator(mode="before")
    @classmethod
    def _given(cls, sent: object) -> object:
        if not isinstance(sent, Mapping):
            return sent  # a part that is no object; the model says so
        plain = {name: _plain(value) for name, value in sent.items()}
        return {name: value for name, value in plain.items() if cls.says(name, value)}

    @classmethod
    def says(cls, name: str, value: object) -> bool:
        """Null says nothing; neither does an empty text where no text can be.

        Forms have no null: theirs is `ring_timeout=`.
        """
        field = cls.model_fields.get(name)
        may_be_empty = field is None or _is_text(field.annotation)
        return value is not None and (value != "" or may_be_empty)


def example(**values: JsonValue) -> ConfigDict:
    """For `model_config`: what a request may look like; `from_` stands for `from`."""
    sent: JsonValue = {name.rstrip("_"): value for name, value in values.items()}
    return ConfigDict(json_schema_extra={"examples": [sent]})


class Query(Params):
    """What a list is filtered by: an empty filter filters nothing."""

    @classmethod
    @override
    def says(cls, name: str, value: object) -> bool:
        return value is not None and value != ""


def _is_text(annotation: object) -> bool:
    return annotation is str or any(map(_is_text, get_args(annotation)))


def _plain(value: object) -> object:
    if isinstance(value, list) and len(value) <= 1:
        return _plain(value[0]) if value else None
    return value


def text_of(value: object) -> object:
    """JSON's true is the text `true`: SDKs send what the user wrote."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value


def _printable(text: str) -> str:
    """No control characters: texts end up in SIP headers, logs and SQL."""
    if any(unicodedata.category(char) in {"Cc", "Cs"} for char in text):
        raise ValueError("must not contain control characters")
    return text


def _url(text: str) -> str:
    """An http(s) URL with a host, or nothing; a fragment may carry timeouts."""
    if not text:
        return text
    if any(char.isspace() for char in text):
        raise ValueError("must not contain spaces")
    parts = urlsplit(text)  # a broken port or bracket raises ValueError
    if parts.scheme.lower() not in {"http", "https"} or not parts.hostname:
        raise ValueError("must be an http or https URL")
    if parts.port == 0:
        raise ValueError("must have a port that exists")
    return text


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


Text = Annotated[str, BeforeValidator(text_of), AfterValidator(_printable)]
ShortText = Annotated[Text, Field(max_length=255)]
Url = Annotated[Text, Field(max_length=URL_MAX), AfterValidator(_url)]
Method = Annotated[Literal["GET", "POST"], BeforeValidator(_upper)]
Whole = Annotated[int, Field(ge=0, le=INT_MAX)]
SubaccountId = Annotated[Text, Field(pattern=r"^(SA[A-Z0-9]{18})?$")]
"""Empty: the account itself."""

P = TypeVar("P", bound=Params)


def without_plus(number: str | None) -> str | None:
    """Numbers are kept as digits; an empty filter filters nothing."""
    return number.removeprefix("+") or None if number else None


def parsed(model: type[P], sent: Mapping[str, object]) -> P:
    """Raises BadRequest in the words that SDK users know."""
    try:
        return model.model_validate(sent)
    except ValidationError as error:
        raise BadRequest(_words(error)) from error


def _words(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    name = first["loc"][0] if first["loc"] else ""
    kind, limits = first["type"].removeprefix("string_"), first.get("ctx", {})
    if kind == "missing" or (first["input"] == "" and kind in _NOT_FOR_EMPTY):
        return f"{name} parameter is missing"
    why = first["msg"].removeprefix("Value error, ").removeprefix("Input ")
    if kind == "too_long":
        why = f"must have at most {limits['max_length']} characters"
    if kind == "too_short":
        why = f"must have at least {limits['min_length']} characters"
    return f"{name} parameter is invalid: {why}" if name else why


def reads(model: type[P]) -> Any:  # noqa: ANN401 - Annotated metadata of a parameter
    """For `Annotated`: the parameter is parsed from what the client sent."""

    async def read(request: Request) -> P:
        return parsed(model, await sent_by(request))

    return Depends(read)


def body_of(model: type[Params]) -> dict[str, Any]:
    """OpenAPI: the request's body is this model, as JSON or as a form."""
    schema = {"schema": model.model_json_schema()}
    kinds = ("application/json", "application/x-www-form-urlencoded")
    return {"requestBody": {"content": dict.fromkeys(kinds, schema)}}


def query_of(model: type[Params]) -> dict[str, Any]:
    """OpenAPI: the request's query is this model."""
    schema = model.model_json_schema()
    inner = {"$defs": schema["$defs"]} if "$defs" in schema else {}
    required = schema.get("required", ())
    return {
        "parameters": [
            {
                "name": name,
                "in": "query",
                "required": name in required,
                "schema": one | inner,
            }
            for name, one in schema["properties"].items()
        ]
    }
