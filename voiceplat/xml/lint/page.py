"""What a rule may look at: all that the parser saw of one text."""

from dataclasses import dataclass, field
from typing import Protocol

from typing_extensions import override

from voiceplat.core.errors import DocumentError
from voiceplat.xml.document import Document, Made, Source, Witness


@dataclass(frozen=True, slots=True)
class Seen:
    """One element; `made` is None when it was passed over."""

    made: Made | None
    source: Source


class Installed(Protocol):
    """What this machine can say and understand."""

    def cannot_speak(self, voice: str, language: str) -> str:
        """Why nobody can; empty when somebody can."""

    def cannot_hear(self, language: str) -> str:
        """Why nobody can; empty when somebody can."""


class Anything(Installed):
    """A machine that nothing is known of."""

    @override
    def cannot_speak(self, voice: str, language: str) -> str:
        return ""

    @override
    def cannot_hear(self, language: str) -> str:
        return ""


@dataclass(frozen=True, slots=True)
class Page(Witness):
    """Fills while the parser reads."""

    speak_max_chars: int
    installed: Installed
    seen: list[Seen] = field(default_factory=list)
    faults: list[DocumentError] = field(default_factory=list)
    _places: dict[int, Source] = field(default_factory=dict)
    """By identity: two elements that say the same are equal."""

    @override
    def saw(self, made: Made | None, source: Source) -> None:
        self.seen.append(Seen(made, source))
        self._places[id(made)] = source

    @override
    def failed(self, error: DocumentError) -> None:
        self.faults.append(error)

    @property
    def document(self) -> Document | None:
        """None when it fails: then nothing of it runs, in no order."""
        made = self.seen[-1].made if self.seen else None
        return made if isinstance(made, Document) and not self.faults else None

    def source(self, made: Made) -> Source:
        """Where one of the document's own elements stands."""
        return self._places[id(made)]
