"""Dial at work: all callees ring at once, the first one is connected (plivo-xml 3.6).

Whatever ends it, by its own rules or by cancellation, every B leg is ended, each with
one cause. What the customer is told when it is over is in `result`.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass

import structlog

from voiceplat.calls import params
from voiceplat.calls.dialling import BLeg, NotDialled
from voiceplat.calls.hangup import CAUSES, HangupCause, HangupSource
from voiceplat.calls.leg import CallEnded, until_hung_up
from voiceplat.calls.outcome import End
from voiceplat.calls.session import CallSession
from voiceplat.calls.status import CallStatus
from voiceplat.core.errors import MediaError
from voiceplat.core.ids import CallUuid
from voiceplat.core.race import first_of
from voiceplat.xml.dial_music import Music
from voiceplat.xml.dial_plan import Callee, DialPlan
from voiceplat.xml.other_leg import OtherLeg
from voiceplat.xml.prompting import cut_by, play_all
from voiceplat.xml.sound_document import sounds_of
from voiceplat.xml.talking import LEFT, SENT_ON, Talk

log = structlog.get_logger()

LOST_RACE = End(CAUSES[9000])
GAVE_UP = End(CAUSES[1000], HangupSource.CALLER)
NO_ANSWER = End(CAUSES[6010])
UNCONFIRMED = End(CAUSES[9110])

_DIAL_STATUS = {
    CallStatus.BUSY: "busy",
    CallStatus.NO_ANSWER: "no-answer",
    CallStatus.TIMEOUT: "no-answer",
    CallStatus.CANCEL: "cancel",
}

Winner = tuple[Callee, BLeg]


@dataclass(frozen=True, slots=True)
class Result:
    """What a Dial came to."""

    status: str
    """completed, busy, failed, cancel, timeout, no-answer."""
    cause: str
    """The telephony word: NORMAL_CLEARING, USER_BUSY, …"""
    b_leg: str = ""
    """UUID of the leg that was connected."""


def _in_vain(cause: HangupCause) -> Result:
    if cause is CAUSES[4250]:
        return Result("timeout", cause.text)
    return Result(_DIAL_STATUS.get(cause.status, "failed"), cause.text)


class Dialling:
    def __init__(self, plan: DialPlan, call: CallSession) -> None:
        self._plan = plan
        self._call = call
        self._music = Music(plan.music, call)
        self._legs: list[BLeg] = []
        self._answered: set[CallUuid] = set()
        self._why_not = CAUSES[3000]
        """Of those who will not come, the latest."""
        self.rang = False
        self.sent_on = False
        """The B leg talks with somebody else, and the A leg is to end."""
        self.result = _in_vain(CAUSES[1000])
        """Until it is over: what is true if the A leg leaves now."""

    async def run(self) -> None:
        """Returns when the talk, or the ringing in vain, is over.

        Raises CallEnded when the A leg leaves.
        """
        try:
            await self._call.leg.ring()
            winner = await first_of(self._find(), until_hung_up(self._call.leg))
            if winner is None:
                self.result = _in_vain(self._why_not)
            else:
                await self._talk(*winner)
        finally:
            for b_leg in self._legs:
                b_leg.end(GAVE_UP)

    async def _talk(self, callee: Callee, b_leg: BLeg) -> None:
        self.rang = True
        end = LEFT
        talk = Talk(self._plan, self._call, callee, b_leg)
        try:
            end = await talk.run()
        finally:
            self.sent_on = end is SENT_ON
            self.result = Result("completed", end.cause.text, talk.b_leg.uuid)

    async def _find(self) -> Winner | None:
        """Whoever may be connected first; the others are ended."""
        tries = [asyncio.create_task(self._try(it)) for it in self._plan.callees]
        music = asyncio.create_task(self._music.play())
        winner: Winner | None = None
        try:
            for trying in asyncio.as_completed(tries):
                if winner := await trying:
                    break
        finally:
            why = GAVE_UP if winner is None else LOST_RACE
            for task in (music, *tries):
                task.cancel()
            ends = [it.end(why) for it in self._legs if not winner or it != winner[1]]
            await asyncio.gather(music, *tries, *ends, return_exceptions=True)
        return winner

    async def _try(self, callee: Callee) -> Winner | None:
        """The leg when it may be connected; None when it will not come."""
        if callee.refused is not None:
            self._why_not = callee.refused
            return None
        try:
            b_leg = await self._call.dialler.dial(callee.target)
        except NotDialled as error:
            log.info("leg_not_dialled", position=callee.position, why=str(error))
            self._why_not = error.cause
            return None
        self._legs.append(b_leg)
        try:
            end = await self._until_connectable(callee, b_leg)
        except CallEnded:
            end = b_leg.own_end()
        if end is None:
            return callee, b_leg
        self._why_not = end.cause
        answered = b_leg.leg.answered
        if answered:  # perhaps without audio
            self._was_answered(callee, b_leg)
        ended = await b_leg.end(end)
        if answered:
            self._plan.tell_hangup(self._call, callee, b_leg, ended)
        return None

    def _was_answered(self, callee: Callee, b_leg: BLeg) -> None:
        if b_leg.uuid not in self._answered:
            self._answered.add(b_leg.uuid)
            b_leg.was_answered()
            about = callee.about(self._call, b_leg)
            self._plan.tell(self._call, params.dial_answer(about))

    async def _until_connectable(self, callee: Callee, b_leg: BLeg) -> End | None:
        """None when it was answered and confirmed; else how it is to end."""
        unanswered = await first_of(
            self._until_answered(callee, b_leg),
            _after(self._plan.ring_s, NO_ANSWER),
            b_leg.until_commanded(),
        )
        if unanswered is not None:
            return unanswered
        self._was_answered(callee, b_leg)
        return await first_of(self._confirmed(b_leg), b_leg.until_commanded())

    async def _until_answered(self, callee: Callee, b_leg: BLeg) -> None:
        watches = [
            asyncio.create_task(self._watch_ringing(b_leg)),
            asyncio.create_task(self._watch_early_media(callee, b_leg)),
        ]
        try:
            await b_leg.leg.until_answered()
        finally:
            for watch in watches:
                watch.cancel()
            await asyncio.gather(*watches, return_exceptions=True)

    async def _watch_ringing(self, b_leg: BLeg) -> None:
        with suppress(CallEnded):
            await b_leg.leg.until_ringing()
            b_leg.rings()
            self.rang = True

    async def _watch_early_media(self, callee: Callee, b_leg: BLeg) -> None:
        with suppress(CallEnded, MediaError):
            await b_leg.leg.until_media()
            self._music.hear(b_leg.leg)
            if callee.send_on_preanswer:
                await callee.send_digits_to(b_leg.leg)

    async def _confirmed(self, b_leg: BLeg) -> End | None:
        confirm = self._plan.confirm
        if confirm is None:
            return None
        heard_by = OtherLeg(self._call, b_leg.leg)
        steps = await sounds_of(confirm.sound, heard_by)
        if not confirm.key:
            await play_all(steps, heard_by)
            return None
        try:
            async with asyncio.timeout(confirm.within_s):
                await cut_by(
                    _until_pressed(b_leg, confirm.key),
                    play_all(steps, heard_by),
                    patience_s=confirm.within_s,
                )
        except TimeoutError:
            return UNCONFIRMED
        return None


async def _until_pressed(b_leg: BLeg, key: str) -> None:
    while await b_leg.leg.next_digit() != key:
        pass


async def _after(seconds: float, end: End) -> End:
    await asyncio.sleep(seconds)
    return end
