"""Reading names costs memory for good, unless the thread that read them ends."""

from threading import Thread
from typing import Any

import pytest

from voiceplat.core.errors import DocumentError
from voiceplat.xml.document import parse


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the threads that are started."""
    started: list[str] = []
    start = Thread.start

    def remember(thread: Thread, *words: Any) -> None:  # noqa: ANN401 - as it is called
        started.append(thread.name)
        start(thread, *words)

    monkeypatch.setattr(Thread, "start", remember)
    return started


@pytest.mark.parametrize(
    "inside",
    [
        "",
        "<Speak voice='Polly.Amy'>a <s>b</s> <lang xml:lang='fr-FR'>c</lang></Speak>",
        '<Play loop = "2">https://e.com/?a=1&amp;b=2</Play><!-- a -->',
        "<Speak><![CDATA[a b]]></Speak>",
    ],
)
def test_a_text_of_known_names_is_read_at_once(threads: list[str], inside: str) -> None:
    body = f"<?xml version='1.0' encoding='utf-8'?><Response>{inside}</Response>"

    parse(body.encode())

    assert threads == []


@pytest.mark.parametrize(
    "body",
    [
        b"<Response><Wait colour='red'/></Response>",
        b"<Response><Speak><x/></Speak></Response>",
        b"<Response><?colour red?></Response>",
        b"<Response xmlns:x='urn:x'/>",
        "<Response/>".encode("utf-16"),
        b"<Response>" + b" " * 20_000 + b"</Response>",
        b"<Response/>" + b" " * 20_000,
    ],
)
def test_a_text_with_other_names_is_read_in_a_thread_that_ends(
    threads: list[str], body: bytes
) -> None:
    parse(body)

    assert threads == ["strange-document"]


def test_an_error_comes_out_of_the_thread(threads: list[str]) -> None:
    with pytest.raises(DocumentError, match="line 2: xmlParseEntityRef"):
        parse(b"<Response colour='red'>\n<Speak>a & b</Speak></Response>")

    assert threads == ["strange-document"]


def test_the_names_of_many_documents_do_not_stay_in_memory() -> None:
    """Eighty thousand names of 200 letters: 16 MB, were they kept."""
    _read_strange_names(0)
    before = _resident_bytes()

    for number in range(1, 201):
        _read_strange_names(number)

    assert _resident_bytes() - before < 8_000_000


def _read_strange_names(number: int) -> None:
    tags = "".join(f"<{'x' * 190}{number}.{tag}/>" for tag in range(400))
    parse(f"<Response>{tags}</Response>".encode(), lenient=True)


def _resident_bytes() -> int:
    with open("/proc/self/statm") as numbers:  # noqa: PTH123 - no file, the kernel's
        return int(numbers.read().split()[1]) * 4096
