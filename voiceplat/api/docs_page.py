"""`/docs`: what /openapi.json says, as a page that needs nothing from elsewhere."""

from collections.abc import Iterator, Mapping
from html import escape
from itertools import groupby
from typing import Any, Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse

router = APIRouter(include_in_schema=False)

Schema = Mapping[str, Any]
_HEAD: Final = """\
<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>voiceplat: REST API</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto;
       padding: 0 1rem; color: #222; background: #fff }
summary { cursor: pointer; padding: .3rem 0 } code { font-size: .92em }
table { border-collapse: collapse; width: 100%; margin: .4rem 0 1rem }
td, th { text-align: left; vertical-align: top; padding: .2rem .8rem .2rem 0;
         border-bottom: 1px solid #ddd }
details { border-left: 3px solid #ccc; padding-left: .8rem; margin: .3rem 0 }
</style>
<h1>REST API</h1>
<p>HTTP Basic with auth_id and auth_token. Parameters come as JSON, as a form or in the
query. For tools: <a href="/openapi.json">/openapi.json</a>.</p>
"""
_REF: Final = "#/components/schemas/"


@router.get("/docs")
async def docs(request: Request) -> HTMLResponse:
    return HTMLResponse(page(request.app.openapi()))


def page(schema: Schema) -> str:
    """The whole page: every operation by its tag."""
    models = schema["components"]["schemas"]
    operations = sorted(
        (operation["tags"][0], path, method, operation)
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    )
    parts = [_HEAD]
    for tag, group in groupby(operations, key=lambda it: it[0]):
        parts.append(f"<h2>{escape(tag)}</h2>")
        parts += [_operation(*it[1:], models) for it in group]
    return "".join(parts)


def _operation(path: str, method: str, operation: Schema, models: Schema) -> str:
    title = f"<code>{method.upper()} {escape(path)}</code>"
    about = escape(operation.get("description") or operation["summary"])
    parts = [f"<details><summary>{title} {about}</summary>"]
    asked = [
        (it["name"], it["schema"], it["required"])
        for it in operation.get("parameters", ())
    ]
    if body := _content(operation.get("requestBody", {})):
        asked += _fields(_resolved(body, models))
    parts.append(_table("Parameters", asked, models))
    for code, answer in sorted(operation["responses"].items()):
        told = _fields(_resolved(_content(answer), models)) if code < "300" else []
        says = escape(answer["description"])
        parts.append(_table(f"{code} {says}", told, models) or f"<p>{code} {says}</p>")
    return "".join([*parts, "</details>"])


def _content(part: Schema) -> Schema:
    json = part.get("content", {}).get("application/json", {})
    schema: Schema = json.get("schema", {})
    return schema


def _resolved(schema: Schema, models: Schema) -> Schema:
    if ref := schema.get("$ref"):
        return _resolved(models[ref.removeprefix(_REF)], models)
    return schema


def _fields(schema: Schema) -> list[tuple[str, Schema, bool]]:
    required = schema.get("required", ())
    return [
        (name, one, name in required)
        for name, one in schema.get("properties", {}).items()
    ]


def _table(title: str, fields: list[tuple[str, Schema, bool]], models: Schema) -> str:
    if not fields:
        return ""
    rows = "".join(
        f"<tr><td><code>{escape(name)}</code>{' *' if required else ''}</td>"
        f"<td>{escape(', '.join(_kinds(schema, models)))}</td>"
        f"<td>{escape(schema.get('description', ''))}</td></tr>"
        for name, schema, required in fields
    )
    return f"<table><caption>{title}</caption>{rows}</table>"


def _kinds(schema: Schema, models: Schema) -> Iterator[str]:
    """What a value may be, in words."""
    if "$ref" in schema:
        yield from _kinds(_resolved(schema, models), models)
    elif "anyOf" in schema:
        for one in schema["anyOf"]:
            yield from _kinds(one, models)
    elif "enum" in schema:
        yield from map(str, schema["enum"])
    elif "const" in schema:
        yield str(schema["const"])
    elif (kind := schema.get("type", "any")) != "null":
        yield kind
    if "default" in schema:
        yield f"else {schema['default']!r}"
