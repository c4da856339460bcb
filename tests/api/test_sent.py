"""However a client encodes it, the same request says the same (plivo-rest 1.3)."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.requests import Request

from tests.api.conftest import Client, Server
from voiceplat.api.resources.call.order import CallOrder
from voiceplat.api.sent import BODY_MAX, BODY_WITHIN_S, sent_by
from voiceplat.api.wire.params import parsed
from voiceplat.core.errors import BadRequest

FORM = "application/x-www-form-urlencoded"
BASE: dict[str, Any] = {
    "from": "14155550100",
    "to": "14155550199",
    "answer_url": "https://app.example/answer",
}

flags = st.booleans()
seconds = st.integers(min_value=1, max_value=100_000)
texts = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp"]),
    max_size=50,
)


def request(
    body: bytes, kind: str, *, method: str = "POST", query: str = ""
) -> Request:
    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": body, "more_body": False}

    scope = {
        "type": "http",
        "method": method,
        "path": "/",
        "query_string": query.encode(),
        "headers": [(b"content-type", kind.encode())] if kind else [],
    }
    return Request(scope, receive)


async def order_from(body: bytes, kind: str, **more: str) -> CallOrder:
    return parsed(CallOrder, await sent_by(request(body, kind, **more)))


def as_form(values: Mapping[str, object]) -> bytes:
    return urlencode(
        {k: str(v).lower() if isinstance(v, bool) else v for k, v in values.items()}
    ).encode()


def as_multipart(values: Mapping[str, object]) -> bytes:
    parts = [
        f'--vp\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in values.items()
    ]
    return ("".join(parts) + "--vp--\r\n").encode()


def refused(sent: Mapping[str, object]) -> str | None:
    try:
        parsed(CallOrder, sent)
    except BadRequest as error:
        return str(error)
    return None


@pytest.mark.checklist(1)
@given(flag=flags, time_limit=seconds, name=texts)
async def test_every_encoding_of_an_order_is_the_same_order(
    *, flag: bool, time_limit: int, name: str
) -> None:
    values = BASE | {
        "send_on_preanswer": flag,
        "time_limit": time_limit,
        "caller_name": name,
    }
    texts_only = {k: str(v).lower() if v is flag else str(v) for k, v in values.items()}
    lists = {k: [v] for k, v in values.items()}
    text = json.dumps(values).encode()

    orders = [
        await order_from(text, "application/json"),
        await order_from(text, "application/json; charset=utf-8"),
        await order_from(text, ""),
        await order_from(text, FORM),
        await order_from(json.dumps(texts_only).encode(), "application/json"),
        await order_from(json.dumps(lists).encode(), "application/json"),
        await order_from(as_form(values), FORM),
        await order_from(as_multipart(texts_only), "multipart/form-data; boundary=vp"),
        await order_from(b"", "application/json", query=as_form(values).decode()),
    ]

    assert orders == [orders[0]] * len(orders)
    assert orders[0].send_on_preanswer is flag
    assert orders[0].time_limit == time_limit
    assert orders[0].caller_name == name.strip()


@pytest.mark.checklist(1)
@given(names=st.sets(st.text(min_size=1).filter(lambda name: name not in BASE)))
async def test_unknown_parameters_and_nulls_say_nothing(names: set[str]) -> None:
    known = CallOrder.model_fields
    unknown = {name: "x" for name in names if name not in known}
    nulls = {name: None for name in known if name not in {"from_", "to", "answer_url"}}

    order = await order_from(json.dumps(BASE | unknown | nulls).encode(), "")

    assert order == await order_from(json.dumps(BASE).encode(), "")


@given(body=st.binary(max_size=200), kind=st.sampled_from(["", FORM, "text/plain"]))
async def test_no_body_is_worse_than_a_bad_request(body: bytes, kind: str) -> None:
    try:
        sent = await sent_by(request(body, kind))
    except BadRequest:
        return
    assert all(isinstance(name, str) for name in sent)


@given(value=st.recursive(st.none() | flags | st.floats() | st.text(), st.lists))
@settings(suppress_health_check=[HealthCheck.too_slow])
async def test_no_value_of_any_parameter_is_worse_than_a_bad_request(
    value: object,
) -> None:
    for name, field in CallOrder.model_fields.items():
        sent = BASE | {field.alias or name: value}
        refusal = refused(sent)
        assert refusal is None or (field.alias or name) in refusal


@pytest.mark.parametrize("body", [b'""', b"[]", b"1", b"null", b"  ", b"true"])
async def test_json_that_is_no_object_says_nothing(body: bytes) -> None:
    assert await sent_by(request(body, "application/json")) == {}


@pytest.mark.parametrize(
    "body", [b"{", b'{"a":}', b"\xff{}", b"[" * 100_000, b'{"a":' + b"1" * 5000 + b"}"]
)
async def test_json_that_cannot_be_read_is_a_bad_request(body: bytes) -> None:
    with pytest.raises(BadRequest, match="not valid JSON"):
        await sent_by(request(body, "application/json"))


async def test_the_body_of_a_get_is_never_read() -> None:
    sent = await sent_by(request(b"{", "application/json", method="GET", query="a=1"))

    assert sent == {"a": "1"}


async def test_the_bodys_value_counts_before_the_querys() -> None:
    sent = await sent_by(request(b'{"a":"body"}', "", query="a=query&b=query"))

    assert sent == {"a": "body", "b": "query"}


@pytest.mark.parametrize(
    ("body", "kind"), [(b"a=1&a=2", FORM), (b'{"a":"1","a":"2"}', "application/json")]
)
async def test_the_first_of_repeated_names_counts(body: bytes, kind: str) -> None:
    assert await sent_by(request(body, kind)) == {"a": "1"}


async def test_a_body_that_never_ends_is_a_bad_request() -> None:
    async def receive() -> dict[str, object]:
        await asyncio.sleep(BODY_WITHIN_S / 2)
        return {"type": "http.request", "body": b"a", "more_body": True}

    slow = Request(request(b"", "").scope, receive)

    with pytest.raises(BadRequest, match="incomplete"):
        await sent_by(slow)


async def test_a_multipart_body_without_boundary_is_a_bad_request() -> None:
    with pytest.raises(BadRequest, match="not a valid form"):
        await sent_by(request(b"x", "multipart/form-data"))


async def test_a_surrogate_is_a_bad_request() -> None:
    with pytest.raises(BadRequest, match="caller_name"):
        await order_from(
            rb'{"caller_name":"\ud800","to":"12","from":"12","answer_url":"http://a"}',
            "",
        )


async def test_a_body_that_is_too_large_is_a_bad_request() -> None:
    with pytest.raises(BadRequest, match="larger than"):
        await sent_by(request(b"x" * (BODY_MAX + 1), ""))


@pytest.mark.checklist(1)
@pytest.mark.redis
async def test_a_delete_takes_its_parameters_from_body_or_query(
    server: Server, api: Client
) -> None:
    keep: dict[str, Any] = {"cascade": "false"}
    ways: list[dict[str, Any]] = [{"json": keep}, {"params": keep}]
    for way in ways:
        made = (await api.post("Application/", json={"app_name": "a"})).json()
        endpoint = await api.post(
            "Endpoint/",
            json={
                "username": "alice",
                "password": "secret",
                "alias": "a",
                "app_id": made["app_id"],
            },
        )

        await api.request("DELETE", f"Application/{made['app_id']}/", **way)

        path = f"Endpoint/{endpoint.json()['endpoint_id']}/"
        assert (await api.get(path)).json()["application"] is None


@pytest.mark.redis
async def test_a_delete_with_the_json_text_of_nothing_is_carried_out(
    api: Client,
) -> None:
    made = (await api.post("Application/", json={"app_name": "a"})).json()

    answer = await api.request("DELETE", f"Application/{made['app_id']}/", content='""')

    assert answer.status_code == 204
