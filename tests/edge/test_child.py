"""What a server that the edge runs prints becomes our log, strangers' words apart."""

import asyncio
import sys

import structlog.testing

from voiceplat.edge.child import Child

SAYS = """
print(" 1(27) ERROR: <core> parse_via(): message=<INVITE sip:1555@x SIP/2.0")
print("X-Plivo-Jwt: a-secret-token")
print("m=audio 40000 RTP/AVP 0")
print(">")
print("[1669] WARNING: [call] no port left")
print("12:M 27 Nov 2026 03:18:50.496 # Error writing to the AOF file: no space left")
print("ERROR: bad config file")
import time
time.sleep(60)
"""


async def test_only_what_a_server_says_by_itself_is_logged() -> None:
    async def answers() -> None:
        """It is up at once."""

    child = Child("server", [sys.executable, "-uc", SAYS], answers)
    with structlog.testing.capture_logs() as logs:
        await child.start()
        async with asyncio.timeout(20):
            while not any("bad config" in line.get("text", "") for line in logs):  # noqa: ASYNC110 - a log has no event
                await asyncio.sleep(0.02)
        await child.stop()

    said = [line for line in logs if "text" in line]
    words = [line["text"].split()[-1] for line in said]
    assert words == ["SIP/2.0", "left", "left", "file"]
    assert {line["log_level"] for line in said} == {"warning"}
