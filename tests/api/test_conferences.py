"""Conferences and their members over the API (plivo-rest 4)."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from datetime import timedelta

import pytest

from tests.api.conftest import Client, Server
from tests.api.worker import working
from voiceplat.bus.bus import Bus
from voiceplat.bus.commands import StartRecording, StopRecording
from voiceplat.bus.room_commands import (
    EVERYBODY,
    Deafen,
    Kick,
    Mute,
    PlayToMembers,
    RoomCommand,
    SpeakToMembers,
    StopForMembers,
)
from voiceplat.bus.rooms import RoomAddress, RoomName, ShownMember
from voiceplat.calls.call import Hook
from voiceplat.calls.recording import Channels, FileFormat
from voiceplat.calls.status import Direction
from voiceplat.core.clock import utc_now
from voiceplat.core.ids import (
    AuthId,
    CallUuid,
    ConferenceUuid,
    NodeId,
    new_call_uuid,
    new_conference_uuid,
)
from voiceplat.services.open_account import Credentials

pytestmark = pytest.mark.redis

NAME = "sales / east"
PATH = f"Conference/{NAME}/"
URL = "https://app.example/a.mp3"


class FakeMixer:
    """Shows a room and notes what it is told."""

    def __init__(self, bus: Bus, room: RoomName) -> None:
        self.commands: list[RoomCommand] = []
        self.refusal = ""
        self.uuid: ConferenceUuid = new_conference_uuid()
        self._bus = bus
        self._room = room

    async def open(self, calls: Sequence[CallUuid]) -> None:
        rooms, node = self._bus.rooms, NodeId("host")
        await rooms.claim(self._room, self.uuid, node, timedelta(seconds=5))
        await rooms.opened(self._room, self.uuid, RoomAddress("127.0.0.1", 1, "x"))
        members = [
            ShownMember(
                member=number,
                call_uuid=uuid,
                from_="15550100",
                to="15550199",
                caller_name="Ann",
                direction=Direction.INBOUND,
                muted=number == 2,
                deaf=False,
                joined_at=utc_now() - timedelta(seconds=59),
            )
            for number, uuid in enumerate(calls, start=10)
        ]
        await rooms.show(self._room, self.uuid, members)

    async def obey(self) -> None:
        async with aclosing(self._bus.room_commands.inbox(self.uuid)) as inbox:
            async for message in inbox:
                self.commands.append(message.command)
                await self._bus.room_commands.acknowledge(message, self.refusal)


@asynccontextmanager
async def room_of(
    bus: Bus,
    owner: Credentials,
    *,
    name: str = NAME,
    main: Credentials | None = None,
    calls: Sequence[CallUuid] | None = None,
) -> AsyncIterator[FakeMixer]:
    """Members 10 and 11, unless other calls are given."""
    room = RoomName(
        account=AuthId(owner.auth_id), main=(main or owner).auth_id, name=name
    )
    mixer = FakeMixer(bus, room)
    await mixer.open(calls or [new_call_uuid(), new_call_uuid()])
    task = asyncio.create_task(mixer.obey())
    try:
        yield mixer
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_without_rooms_the_list_is_empty(api: Client) -> None:
    answer = await api.get("Conference/")

    assert answer.status_code == 200
    assert answer.json()["conferences"] == []


async def test_a_room_is_listed_and_shown(server: Server, api: Client) -> None:
    calls = [new_call_uuid(), new_call_uuid()]
    async with room_of(server.bus, server.main, calls=calls):
        listed = await api.get("Conference/")
        shown = await api.get(PATH)

    assert listed.json()["conferences"] == [NAME]
    body = shown.json()
    assert shown.status_code == 200
    assert body["conference_name"] == NAME
    assert body["conference_member_count"] == "2"
    assert int(body["conference_run_time"]) < 20
    first = body["members"][0]
    assert 59 <= int(first.pop("join_time")) < 80
    assert first == {
        "member_id": "10",
        "call_uuid": calls[0],
        "from": "15550100",
        "to": "15550199",
        "caller_name": "Ann",
        "direction": "inbound",
        "muted": False,
        "deaf": False,
    }


async def test_a_room_that_is_not_there_is_not_found(api: Client) -> None:
    sent = {"url": URL, "text": "x"}
    asked = [("GET", ""), ("DELETE", ""), ("DELETE", "Member/10/")]
    asked += [
        (method, f"Member/10/{what}/")
        for what in ("Mute", "Deaf", "Play", "Speak")
        for method in ("POST", "DELETE")
    ]
    asked += [("POST", "Member/10/Kick/"), ("POST", "Record/"), ("DELETE", "Record/")]
    for method, path in asked:
        answer = await api.request(method, PATH + path, json=sent)

        assert answer.status_code == 404, path
        assert answer.json()["error"] == "conference not found"


async def test_a_member_that_is_not_there_is_not_found_and_nothing_is_done(
    server: Server, api: Client
) -> None:
    async with room_of(server.bus, server.main) as mixer:
        for member in ("9", "10,9", "x", ",", "010", "all,10"):
            answer = await api.post(f"{PATH}Member/{member}/Kick/")

            assert answer.status_code == 404, member
            assert answer.json()["error"] == "member not found"

    assert mixer.commands == []


async def test_what_is_posted_reaches_the_mixer(server: Server, api: Client) -> None:
    hello = {"text": "Hello", "voice": "MAN"}
    play, speak = "play queued into conference", "speak queued into conference"
    async with room_of(server.bus, server.main) as mixer:
        for path, sent, message, member_id in (
            ("10/Kick/", {}, "kicked", "10"),
            ("10,11/Mute/", {}, "muted", "10,11"),
            ("all/Deaf/", {}, "deaf", "all"),
            ("10,11/Play/", {"url": URL}, play, "[u'10', u'11']"),
            ("all/Speak/", hello, speak, "[u'all']"),
        ):
            answer = await api.post(f"{PATH}Member/{path}", json=sent)

            assert answer.status_code == 202, path
            assert answer.json()["message"] == message
            assert answer.json()["member_id"] == member_id

    spoken = SpeakToMembers(
        members=EVERYBODY, text="Hello", voice="MAN", language="en-US"
    )
    assert mixer.commands == [
        Kick(members=(10,)),
        Mute(members=(10, 11), muted=True),
        Deafen(members=EVERYBODY, deaf=True),
        PlayToMembers(members=(10, 11), url=URL),
        spoken,
    ]


async def test_what_is_deleted_reaches_the_mixer(server: Server, api: Client) -> None:
    async with room_of(server.bus, server.main) as mixer:
        for path in ("10/Mute/", "all/Deaf/", "11/Play/", "all/Speak/"):
            answer = await api.delete(f"{PATH}Member/{path}")

            assert answer.status_code == 204, path
            assert answer.content == b""

    assert mixer.commands == [
        Mute(members=(10,), muted=False),
        Deafen(members=EVERYBODY, deaf=False),
        StopForMembers(members=(11,), what="play"),
        StopForMembers(members=EVERYBODY, what="speak"),
    ]


async def test_a_recording_is_begun_for_the_member_who_is_there_longest(
    server: Server, api: Client
) -> None:
    calls = [new_call_uuid(), new_call_uuid()]
    async with room_of(server.bus, server.main, calls=calls) as mixer:
        answer = await api.post(
            f"{PATH}Record/",
            json={
                "file_format": "wav",
                "transcription_type": "auto",
                "transcription_url": "https://app.example/words",
                "transcription_method": "GET",
                "callback_url": URL,
                "callback_method": "GET",
            },
        )

    assert answer.status_code == 202
    body = answer.json()
    (command,) = mixer.commands
    assert isinstance(command, StartRecording)
    order = command.order
    assert body == {
        "api_id": body["api_id"],
        "message": "conference recording started",
        "recording_id": order.id,
        "url": body["url"],
    }
    assert body["url"].endswith(f"/{order.id}.wav")
    assert (order.conference_name, order.conference_uuid) == (NAME, mixer.uuid)
    assert (order.call_uuid, order.from_) == (calls[0], "15550100")
    assert (order.format, order.channels) == (FileFormat.WAV, Channels.MONO)
    assert order.limit is None
    assert order.ready == Hook(url=URL, method="GET")
    assert order.ready_style == "rest"
    assert order.ready_params["api_id"] == body["api_id"]
    assert order.transcription is not None
    assert order.transcription.hook.url == "https://app.example/words"


async def test_a_recording_of_a_subaccounts_room_is_the_subaccounts(
    server: Server, api: Client
) -> None:
    async with room_of(server.bus, server.sub, main=server.main) as mixer:
        answer = await api.post(f"{PATH}Record/")
        stopped = await api.delete(f"{PATH}Record/")

    assert (answer.status_code, stopped.status_code) == (202, 204)
    assert stopped.content == b""
    begun, ended = mixer.commands
    assert isinstance(begun, StartRecording)
    assert begun.order.account == server.sub.auth_id
    assert begun.order.format is FileFormat.MP3
    assert (begun.order.ready, begun.order.transcription) == (None, None)
    assert ended == StopRecording()


async def test_a_room_that_is_over_meanwhile_is_not_recorded(
    server: Server, api: Client
) -> None:
    async with room_of(server.bus, server.main) as mixer:
        mixer.refusal = "conference not found"
        answer = await api.post(f"{PATH}Record/")

    assert answer.status_code == 404
    assert answer.json()["error"] == "conference not found"


async def test_a_sound_needs_its_words_or_its_url(server: Server, api: Client) -> None:
    async with room_of(server.bus, server.main):
        for path in ("Play/", "Speak/"):
            answer = await api.post(f"{PATH}Member/10/{path}", json={})

            assert answer.status_code == 400
            assert "parameter is missing" in answer.json()["error"]


async def test_a_member_that_leaves_meanwhile_is_not_found(
    server: Server, api: Client
) -> None:
    async with room_of(server.bus, server.main) as mixer:
        mixer.refusal = "member not found"
        answer = await api.post(f"{PATH}Member/10/Kick/")

    assert answer.status_code == 404


async def test_hanging_up_ends_the_calls_of_members(
    server: Server, api: Client
) -> None:
    main = server.main.auth_id
    async with working(server.bus) as worker:
        calls = [await worker.take_inbound(main, main) for _ in range(3)]
        async with room_of(server.bus, server.main, calls=calls):
            one = await api.delete(f"{PATH}Member/11/")
            left = await server.bus.live.list(main, status="live")
            rest = await api.delete("Conference/")

    assert (one.status_code, rest.status_code) == (204, 204)
    assert sorted(left) == sorted({*calls} - {calls[1]})
    assert await server.bus.live.list(main, status="live") == []


async def test_a_room_is_hung_up_by_its_name(server: Server, api: Client) -> None:
    main = server.main.auth_id
    async with working(server.bus) as worker:
        calls = [await worker.take_inbound(main, main) for _ in range(2)]
        async with room_of(server.bus, server.main, calls=calls):
            answer = await api.delete(PATH)

    assert answer.status_code == 204
    assert await server.bus.live.list(main, status="live") == []


async def test_accounts_see_their_own_rooms_and_those_of_their_subaccounts(
    server: Server, api: Client
) -> None:
    async with (
        room_of(server.bus, server.sub, main=server.main),
        server.client(server.sub) as sub,
        server.client(server.stranger) as stranger,
    ):
        assert (await sub.get("Conference/")).json()["conferences"] == [NAME]
        assert (await api.get("Conference/")).json()["conferences"] == [NAME]
        assert (await api.get(PATH)).status_code == 200
        assert (await api.post(f"{PATH}Member/10/Mute/")).status_code == 202
        assert (await stranger.get("Conference/")).json()["conferences"] == []
        assert (await stranger.get(PATH)).status_code == 404
        assert (await stranger.delete("Conference/")).status_code == 204

    async with (
        room_of(server.bus, server.main, name="of main"),
        server.client(server.sub) as sub,
    ):
        assert (await sub.get("Conference/of main/")).status_code == 404


async def test_of_two_rooms_of_one_name_the_accounts_own_is_meant(
    server: Server, api: Client
) -> None:
    async with (
        room_of(server.bus, server.sub, main=server.main) as of_sub,
        room_of(server.bus, server.main) as own,
    ):
        await api.post(f"{PATH}Member/all/Mute/")

    assert of_sub.commands == []
    assert len(own.commands) == 1
