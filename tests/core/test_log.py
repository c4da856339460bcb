"""What a log line may be made of."""

import json

import pytest
import structlog

from voiceplat.core.log import configure_logging


def test_a_line_stays_one_line_whatever_a_field_holds(
    capfd: pytest.CaptureFixture[str],
) -> None:
    texts = ['a\r\n{"event": "forged"}', "b\u2028c\u2029d\x85e", "f\0g\x1bh", "\ud800"]
    before = structlog.get_config()
    configure_logging("test", "info")
    try:
        for text in texts:
            structlog.get_logger().info("request_answered", path=text)
    finally:
        structlog.configure(**before)
        structlog.contextvars.clear_contextvars()

    lines = capfd.readouterr().err.splitlines()
    assert [json.loads(line)["path"] for line in lines] == texts
