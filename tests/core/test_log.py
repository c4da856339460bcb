"""What a process says is one JSON object a line, whoever says it."""

import json
import subprocess
import sys
import textwrap
from typing import Any

import pytest

PRELUDE = """
import asyncio, logging, threading, warnings
import structlog
from voiceplat.core.errors import Unavailable
from voiceplat.core.log import configure_logging, last_words

configure_logging("tested", "info")
log = structlog.get_logger()
"""


def said(code: str, *, status: int = 0) -> list[dict[str, Any]]:
    """The lines of a process that runs this."""
    done = subprocess.run(
        [sys.executable, "-c", PRELUDE + textwrap.dedent(code)],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == status, done.stderr
    return [json.loads(line) for line in done.stderr.splitlines()]


def test_a_line_says_when_how_bad_and_by_whom() -> None:
    (line,) = said("log.info('tested_well', count=3)")

    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "tested_well",
        "level": "info",
        "process": "tested",
        "count": 3,
    }


def test_a_thread_without_a_context_says_whose_it_is() -> None:
    (line,) = said(
        """
        configure_logging("tested", "info", worker="127.0.0.1:1")
        thread = threading.Thread(target=log.info, args=("tested_well",))
        thread.start()
        thread.join()
        """
    )

    assert (line["process"], line["worker"]) == ("tested", "127.0.0.1:1")


@pytest.mark.parametrize(
    ("code", "library"),
    [
        ("logging.getLogger('httpx').warning('odd %s', 'thing')", "httpx"),
        ("warnings.warn('odd thing')", "py.warnings"),
        ("logging.getLogger('uvicorn.error').error('odd thing')", "uvicorn.error"),
    ],
)
def test_libraries_speak_in_the_same_form(code: str, library: str) -> None:
    (line,) = said(code)

    assert (line["event"], line["library"]) == ("library_said", library)
    assert "odd thing" in line["text"]
    assert line["process"] == "tested"


def test_what_libraries_only_mention_is_not_logged() -> None:
    assert said("logging.getLogger('httpx').info('GET http://u:p@h/?token=1')") == []


def test_a_task_that_nobody_waited_for_is_heard_of() -> None:
    (line,) = said(
        """
        async def main():
            asyncio.create_task(fail())
            await asyncio.sleep(0)
            await asyncio.sleep(0)

        async def fail():
            raise ValueError("lost")

        asyncio.run(main())
        """
    )

    assert line["library"] == "asyncio"
    assert "ValueError: lost" in line["exception"]


def test_a_thread_that_fails_is_heard_of() -> None:
    (line,) = said(
        """
        thread = threading.Thread(target=lambda: 1 / 0, name="worker")
        thread.start()
        thread.join()
        """
    )

    assert (line["event"], line["thread"]) == ("thread_failed", "worker")
    assert "ZeroDivisionError" in line["exception"]


def test_the_last_words_of_a_process_are_one_line() -> None:
    (bug,) = said("with last_words(): 1 / 0", status=1)
    (away,) = said("with last_words(): raise Unavailable('Redis')", status=1)

    assert (bug["event"], bug["level"]) == ("process_failed", "critical")
    assert "ZeroDivisionError" in bug["exception"]
    assert away["why"] == "Redis is not reachable"
    assert "exception" not in away


def test_a_line_stays_one_line_whatever_a_field_holds() -> None:
    texts = ['a\r\n{"event": "forged"}', "b\u2028c\u2029d\x85e", "f\0g\x1bh", "\ud800"]

    lines = said(f"for it in {texts!r}: log.info('request_answered', path=it)")

    assert [line["path"] for line in lines] == texts
