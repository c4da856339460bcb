"""Methods of conferences and their members (plivo-rest 4)."""

from typing import Final

from tests.compat.sdk import shapes
from tests.compat.sdk.rows import Row, given, with_a
from tests.compat.sdk.shapes import TEXT, UUID, done


def _told(message: str) -> shapes.Shape:
    return done(message, member_id=TEXT)


CONFERENCES: Final = (
    Row(
        "conferences.list",
        "conferences.list",
        lambda it: with_a(it.room()),
        {"api_id": UUID, "conferences": [TEXT]},
    ),
    Row(
        "conferences.get",
        "conferences.get",
        lambda it: given(it.room()),
        shapes.CONFERENCE,
    ),
    Row(
        "conferences.hangup conferences.delete",
        "conferences.hangup",
        lambda it: given(it.own_room()),
        None,
    ),
    Row(
        "conferences.hangup_all conferences.delete_all",
        "conferences.hangupAll",
        lambda it: with_a(it.own_room()),
        None,
    ),
    Row(
        "conferences.record",
        "conferences.record conferences.startRecording",
        lambda it: given(it.room(), file_format="wav"),
        done("conference recording started", recording_id=UUID, url=shapes.URL),
    ),
    Row(
        "conferences.record_stop",
        "conferences.stopRecording",
        lambda it: given(it.room()),
        None,
    ),
)

MEMBERS: Final = (
    Row(
        "conferences.member_hangup",
        "conferences.hangupMember",
        lambda it: given(*it.member(it.own_room())),
        None,
    ),
    Row(
        "conferences.member_kick",
        "conferences.kickMember",
        lambda it: given(*it.member(it.own_room())),
        _told("kicked"),
    ),
    Row(
        "conferences.member_mute",
        "conferences.muteMember",
        lambda it: given(*it.member()),
        _told("muted"),
    ),
    Row(
        "conferences.member_mute_stop",
        "conferences.unmuteMember",
        lambda it: given(*it.member()),
        None,
    ),
    Row(
        "conferences.member_deaf",
        "conferences.deafMember",
        lambda it: given(*it.member()),
        _told("deaf"),
    ),
    Row(
        "conferences.member_deaf_stop",
        "conferences.undeafMember",
        lambda it: given(*it.member()),
        None,
    ),
    Row(
        "conferences.member_play",
        "conferences.playAudioToMember",
        lambda it: given(*it.member(), it.tone),
        _told("play queued into conference"),
    ),
    Row(
        "conferences.member_play_stop",
        "conferences.stopPlayingAudioToMember",
        lambda it: given(*it.member()),
        None,
    ),
    Row(
        "conferences.member_speak",
        "conferences.speakTextToMember",
        lambda it: given(*it.member(), "Hello.", voice="WOMAN", language="en-US"),
        _told("speak queued into conference"),
    ),
    Row(
        "conferences.member_speak_stop",
        "conferences.stopSpeakingTextToMember",
        lambda it: given(*it.member()),
        None,
    ),
)
