"""Cuts a script into parts that can be made and heard one after another.

A part ends where a sentence does; in a long sentence, where a clause does; in a clause
that goes on and on, between two words. The first parts are short, so that a caller
hears something soon, and each may be longer than the one before, because it is made
while that one plays.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from voiceplat.calls.script import Pause, Script, Words

LIMITS: Final = (60, 100, 160, 200)
"""Most characters of the first part, the second, and so on; the last one stays."""
_LONGEST: Final = LIMITS[-1]
_LEAST: Final = 20
"""A part of fewer characters takes the next sentence in, so that it lasts a while."""

_SENTENCE_END: Final = re.compile(
    r"(?:(?<=[.!?…])|(?<=[.!?…][\"'”’»)]))\s+|(?<=[。！？।])\s*"
)
_SPACE: Final = re.compile(r"\s+")
_CLAUSE_END: Final = re.compile(r"(?<=[,;:—–])\s+|(?<=[、，；：])\s*")
_ABBREVIATION: Final = re.compile(
    r"(?<![^\W_])(?:[^\W\d_]|Mrs?|Ms|Dr|Prof|Sr|Sra|Jr|St|No|Nr|vs|bzw|ca|Hr|Fr|Mme|M)"
    r"\.\s*$",
    re.IGNORECASE,
)

Piece = Words | Pause


def split(script: Script) -> list[Script]:
    """The parts of a script; together they say all of it, in its order."""
    parts: list[Script] = []
    current: list[Piece] = []
    for sentence in _sentences(script.parts):
        for clause in _clauses(sentence, _limit(len(parts))):
            if current and not _goes_together(current, clause, _limit(len(parts))):
                parts.append(_tidy(current))
                current = []
            current.extend(clause)
    if current:
        parts.append(_tidy(current))
    return [part for part in parts if part.parts]


def cut(script: Script, most: int) -> Script:
    """The script without the words beyond `most` characters."""
    kept: list[Piece] = []
    room = most
    for piece in script.parts:
        if isinstance(piece, Words):
            if len(piece.text) > room:
                fitting = piece.text[:room]
                kept.append(replace(piece, text=fitting))
                break
            room -= len(piece.text)
        kept.append(piece)
    return Script(tuple(kept))


def _limit(number: int) -> int:
    return LIMITS[min(number, len(LIMITS) - 1)]


def _goes_together(current: list[Piece], following: list[Piece], limit: int) -> bool:
    size = _size(current)
    return size < _LEAST or size + _size(following) <= limit


def _sentences(pieces: Sequence[Piece]) -> Iterator[list[Piece]]:
    """The pieces, cut at the ends of sentences; a pause stays with what it follows."""
    yield from _cut_at(pieces, _SENTENCE_END)


def _clauses(sentence: list[Piece], limit: int) -> Iterator[list[Piece]]:
    if _size(sentence) <= limit:
        yield sentence
        return
    for clause in _cut_at(sentence, _CLAUSE_END):
        if _size(clause) <= _LONGEST:
            yield clause
        else:
            yield from _word_by_word(clause)


def _word_by_word(clause: list[Piece]) -> Iterator[list[Piece]]:
    """As many words at a time as the longest part holds."""
    held: list[Piece] = []
    for piece in _cut_at(clause, _SPACE):
        if held and _size(held) + _size(piece) > _LONGEST:
            yield held
            held = []
        held.extend(piece)
    yield held


def _cut_at(pieces: Sequence[Piece], where: re.Pattern[str]) -> Iterator[list[Piece]]:
    cuts = _cuts(pieces, where)
    held: list[Piece] = []
    at = 0
    for piece in pieces:
        if isinstance(piece, Pause):
            held.append(piece)
            at += 1
            continue
        for text in _between(cuts, piece.text, at):
            if held and at in cuts:
                yield held
                held = []
            held.append(replace(piece, text=text))
            at += len(text)
    if held:
        yield held


def _cuts(pieces: Sequence[Piece], where: re.Pattern[str]) -> list[int]:
    """Where the text of all pieces may be cut; not within what is read as one thing."""
    whole = "".join(map(_shape, pieces))
    return [
        found.end()
        for found in where.finditer(whole)
        if not _ABBREVIATION.search(whole, max(0, found.end() - 12), found.end())
    ]


def _shape(piece: Piece) -> str:
    """A pause counts as a space."""
    if isinstance(piece, Pause):
        return " "
    return piece.text if not (piece.say_as or piece.phonemes) else "_" * len(piece.text)


def _between(cuts: Sequence[int], text: str, at: int) -> Iterator[str]:
    """The text, which begins at `at` of the whole, piece by piece."""
    inner = [cut - at for cut in cuts if at < cut < at + len(text)]
    for start, end in pairwise((0, *inner, len(text))):
        yield text[start:end]


def _size(pieces: list[Piece]) -> int:
    return sum(len(piece.text) for piece in pieces if isinstance(piece, Words))


def _tidy(pieces: list[Piece]) -> Script:
    """Without the spaces at the ends, and with what was cut and is together joined."""
    joined: list[Piece] = []
    for piece in pieces:
        last = joined[-1] if joined else None
        if isinstance(piece, Words) and isinstance(last, Words) and _alike(last, piece):
            joined[-1] = replace(last, text=last.text + piece.text)
        else:
            joined.append(piece)
    if joined and isinstance(joined[0], Words):
        joined[0] = replace(joined[0], text=joined[0].text.lstrip())
    if joined and isinstance(joined[-1], Words):
        joined[-1] = replace(joined[-1], text=joined[-1].text.rstrip())
    return Script(tuple(it for it in joined if isinstance(it, Pause) or it.text))


def _alike(one: Words, other: Words) -> bool:
    plain = not (one.say_as or one.phonemes)
    return plain and replace(one, text="") == replace(other, text="")
