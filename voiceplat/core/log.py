"""Structured logs: one JSON object a line, or coloured text on a terminal.

Events are static words, values are fields; `call_uuid` is bound once per call with
`structlog.contextvars`. Digits, speech, tokens and URLs' credentials are never logged.
"""

import logging
import sys
from typing import Literal

import structlog


def configure_logging(
    process: str, level: str, style: Literal["json", "text"] = "json"
) -> None:
    """Send every log line of this process to stderr; `process` is bound to each."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    rendered: list[structlog.typing.Processor] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
        if style == "json"
        else [_for_people()]
    )
    structlog.configure(
        processors=[*shared, *rendered],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[level.upper()]
        ),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(process=process)


def silence_logging() -> None:
    """For commands that tell a person themselves what their log lines would say."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL),
        cache_logger_on_first_use=False,
    )


def _for_people() -> structlog.typing.Processor:
    """Tracebacks without local variables: those may hold tokens."""
    return structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
    )
