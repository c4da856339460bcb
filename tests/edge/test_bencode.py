"""The language in which rtpengine answers."""

import pytest

from voiceplat.edge.bencode import NotBencode, Value, decode


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b"i42e", 42),
        (b"i-1e", -1),
        (b"4:pong", "pong"),
        (b"0:", ""),
        (b"le", []),
        (b"li1ei2ee", [1, 2]),
        (b"de", {}),
        (b"d6:result4:pong4:listli1e1:aee", {"result": "pong", "list": [1, "a"]}),
        (b"d1:ad1:bi0eee", {"a": {"b": 0}}),
    ],
)
def test_every_kind_of_value_is_read(data: bytes, value: Value) -> None:
    assert decode(data) == value


@pytest.mark.parametrize(
    "data",
    [b"", b"x", b"i42", b"iabce", b"9:short", b"li1e", b"d1:ae", b"i1ei2e", b"-1:a"],
)
def test_what_is_none_is_refused(data: bytes) -> None:
    with pytest.raises(NotBencode):
        decode(data)
