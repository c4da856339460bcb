"""No text crashes the parser, none keeps it busy, and lint reads as it does."""

import sys
import time
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Final, Self

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.worst_documents import SIZE, texts
from voiceplat.core.errors import DocumentError
from voiceplat.core.settings import Settings
from voiceplat.xml.document import Document, parse
from voiceplat.xml.faults import Fault
from voiceplat.xml.lint.check import check
from voiceplat.xml.lint.outline import outline

CORPUS: Final = Path(__file__).parents[1] / "corpus"
SETTINGS: Final = Settings()
WORST: Final = dict(texts())
SLOW_MACHINE: Final = settings(suppress_health_check=[HealthCheck.too_slow])
CALLS_PER_BYTE: Final = 5
"""Steps of Python and C for each byte of a document, measured: 2.7 at most."""
CPU_S: Final = 5
"""No promise (that is the bench's), only far from what a square would take."""


def read(body: bytes, *, lenient: bool = False) -> Document | None:
    """The document; None when it is refused, as it should be."""
    refused: DocumentError | None = None
    try:
        return parse(body, lenient=lenient, strict_voices=not lenient)
    except DocumentError as error:
        refused = error
    assert refused.fault in set(Fault)
    assert refused.line >= 0
    return None


def lint_agrees(body: bytes) -> None:
    """It has errors exactly when the server refuses, and reads the same."""
    report = check(body, SETTINGS)
    refused: DocumentError | None = None
    document: Document | None = None
    try:
        document = parse(body)
    except DocumentError as error:
        refused = error
    assert report.document == document
    if refused:
        first = report.page.faults[0]
        assert (first.why, first.line) == (refused.why, refused.line)
    if report.document:
        lines = list(outline(report.document, report.page))
        assert all(line.isprintable() for line in lines)
    assert all(one.message.isprintable() and one.line >= 1 for one in report.findings)


# --- any bytes ----------------------------------------------------------------------


@SLOW_MACHINE
@given(body=st.binary(max_size=2000), lenient=st.booleans())
def test_no_bytes_crash_the_parser(body: bytes, *, lenient: bool) -> None:
    read(body, lenient=lenient)
    lint_agrees(body)


_DOCUMENTS: Final = [page.read_bytes() for page in sorted(CORPUS.glob("*/*.xml"))]
_PIECES: Final = [
    *(
        b"<Response>",
        b"</Response>",
        b"<Speak>",
        b"</Speak>",
        b"<PreAnswer>",
        b"<Wait/>",
    ),
    *(
        b"<![CDATA[",
        b"]]>",
        b"<!--",
        b"-->",
        b"<?a?>",
        b"&amp;",
        b"&#0;",
        b"&#x10FFFF;",
    ),
    *(
        b'<!DOCTYPE a [<!ENTITY b "c">]>',
        b"&b;",
        b' xmlns="u"',
        b' a:b="c"',
        b" xml:lang='x'",
    ),
    *(b"\x00", b"\xff", b"\xef\xbb\xbf", b"\xfe\xff", b"<", b">", b"&", b'"', b"'"),
    *(b"9" * 5000, "\u0663".encode(), b"\xed\xa0\x80", "\U0001f389".encode()),
]


@st.composite
def _mutated(draw: st.DrawFn) -> bytes:
    """A document of the corpus, spoilt in some places."""
    body = draw(st.sampled_from(_DOCUMENTS))
    for _ in range(draw(st.integers(1, 5))):
        at = draw(st.integers(0, len(body)))
        upto = draw(st.integers(at, min(len(body), at + 40)))
        other = draw(st.sampled_from(_DOCUMENTS))
        begin = draw(st.integers(0, len(other)))
        piece = draw(
            st.sampled_from(_PIECES)
            | st.binary(max_size=4)
            | st.just(other[begin : begin + 60])
            | st.just(body[at:upto] * 2)
        )
        body = body[:at] + piece + body[upto:]
    return body


@SLOW_MACHINE
@given(body=_mutated(), lenient=st.booleans())
def test_no_spoilt_document_crashes_the_parser(body: bytes, *, lenient: bool) -> None:
    read(body, lenient=lenient)
    lint_agrees(body)


# --- markup -------------------------------------------------------------------------

_TAGS: Final = st.sampled_from(
    [
        *(
            "Response",
            "Play",
            "Speak",
            "Wait",
            "Hangup",
            "PreAnswer",
            "Redirect",
            "Dial",
        ),
        *("GetDigits", "GetInput", "DTMF", "Number", "p", "s", "w", "sub", "say-as"),
        *("break", "lang", "prosody", "Foo", "amazon:x", "\u00e9t\u00e9"),
    ]
)
_NAMES: Final = st.sampled_from(
    [
        *(
            "loop",
            "length",
            "schedule",
            "voice",
            "language",
            "method",
            "action",
            "beep",
        ),
        *(
            "minSilence",
            "min_silence",
            "silence",
            "xml:lang",
            "xml:space",
            "a:b",
            "time",
        ),
        *(
            "redirect",
            "numDigits",
            "timeout",
            "inputType",
            "hints",
            "reason",
            "xmlns:q",
        ),
    ]
)
_TEXT: Final = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters='<&"'), max_size=20
) | st.sampled_from(
    [
        *(
            "0",
            "-1",
            "true",
            "1s",
            "+5",
            "9" * 5000,
            "\u0663",
            "&amp;",
            "&#0;",
            "&#13;",
        ),
        *(
            "<![CDATA[ ]]>",
            "<![CDATA[",
            "<!-- -->",
            "-->",
            "<?php ?>",
            "GET",
            "Polly.Amy",
        ),
        *(
            "https://e.com/a.mp3#rc=9",
            "https://[",
            "http://",
            "\u202e",
            "\x85",
            "\u2028",
        ),
    ]
)


@st.composite
def _markup(draw: st.DrawFn) -> str:
    tag = draw(_TAGS)
    names = draw(st.lists(_NAMES, max_size=3, unique=draw(st.booleans())))
    written = "".join(f' {name}="{draw(_TEXT)}"' for name in names)
    inside = draw(st.lists(st.deferred(_markup) | _TEXT, max_size=3))
    return f"<{tag}{written}>{''.join(inside)}</{tag}>"


@SLOW_MACHINE
@given(parts=st.lists(_markup(), max_size=4), lenient=st.booleans())
def test_no_markup_crashes_the_parser(parts: list[str], *, lenient: bool) -> None:
    body = f"<Response>{''.join(parts)}</Response>".encode()

    read(body, lenient=lenient)
    lint_agrees(body)


# --- the largest of the worst -------------------------------------------------------


class Steps:
    """Counts what Python and C functions are called, while it is in use."""

    def __init__(self) -> None:
        self.count = 0

    def __enter__(self) -> Self:
        sys.setprofile(self._step)
        return self

    def __exit__(self, *_: object) -> None:
        sys.setprofile(None)

    def _step(self, frame: FrameType, event: str, argument: object) -> None:
        self.count += event in ("call", "c_call")


@pytest.mark.parametrize("name", WORST)
def test_a_document_of_the_worst_shape_takes_few_steps(name: str) -> None:
    body = WORST[name]
    assert len(body) <= SIZE

    with Steps() as steps, suppress(DocumentError):
        parse(body, lenient=True)

    assert steps.count < CALLS_PER_BYTE * len(body)


@pytest.mark.parametrize("name", WORST)
def test_a_document_of_the_worst_shape_takes_no_square_of_its_length(
    name: str,
) -> None:
    body = WORST[name]
    began = time.process_time()

    with suppress(DocumentError):
        parse(body, lenient=True)

    assert time.process_time() - began < CPU_S
