"""What the largest documents of the worst shapes cost before they run or are refused.

One figure for the worst of them, one for a document as people write them; both in CPU
time, because the parser waits for nothing, and both without this program's own heap in
the way of the garbage collector, as in a call worker (media/fork_server.py).
"""

import gc
import sys
import time
from contextlib import suppress
from typing import Final

from structlog.testing import capture_logs

from bench.figures import Figure, median
from bench.worst_documents import texts
from voiceplat.core.errors import DocumentError
from voiceplat.xml.document import parse

ROUNDS: Final = 5
TARGET_MS: Final = 100
_USUAL: Final = b"""<?xml version="1.0" encoding="utf-8"?>
<Response>
  <Speak voice="Polly.Amy">Your code is <break time="500ms"/>
    <say-as interpret-as="digits">1234</say-as>, thank you.</Speak>
  <Play loop="2">https://example.com/music.mp3</Play>
  <Wait length="2"/>
  <Redirect method="GET">https://example.com/next?a=1&amp;b=2</Redirect>
</Response>
"""


async def parsed() -> list[Figure]:
    gc.freeze()
    with capture_logs():  # what is passed over is not worth a line here
        took = {name: _took_ms(text) for name, text in texts()}
    worst = max(took, key=took.__getitem__)
    for name in sorted(took, key=took.__getitem__, reverse=True):
        print(f"{took[name]:7.1f} ms  {name}", file=sys.stderr)
    usual = _took_ms(_USUAL)
    gc.unfreeze()
    return [
        Figure("100 KB document, the worst shape, CPU", took[worst], target=TARGET_MS),
        Figure("  a document of five elements", usual),
    ]


def _took_ms(text: bytes) -> float:
    """The median of some rounds."""
    rounds = []
    for _ in range(ROUNDS):
        began = time.process_time()
        with suppress(DocumentError):
            parse(text, lenient=True)
        rounds.append((time.process_time() - began) * 1000)
    return median(rounds)
