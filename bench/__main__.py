"""`make bench`: the whole platform under real load, against what it promises.

python -m bench [--only PART] [--json FILE]; PART is one of the MEASURES below.

ivr and recording are run by name alone: with them it would take more than 15 minutes.
"""

import argparse
import asyncio
import json
import os
import platform
import sys
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

from bench.carrier import Carrier
from bench.customer import customer_server
from bench.figures import Figure, missed, shown, table
from bench.http import Api
from bench.measures import (
    bridged,
    calls_in,
    calls_out,
    conference,
    ivr,
    load,
    parser,
    rate,
    recognition,
    recording,
    registrations,
)
from bench.measures.audience import Audience
from bench.site import CARRIER, DIAL, PLAY, SPEAK, Site, add_number, running_site
from tests.servers.free_ports import free_port
from tests.speech import people
from voiceplat.core.clock import utc_now
from voiceplat.core.log import configure_logging

WITHIN_S: Final = 15 * 60
FEW_WORKERS: Final = 8
MANY_WORKERS: Final = 40
RESULTS: Final = Path(".cache/bench.json")
CALLS = OUT, IN, TALK, LOAD, RATE, REGISTER = (
    "out",
    "in",
    "dial",
    "load",
    "rate",
    "register",
)
PARTS = PARSER, CONFERENCE, RECOGNITION = ("parser", "conference", "recognition")
BY_NAME = IVR, RECORDING = ("ivr", "recording")
MEASURES = (*CALLS, *PARTS, *BY_NAME)


async def measure(wanted: set[str], folder: Path) -> list[Figure]:
    figures: list[Figure] = []
    if wanted & {RECOGNITION, IVR} and not people.are_here():
        missing = "install asterisk-core-sounds-en and asterisk-core-sounds-en-wav"
        raise SystemExit(f"{RECOGNITION}, {IVR}: no recorded voices; {missing}")
    if PARSER in wanted:
        figures += _say("parser", parser.parsed())
    if CONFERENCE in wanted:
        figures += _say("conference", await conference.mixed())
    async with customer_server() as customer:
        if wanted & {OUT, IN, TALK}:
            pace = {"QUEUE__CALLS_PER_SECOND": str(calls_out.PACE)}
            with running_site(customer, FEW_WORKERS, pace) as site:
                figures += await _times(site, wanted)
                if TALK in wanted:
                    figures += await _talks(site, folder)
        if wanted & {LOAD, RATE, REGISTER}:
            with running_site(customer, MANY_WORKERS, {}) as site:
                figures += await _loads(site, wanted, folder)
    if RECOGNITION in wanted:
        figures += _say("recognition", await recognition.recognition(folder))
    if RECORDING in wanted:
        figures += _say("recording", await recording.recorded_calls(folder))
    if IVR in wanted:
        figures += _say("whole calls", await ivr.understood_calls(folder))
    return figures


async def _times(site: Site, wanted: set[str]) -> list[Figure]:
    """How long one thing takes, on a platform with little to do."""
    figures: list[Figure] = []
    running = site.platform
    async with AsyncExitStack() as stack:
        carrier = await stack.enter_async_context(
            Carrier.at(CARRIER, site.carrier_port, running.sip)
        )
        api = Api(running.api, running.auth_id, running.auth_token)
        stack.push_async_callback(api.close)
        if IN in wanted:
            await add_number(site, api, PLAY, "/play")
            await add_number(site, api, SPEAK, "/speak")
            figures += _say("calls in", await calls_in.played(carrier))
            figures += _say("speech", await calls_in.spoken(carrier))
        if OUT in wanted:
            figures += _say(
                "dialling", await calls_out.post_to_invite(site, carrier, api)
            )
            figures += _say("API", await calls_out.post_answered(site, api))
    return figures


async def _talks(site: Site, folder: Path) -> list[Figure]:
    running, port = site.platform, free_port()
    async with AsyncExitStack() as stack:
        api = Api(running.api, running.auth_id, running.auth_token)
        stack.push_async_callback(api.close)
        await add_number(site, api, DIAL, f"/dial/{CARRIER}:{port}")
        audience = stack.enter_context(Audience.at(CARRIER))
        return _say("dial", await bridged.talking(site, audience, port, folder))


async def _loads(site: Site, wanted: set[str], folder: Path) -> list[Figure]:
    """What much of it costs."""
    figures: list[Figure] = []
    running = site.platform
    async with AsyncExitStack() as stack:
        api = Api(running.api, running.auth_id, running.auth_token)
        stack.push_async_callback(api.close)
        await add_number(site, api, PLAY, "/play")
        audience = stack.enter_context(Audience.at(CARRIER))
        if LOAD in wanted:
            figures += _say("idle", await load.idle(site))
            figures += _say("load", await load.playing(site, audience, folder))
        if RATE in wanted:
            figures += _say("rate", await rate.calls_per_second(site, audience, folder))
        if REGISTER in wanted:
            figures += _say("registrar", await registrations.registered(site, folder))
    return figures


def _say(what: str, figures: list[Figure]) -> list[Figure]:
    """Progress, for who waits; the table comes at the end."""
    told = ", ".join(f"{shown(one.value)} {one.unit}" for one in figures[:3])
    print(f"{what}: {told}", file=sys.stderr, flush=True)
    return figures


def main() -> None:
    reader = argparse.ArgumentParser(prog="bench", description=__doc__)
    reader.add_argument("--only", action="append", choices=MEASURES, default=[])
    reader.add_argument("--json", type=Path, default=RESULTS)
    asked = reader.parse_args()
    configure_logging("bench", "warning", "text")
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        figures = asyncio.run(
            asyncio.wait_for(
                measure(
                    set(asked.only) or set(MEASURES) - {IVR, RECORDING}, Path(folder)
                ),
                WITHIN_S,
            )
        )
    asked.json.parent.mkdir(parents=True, exist_ok=True)
    asked.json.write_text(json.dumps(_report(figures), indent=2) + "\n")
    print(table(figures))
    print(f"machine: {_machine()}")
    print(f"figures: {asked.json}")
    print(f"targets missed: {missed(figures)}")


def _report(figures: list[Figure]) -> dict[str, object]:
    return {
        "at": utc_now().isoformat(timespec="seconds"),
        "machine": _machine(),
        "figures": [one.as_json() for one in figures],
        "missed": missed(figures),
    }


def _machine() -> str:
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    return f"{os.cpu_count()} cores, {platform.machine()}, load at the end {load}"


if __name__ == "__main__":
    main()
