"""/openapi.json: what the routes' own types do not say.

How requests fail, that any may be answered later (1.7), and one place for the models
that bodies and queries share.
"""

from collections.abc import Iterator
from typing import Any, Final

from fastapi import FastAPI
from typing_extensions import override

from voiceplat.api.wire.replies import Failure, Spawned

_REF: Final = "#/components/schemas/"
_FAILURES: Final = {
    400: "A parameter is missing or wrong; the text names it.",
    401: "The credentials are wrong, or of another account.",
    403: "The account may not do this, or is out of credits.",
    404: "There is no such thing in this account.",
    409: "It exists already, or is still in use.",
    429: "Too many requests; `Retry-After` says when to come back.",
    500: "A fault of the platform's.",
    503: "A part of the platform is away, and nothing was done; come back.",
}
_LATER: Final = "With `callback_url`: the result is sent there as the field `response`."
_NOBODY: Final = {"/healthz", "/readyz"}
"""Paths that need no account."""


class DescribedApi(FastAPI):
    @override
    def openapi(self) -> dict[str, Any]:
        """See FastAPI.openapi; made once."""
        if self.openapi_schema is None:
            made = super().openapi()
            _complete(made)
        schema: dict[str, Any] = self.openapi_schema or {}
        return schema


def _complete(schema: dict[str, Any]) -> None:
    models = schema.setdefault("components", {}).setdefault("schemas", {})
    for model in (Failure, Spawned):
        models[model.__name__] = model.model_json_schema()
    for path, operation in _operations(schema):
        responses = operation["responses"]
        responses.pop("422", None)  # ours are 400
        if path in _NOBODY:
            continue
        responses |= {str(code): _failure(text) for code, text in _FAILURES.items()}
        responses.setdefault("202", _answer(_LATER, Spawned.__name__))
    schema["paths"] = _hoisted(schema["paths"], models)
    for unused in ("HTTPValidationError", "ValidationError"):
        models.pop(unused, None)


def _operations(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in schema["paths"].items():
        for operation in methods.values():
            yield path, operation


def _failure(text: str) -> dict[str, Any]:
    return _answer(text, Failure.__name__)


def _answer(text: str, model: str) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": _REF + model}}}
    return {"description": text, "content": content}


def _hoisted(part: Any, models: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
    """The same, its inner definitions among the models of all."""
    if isinstance(part, list):
        return [_hoisted(item, models) for item in part]
    if not isinstance(part, dict):
        return part
    for name, model in part.get("$defs", {}).items():
        models.setdefault(name, _hoisted(model, models))
    return {
        name: value.replace("#/$defs/", _REF)
        if name == "$ref"
        else _hoisted(value, models)
        for name, value in part.items()
        if name != "$defs"
    }
