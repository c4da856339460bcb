"""Structured logs: one JSON object a line, or coloured text on a terminal.

Events are static words, values are fields; `call_uuid` is bound once per call with
`structlog.contextvars`. Digits, speech, tokens and URLs' credentials are never logged.
What libraries, threads and a process that fails have to say takes the same form.
"""

import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import structlog
from typing_extensions import override

from voiceplat.core.errors import VoiceplatError

log = structlog.get_logger()


def configure_logging(
    process: str, level: str, style: Literal["json", "text"] = "json", **more: str
) -> None:
    """Send every log line of this process to stderr; `process` is bound to each.

    So is `more`, on any thread: those that a library makes have no context.
    """
    whose = {"process": process, **more}
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        lambda _, __, event: {**whose, **event},
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
    structlog.contextvars.bind_contextvars(**whose)
    _hear_libraries()


@contextmanager
def last_words() -> Iterator[None]:
    """A process that fails says why in one line, and ends with status 1."""
    try:
        yield
    except VoiceplatError as error:
        log.critical("process_failed", why=str(error))
        raise SystemExit(1) from error
    except Exception as error:
        log.critical("process_failed", exc_info=error)
        raise SystemExit(1) from error


def silence_logging() -> None:
    """For commands that tell a person themselves what their log lines would say."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL),
        cache_logger_on_first_use=False,
    )


class _LibraryLines(logging.Handler):
    """Warnings and worse; what is less may tell URLs with all that is in them."""

    @override
    def emit(self, record: logging.LogRecord) -> None:
        log.log(
            record.levelno,
            "library_said",
            library=record.name,
            text=record.getMessage(),
            exc_info=record.exc_info,
        )


def _hear_libraries() -> None:
    root = logging.getLogger()
    if not any(isinstance(handler, _LibraryLines) for handler in root.handlers):
        root.addHandler(_LibraryLines(logging.WARNING))
    logging.captureWarnings(capture=True)
    threading.excepthook = _thread_failed


def _thread_failed(failure: threading.ExceptHookArgs) -> None:
    if failure.exc_value is not None and failure.exc_type is not SystemExit:
        name = failure.thread.name if failure.thread else ""
        log.error("thread_failed", thread=name, exc_info=failure.exc_value)


def _for_people() -> structlog.typing.Processor:
    """Tracebacks without local variables: those may hold tokens."""
    return structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
    )
