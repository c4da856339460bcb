"""What was said in a file: passages, in the order in which they began."""

import json
from itertools import groupby
from typing import Literal

from pydantic import BaseModel

Channel = Literal["mono", "left", "right"]


class Passage(BaseModel):
    channel: Channel
    start_ms: int
    end_ms: int
    text: str
    confidence: float


class Transcript(BaseModel):
    passages: list[Passage]

    @property
    def compact(self) -> str:
        """The words alone; a new line where another party speaks."""
        turns = groupby(self.passages, key=lambda passage: passage.channel)
        return "\n".join(
            " ".join(passage.text for passage in passages) for _, passages in turns
        )

    @property
    def full(self) -> str:
        """JSON: a list of passages with who spoke, when, and how sure it is."""
        return json.dumps([passage.model_dump() for passage in self.passages])
