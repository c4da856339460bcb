"""Wire names of the requests about a conference member (plivo-rest 8.5).

Besides these fields each has the call's own (`calls/params.py`).
"""

from voiceplat.calls.conference import Badge
from voiceplat.calls.recording import RoomRecording


def left(member: Badge, recording: RoomRecording | None) -> dict[str, str]:
    """Conference's own fields of its action."""
    return _who(member) | _recording(recording)


def enter(member: Badge) -> dict[str, str]:
    """callbackUrl: a member has come."""
    return _event(member, "ConferenceEnter", "enter") | _place(member, last=False)


def exit_(
    member: Badge, *, last: bool, recording: RoomRecording | None
) -> dict[str, str]:
    """callbackUrl: a member has left; `last` when nobody is left."""
    event = _event(member, "ConferenceExit", "exit")
    return event | _place(member, last=last) | _recording(recording)


def digits(member: Badge, pattern: str) -> dict[str, str]:
    """callbackUrl: a member pressed what is watched for."""
    event = _event(member, "ConferenceDigitsMatch", "digits")
    return event | {"ConferenceDigitsMatch": pattern}


def floor(member: Badge) -> dict[str, str]:
    """callbackUrl: everybody listens to this member now."""
    return _event(member, "ConferenceFloor", "floor")


def _event(member: Badge, event: str, action: str) -> dict[str, str]:
    return {"Event": event, "ConferenceAction": action} | _who(member)


def _who(member: Badge) -> dict[str, str]:
    return {
        "ConferenceName": member.room,
        "ConferenceUUID": member.conference_uuid,
        "ConferenceMemberID": str(member.member),
    }


def _recording(of_room: RoomRecording | None) -> dict[str, str]:
    if of_room is None:
        return {}
    return {"RecordUrl": of_room.url, "RecordingID": of_room.id}


def _place(member: Badge, *, last: bool) -> dict[str, str]:
    return {
        "ConferenceFirstMember": "true" if member.first else "false",
        "ConferenceLastMember": "true" if last else "false",
    }


def recorded(member: Badge) -> dict[str, str]:
    """callbackUrl: the room's recording is ready; its own fields come with it."""
    return _event(member, "ConferenceRecord", "record")
