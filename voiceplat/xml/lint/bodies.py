"""Rules for what stands between the tags, and for what was passed over."""

from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import urlsplit

from voiceplat.xml.element import Attributes, body_of
from voiceplat.xml.elements.getinput import (
    HINT_CHARS_MAX,
    HINTS_CHARS_MAX,
    HINTS_MAX,
    GetInput,
)
from voiceplat.xml.elements.play import Play
from voiceplat.xml.lint import kinds
from voiceplat.xml.lint.finding import Finding, shortened
from voiceplat.xml.lint.page import Page, Seen
from voiceplat.xml.registry import ELEMENTS, ROOT
from voiceplat.xml.ssml import TAGS
from voiceplat.xml.values import is_web_url

_UNPLAYABLE: Final = frozenset(
    {
        *(".aac", ".aiff", ".amr", ".flac", ".gsm", ".htm", ".html", ".m3u8", ".m4a"),
        *(".mid", ".mov", ".mp4", ".oga", ".ogg", ".opus", ".txt", ".webm", ".wma"),
        *(".xml",),
    }
)


def stray_text(seen: Seen, page: Page) -> Iterator[Finding]:
    _ = page
    text = seen.source.text
    if seen.made is None or not text:
        return
    if isinstance(seen.made, Attributes) and body_of(type(seen.made)) - {"children"}:
        return
    what = f'the text "{shortened(text)}" has no place here and is ignored'
    yield kinds.STRAY_TEXT.at(seen.source, what)


def passed_over(seen: Seen, page: Page) -> Iterator[Finding]:
    """Elements and tags that are as if they were not there."""
    _ = page
    if seen.made is not None:
        return
    tag, parent = seen.source.tag, seen.source.parent
    if parent in {*TAGS, "Speak"} or parent not in {*ELEMENTS, ROOT}:
        what = "it is no SSML tag that is spoken here: its text is spoken plainly"
        statement = 90 if tag.startswith("amazon:") else None
        yield kinds.SKIPPED_TAG.at(seen.source, what, statement=statement)
        return
    close = get_close_matches(tag, ELEMENTS, 1)
    what = "it is an unknown element and is passed over"
    what += f": did you mean <{close[0]}>?" if close else ""
    kind = kinds.SKIPPED_ELEMENT if parent == ROOT else kinds.SKIPPED_CHILD
    yield kind.at(seen.source, what)


def play(seen: Seen, page: Page) -> Iterator[Finding]:
    """What cannot be fetched, or will not be played."""
    _ = page
    if not isinstance(seen.made, Play):
        return
    url = seen.made.text
    if not is_web_url(url):
        what = f'"{shortened(url)}" is no http(s) URL: nothing is played'
        yield kinds.PLAY_URL.at(seen.source, what)
        return
    parts = urlsplit(url)
    suffix = PurePosixPath(parts.path).suffix.casefold()
    if suffix in _UNPLAYABLE:
        what = f"a {suffix} file is skipped: only WAV and MP3 are played"
        yield kinds.PLAY_TYPE.at(seen.source, what)
    if "=" in parts.fragment:
        what = f"#{shortened(parts.fragment)} does not count: files are fetched alike"
        yield kinds.PLAY_FRAGMENT.at(seen.source, what)


def hints(seen: Seen, page: Page) -> Iterator[Finding]:
    _ = page
    written = seen.source.attributes.get("hints", "")
    if not isinstance(seen.made, GetInput) or not written:
        return
    phrases = [phrase.strip() for phrase in written.split(",")]
    longest = max(map(len, phrases))
    if len(phrases) > HINTS_MAX:
        what = f"{len(phrases)} hints are more than {HINTS_MAX}"
        yield kinds.HINTS.at(seen.source, what)
    if longest > HINT_CHARS_MAX:
        what = f"a hint of {longest} characters is longer than {HINT_CHARS_MAX}"
        yield kinds.HINTS.at(seen.source, what)
    if len(written) > HINTS_CHARS_MAX:
        what = f"hints of {len(written)} characters are more than {HINTS_CHARS_MAX}"
        yield kinds.HINTS.at(seen.source, what)
