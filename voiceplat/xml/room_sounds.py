"""Sounds of a document that a room is to hear: enterSound, exitSound (plivo-xml 3.7).

Nothing is made here: the room may be on another host, and has its own prompts.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from voiceplat.calls.session import CallSession
from voiceplat.calls.sounds import Beep, File, RoomSound, Silence, Speech
from voiceplat.xml.elements.play import Play
from voiceplat.xml.elements.speak import Speak
from voiceplat.xml.elements.wait import Wait
from voiceplat.xml.sound_document import elements_of
from voiceplat.xml.values import is_web_url

BEEPS: Final = {"beep:1": 1, "beep:2": 2}
GAP_S: Final = 0.1


async def room_sounds_of(sound: str, call: CallSession) -> tuple[RoomSound, ...]:
    """`beep:1`, `beep:2`, or the URL of a document; nothing for all else."""
    if count := BEEPS.get(sound):
        beep: tuple[RoomSound, ...] = (Beep(),)
        return beep + (Silence(seconds=GAP_S), *beep) * (count - 1)
    elements = await elements_of(sound, call) if sound else []
    return tuple(_sounds(elements, call.prompts.longest_text))


def speech_of(speak: Speak, longest_text: int) -> Iterator[Speech]:
    voice, scripts = speak.spoken(longest_text)
    if scripts:
        yield Speech(
            scripts=scripts, voice=voice, language=speak.language, loop=speak.loop
        )


def _sounds(
    elements: Iterable[Play | Speak | Wait], longest_text: int
) -> Iterator[RoomSound]:
    for element in elements:
        match element:
            case Play() if is_web_url(element.text):
                yield File(url=element.text, loop=element.loop)
            case Speak():
                yield from speech_of(element, longest_text)
            case Wait():
                yield Silence(seconds=element.length)
            case _:
                pass
