"""The logs of a call: one JSON object a line, of every process, found by its uuid."""

import asyncio
import json
from typing import Any

import pytest

from tests.calls_e2e.conftest import TONE, World, uri

pytestmark = [pytest.mark.edge, pytest.mark.sip]

IN_ITS_OWN_FORM = {"redis"}
OF_A_CALL = {"call_dialled", "webhook_fetched", "call_over"}


def lines(world: World) -> dict[str, list[dict[str, Any]]]:
    """By process; fails on one that is no JSON."""
    files = (world.platform.data / "logs").glob("*.log")
    return {
        file.stem: [json.loads(line) for line in file.read_text().splitlines()]
        for file in files
        if file.stem not in IN_ITS_OWN_FORM
    }


async def a_call(world: World) -> str:
    """One that is over and told; its uuid."""
    sound = world.customer.serves("/sound.wav", TONE)
    phone = await world.phone()
    uuid = await world.place(uri(phone), f"<Play>{sound}</Play>")
    call = await phone.next_call()
    await call.answer()
    await call.until_ended()
    await world.customer.event("Hangup", call_uuid=uuid)
    await world.cdr(uuid)
    return uuid


async def test_every_line_of_every_process_has_one_form(world: World) -> None:
    await a_call(world)

    found = await asyncio.to_thread(lines, world)

    assert set(found) == {"api", "media", "ledger", "speech", "archive", "edge"}
    for log in found.values():
        assert log
        for line in log:
            assert line.keys() >= {"timestamp", "level", "process", "event"}, line
            assert line["event"].replace("_", "").isalnum(), line
    assert {line["process"] for line in found["media"]} >= {"worker"}
    said = [line for line in found["edge"] if line["event"] == "server_said"]
    assert {line["process"] for line in said} >= {"kamailio"}
    assert all(line["text"] for line in said)


async def test_a_call_is_found_by_its_uuid_from_the_request_to_the_end(
    world: World,
) -> None:
    uuid = await a_call(world)

    found = await asyncio.to_thread(lines, world)

    of_it = {
        name: [line for line in log if line.get("call_uuid") == uuid]
        for name, log in found.items()
    }
    (accepted,) = (it for it in of_it["api"] if it["event"] == "call_accepted")
    (answered,) = (
        it
        for it in found["api"]
        if it.get("api_id") == accepted["api_id"] and it["event"] == "request_answered"
    )
    assert (answered["method"], answered["status"]) == ("POST", 201)
    assert answered["client"] == "127.0.0.1"
    assert answered["took_ms"] > 0
    assert {line["event"] for line in of_it["media"]} >= OF_A_CALL
    assert len({line["worker"] for line in of_it["media"]}) == 1
    assert {line["event"] for line in of_it["ledger"]} >= {"webhook_fetched"}
