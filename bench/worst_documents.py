"""The most expensive texts of the largest size: what an attacker, or a bug, sends."""

from collections.abc import Callable, Iterator
from itertools import islice, product
from string import ascii_letters, digits
from typing import Final

SIZE: Final = 100 * 1024
_DEEPEST: Final = 30
"""SSML tags below Response and Speak: the deepest nesting that is not refused."""


def texts() -> Iterator[tuple[str, bytes]]:
    """Each by its name; valid documents and others."""
    for name, make in _SHAPES.items():
        text = make().encode()
        yield name, text[:SIZE] if name.startswith("cut ") else text


def siblings(element: str) -> str:
    """`element` as often as there is room for it."""
    room = SIZE - len("<Response></Response>")
    return f"<Response>{element * (room // len(element.encode()))}</Response>"


def spoken(inside: str) -> str:
    """`inside` as often as there is room, in one Speak."""
    around = '<Response><Speak voice="Polly.Amy">{}</Speak></Response>'
    room = SIZE - len(around)
    return around.format(inside * (room // len(inside.encode())))


def _attributes() -> str:
    """With names as short as there are."""
    names = map("".join, product(ascii_letters, ascii_letters + digits, ascii_letters))
    count = (SIZE - 40) // len('aaa="" ')
    written = " ".join(f'{name}=""' for name in islice(names, count))
    return f"<Response><Wait {written}/></Response>"


def _long_attribute() -> str:
    return f'<Response><Wait length="{"9" * (SIZE - 40)}"/></Response>'


def _deep(tag: str) -> str:
    tower = f"<{tag}>" * _DEEPEST + f"</{tag}>" * _DEEPEST
    return spoken(tower)


def _entities() -> str:
    """Ten entities, each ten times the one before: a billion characters."""
    made = ['<!ENTITY e0 "0123456789">']
    made += [f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10)]
    body = '<Response a="&e9;"><Speak>&e9;</Speak></Response>'
    return f"<!DOCTYPE Response [{''.join(made)}]>{body}"


def _one_long_entity() -> str:
    """Quadratic: one long entity, named again and again."""
    long = "a" * (SIZE // 2)
    often = "&e;" * (SIZE // 6 - 40)
    return f'<!DOCTYPE Response [<!ENTITY e "{long}">]><Response>{often}</Response>'


def _prefixes() -> str:
    return siblings("<a:b/>")


def _namespaces() -> str:
    declared = " ".join(f'xmlns:n{number}="u"' for number in range(5000))
    return f"<Response {declared}/>"


_SHAPES: Final[dict[str, Callable[[], str]]] = {
    "one long attribute": _long_attribute,
    "attributes": _attributes,
    "siblings: Wait": lambda: siblings("<Wait/>"),
    "siblings: Play": lambda: siblings("<Play>a</Play>"),
    "siblings: Hangup": lambda: siblings("<Hangup/>"),
    "siblings: PreAnswer": lambda: siblings("<PreAnswer/>"),
    "siblings: Speak": lambda: siblings("<Speak/>"),
    "siblings: Speak with a tag": lambda: siblings("<Speak><s/></Speak>"),
    "siblings: unknown": lambda: siblings("<X/>"),
    "siblings: prefixes nobody declared": _prefixes,
    "siblings: comments": lambda: siblings("<!---->"),
    "siblings: processing instructions": lambda: siblings("<?a?>"),
    "siblings: CDATA": lambda: siblings("<![CDATA[]]>"),
    "SSML tags side by side": lambda: spoken("<s/>"),
    "SSML tags with an attribute": lambda: spoken('<w role=""/>'),
    "siblings: Wait with a length": lambda: siblings('<Wait length="9"/>'),
    "siblings: Speak with a word": lambda: siblings("<Speak>a</Speak>"),
    "SSML tags with text": lambda: spoken("<s>a</s>b"),
    "SSML tags, nested deep": lambda: _deep("lang"),
    "unknown tags in Speak, nested deep": lambda: _deep("x"),
    "unknown tags in Speak": lambda: spoken("<x/>"),
    "prefixes nobody declared in Speak": lambda: spoken("<a:b/>"),
    "text of character references": lambda: spoken("&#9;"),
    "text of entities": lambda: spoken("&lt;"),
    "text": lambda: spoken("a"),
    "line ends": lambda: spoken("\r\n"),
    "nested without end": lambda: "<Response>" + "<lang>" * (SIZE // 7),
    "nested and closed": lambda: "<Response>" * 4000 + "</Response>" * 4000,
    "entity bomb": _entities,
    "one long entity, often": _one_long_entity,
    "namespaces": _namespaces,
    "cut off in a tag": lambda: siblings("<Wait length=") + "<Wait" * 9,
    "cut off raw ampersands": lambda: siblings("&"),
    "cut attributes without end": lambda: "<Response a='" + "a" * SIZE,
    "cut comment without end": lambda: "<Response><!--" + "-" * SIZE,
}
