"""What of a partial result will stay: the words that two decodes agreed on."""

from voiceplat.calls.hearing import Interim


class Agreement:
    """Of one utterance. What was stable once is never taken back."""

    def __init__(self) -> None:
        self._before: list[str] = []
        self._stable: list[str] = []

    def agree(self, text: str) -> Interim:
        """The next decode's text against the one before."""
        words = text.split()
        kept = len(self._stable)
        agreed = _agreed(self._before, words)
        if agreed > kept == _agreed(self._stable, words):
            self._stable += words[kept:agreed]
        self._before = words
        rest = words[len(self._stable) :]
        return Interim(
            stable=" ".join(self._stable),
            unstable=" ".join(rest),
            stability=agreed / (len(words) or 1),
        )


def _agreed(before: list[str], now: list[str]) -> int:
    """Words that both begin with, marks apart."""
    same = 0
    for one, other in zip(before, now, strict=False):
        if _bare(one) != _bare(other):
            break
        same += 1
    return same


def _bare(word: str) -> str:
    return word.strip(".,;:!?-…").casefold()
