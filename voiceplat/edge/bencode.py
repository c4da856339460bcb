"""Bencode, in which rtpengine answers: integers, texts, lists and dictionaries."""

from typing import Final

from voiceplat.core.errors import VoiceplatError

Value = int | str | list["Value"] | dict[str, "Value"]

_END: Final = b"e"


class NotBencode(VoiceplatError):
    pass


def decode(data: bytes) -> Value:
    """The one value that `data` holds. Raises NotBencode."""
    try:
        value, end = _value(data, 0)
    except (ValueError, IndexError) as error:
        raise NotBencode(f"an answer that cannot be read: {error}") from error
    if end != len(data):
        raise NotBencode("there is more than one value in the answer")
    return value


def _value(data: bytes, at: int) -> tuple[Value, int]:
    match data[at : at + 1]:
        case b"i":
            end = data.index(_END, at)
            return int(data[at + 1 : end]), end + 1
        case b"l":
            return _items(data, at + 1)
        case b"d":
            pairs, end = _items(data, at + 1)
            names = (str(name) for name in pairs[::2])
            return dict(zip(names, pairs[1::2], strict=True)), end
        case _:
            colon = data.index(b":", at)
            end = colon + 1 + int(data[at:colon])
            if end > len(data):
                raise ValueError("it breaks off")
            return data[colon + 1 : end].decode(errors="replace"), end


def _items(data: bytes, at: int) -> tuple[list[Value], int]:
    items: list[Value] = []
    while data[at : at + 1] != _END:
        item, at = _value(data, at)
        items.append(item)
    return items, at + 1
