"""A mixer: one process, one conference, from its first member to its last."""

import asyncio
import os
import secrets
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from typing import Final

import structlog
from pydantic import BaseModel, ConfigDict

from voiceplat.bus.bus import Bus
from voiceplat.bus.events import Callback
from voiceplat.bus.reporter import Reporter
from voiceplat.bus.rooms import RoomAddress, RoomName, ShownMember
from voiceplat.calls import conference_params
from voiceplat.calls.conference import Badge
from voiceplat.calls.recording import Recording
from voiceplat.calls.session import Prompts
from voiceplat.core.errors import CommandRefused, Unavailable
from voiceplat.core.ids import ConferenceUuid
from voiceplat.core.log import configure_logging, last_words
from voiceplat.core.race import first_of
from voiceplat.core.settings import Settings
from voiceplat.links.channel import Door
from voiceplat.links.lifeline import next_order
from voiceplat.links.ports import link_ports
from voiceplat.metrics.told import RoomGap, Tell, nobody, teller
from voiceplat.mixer.conference import Conference
from voiceplat.mixer.member_channel import Join, MemberChannel, Out
from voiceplat.mixer.mix import Mix
from voiceplat.mixer.priority import go_first
from voiceplat.mixer.recorder import LiveRoomRecorder
from voiceplat.mixer.sounding import Sounding
from voiceplat.speech.client import SpeechClient

log = structlog.get_logger()

LAST_WORDS_S: Final = 5.0
"""How long members may take to go, and the bus to hear of it."""


class MixerWanted(BaseModel):
    """A room that was claimed on the bus and is to be made."""

    model_config = ConfigDict(frozen=True)

    room: RoomName
    uuid: ConferenceUuid


@dataclass(frozen=True, slots=True)
class MixerSpec:
    settings: Settings
    wanted: MixerWanted


def mixer_main(spec: MixerSpec, lifeline: Connection) -> None:
    """Body of the process; `lifeline` brings orders, and its end the supervisor's."""
    settings = spec.settings
    uuid = spec.wanted.uuid
    configure_logging("mixer", settings.log_level, settings.log_style, conference=uuid)
    if not go_first():
        log.debug("mixer_may_not_go_first")
    with last_words():
        asyncio.run(_serve(spec, lifeline))


async def _serve(spec: MixerSpec, lifeline: Connection) -> None:
    settings = spec.settings
    media = settings.media
    async with AsyncExitStack() as parts:
        enter = parts.enter_async_context
        prompts = await enter(SpeechClient(settings))
        bus = await enter(Bus.connect(settings.redis))
        door = await enter(
            Door.open(
                media.private_host, link_ports(media), lost_after_s=media.link_lost_s
            )
        )
        await Mixer(spec, bus, prompts, door, teller(lifeline)).run(lifeline)


class Mixer:
    """A conference and what connects it to the bus and to its members."""

    def __init__(
        self,
        spec: MixerSpec,
        bus: Bus,
        prompts: Prompts,
        door: Door,
        tell: Tell = nobody,
    ) -> None:
        wanted, settings = spec.wanted, spec.settings
        media = settings.media
        self._wanted = wanted
        self._bus = bus
        self._door = door
        self._media = media
        self._reporter = Reporter()
        self._members: set[asyncio.Task[None]] = set()
        self._password = secrets.token_urlsafe()
        self._mix = Mix(
            host=media.private_host,
            ports=link_ports(media),
            on_floor=self._took_floor,
            on_gap=lambda ticks: tell(RoomGap(ticks=ticks)),
        )
        self._sounding = Sounding(self._mix, prompts)
        self._recorder = LiveRoomRecorder(self._mix, settings, self._tell_recording)
        self._conference = Conference(
            wanted.room.name,
            wanted.uuid,
            password=self._password,
            sound=self._mix,
            sounding=self._sounding,
            longest_text=prompts.longest_text,
            show=self._show,
            tell_leaving=self._tell_leaving,
            recorder=self._recorder,
        )

    async def run(self, lifeline: Connection) -> None:
        """Returns when the conference is over, and everybody knows."""
        address = RoomAddress(self._door.host, self._door.port, self._password)
        wanted = self._wanted
        try:
            if not await self._bus.rooms.opened(wanted.room, wanted.uuid, address):
                log.warning("room_not_wanted_any_more")
                return
        except Unavailable as error:
            log.warning("room_not_opened", why=str(error))
            return
        log.info("room_opened", pid=os.getpid())
        async with asyncio.TaskGroup() as tasks:
            background = [
                tasks.create_task(part)
                for part in (
                    self._mix.run(),
                    self._reporter.run(),
                    self._obey(),
                    self._let_in(),
                    self._end_when_nobody_comes(),
                )
            ]
            stop = asyncio.Event()
            background.append(tasks.create_task(_until_told(lifeline, stop)))
            await first_of(self._conference.until_over(), stop.wait())
            self._conference.end()
            await first_of(self._say_goodbye(), _hurry(stop))
            for task in (*background, *self._members):
                task.cancel()
            await self._sounding.close()
        log.info("room_closed")

    async def _say_goodbye(self) -> None:
        """Returns when the bus knows of all who left, and the archive has its takes."""
        await asyncio.gather(self._free_name(), self._recorder.close())
        await self._conference.until_nobody()
        await self._reporter.flushed()

    async def _free_name(self) -> None:
        with suppress(Unavailable):  # the supervisor does it again
            await self._bus.rooms.release(self._wanted.room, self._wanted.uuid)

    async def _let_in(self) -> None:
        while True:
            channel = await self._door.guest(MemberChannel)
            member = asyncio.create_task(self._serve(channel))
            self._members.add(member)
            member.add_done_callback(self._members.discard)

    async def _serve(self, channel: MemberChannel) -> None:
        try:
            await self._conference.serve(channel)
        except Exception:
            log.exception("member_failed")  # one must not take the others along
        finally:
            await channel.close()

    async def _end_when_nobody_comes(self) -> None:
        """Whoever had the room made is gone."""
        await asyncio.sleep(self._media.room_timeout_ms / 1000)
        self._conference.end_if_empty()

    async def _obey(self) -> None:
        async for message in self._bus.room_commands.inbox(self._wanted.uuid):
            error = ""
            try:
                self._conference.obey(message.command)
            except CommandRefused as refusal:
                error = str(refusal)
            # after what it changed was shown
            self._reporter.tell(
                partial(self._bus.room_commands.acknowledge, message, error)
            )

    def _took_floor(self, member: int) -> None:
        self._conference.took_floor(member)

    def _show(self, members: Sequence[ShownMember]) -> None:
        room, uuid = self._wanted.room, self._wanted.uuid
        self._reporter.tell(lambda: self._bus.rooms.show(room, uuid, members))

    def _tell_leaving(self, join: Join, badge: Badge, out: Out) -> None:
        """In the place of a worker that died."""
        if join.events is None:
            return
        exit_ = conference_params.exit_(
            badge, last=out.last, recording=self._conference.recording
        )
        callback = Callback(
            account=join.account, hook=join.events, params=dict(join.about) | exit_
        )
        self._reporter.tell(
            lambda: self._bus.events.notify(join.call_uuid, callback, badge.exit_mark)
        )

    def _tell_recording(self, recording: Recording) -> None:
        self._reporter.tell(lambda: self._bus.events.recorded(recording))


async def _until_told(lifeline: Connection, stop: asyncio.Event) -> None:
    """To stop; the end of the supervisor tells that, too."""
    await next_order(lifeline)
    stop.set()


async def _hurry(stop: asyncio.Event) -> None:
    """One that is told to stop does not wait for a bus that is away."""
    await stop.wait()
    await asyncio.sleep(LAST_WORDS_S)
    log.warning("room_leaves_untold")
