"""Plivo's SDK methods for voice: which work here, as the last part of the page.

A method works when a test that carries `@pytest.mark.sdk_method(sdk, method)` runs in
`make test`. What is not built stands in NOT_BUILT, a line for each method: when it is
built, its line goes, and the table of tests/compat/sdk/ calls it from then on.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Final

import pytest

NODE_PROJECT: Final = Path(__file__).parents[1] / "compat/node/package.json"
NO_PROOF: Final = ("skip", "xfail")

METHODS: Final[Mapping[str, Mapping[str, str]]] = {
    "python": {
        "account": "get update",
        "subaccounts": "create get list update delete",
        "applications": "create get list update delete",
        "calls": (
            "create list get update transfer hangup delete cancel "
            "record start_recording record_stop stop_recording "
            "play start_playing play_stop stop_playing "
            "speak start_speaking speak_stop stop_speaking send_digits "
            "start_stream get_all_streams get_details_of_specific_stream "
            "delete_specific_stream delete_all_streams "
            "live_call_list_ids live_call_get queued_call_list_ids queued_call_get"
        ),
        "live_calls": "list_ids get",
        "queued_calls": "list_ids get",
        "conferences": (
            "list get hangup delete hangup_all delete_all record record_stop "
            "member_hangup member_kick member_mute member_mute_stop "
            "member_deaf member_deaf_stop member_play member_play_stop "
            "member_speak member_speak_stop"
        ),
        "endpoints": "create get list update delete",
        "recordings": "list get delete",
        "transcriptions": (
            "create_transcription get_transcription delete_transcription"
        ),
        "numbers": "list get update search buy create delete",
        "pricing": "get",
        "token": "create",
        "call_feedback": "create",
        "multi_party_calls": (
            "list get add_participant start stop "
            "start_recording stop_recording pause_recording resume_recording "
            "list_participants get_participant update_participant kick_participant "
            "start_participant_recording stop_participant_recording "
            "pause_participant_recording resume_participant_recording "
            "start_play_audio stop_play_audio"
        ),
        "verify_callerids": (
            "initiate_verify verify_caller_id get_verified_caller_id "
            "update_verified_caller_id delete_verified_caller_id "
            "list_verified_caller_id"
        ),
    },
    "node": {
        "accounts": "get update",
        "subaccounts": "create get list update delete",
        "applications": "create get list update delete",
        "calls": (
            "create list get transfer hangup cancel record stopRecording "
            "playMusic stopPlayingMusic speakText stopSpeakingText sendDigits "
            "stream getAllStream getStream stopStream stopAllStream "
            "listLiveCalls getLiveCall listQueuedCalls getQueuedCall"
        ),
        "conferences": (
            "list get hangup hangupAll record startRecording stopRecording "
            "hangupMember kickMember muteMember unmuteMember deafMember undeafMember "
            "playAudioToMember stopPlayingAudioToMember "
            "speakTextToMember stopSpeakingTextToMember"
        ),
        "endpoints": "create get list update delete",
        "recordings": "list get delete",
        "numbers": "list update search buy addOwnNumber unrent",
        "pricings": "get",
        "token": "create",
        "callFeedback": "create",
        "multiPartyCalls": (
            "list get addParticipant start stop "
            "startRecording stopRecording pauseRecording resumeRecording "
            "listParticipants getParticipant updateParticipant kickParticipant "
            "startParticipantRecording stopParticipantRecording "
            "pauseParticipantRecording resumeParticipantRecording "
            "startPlayAudio stopPlayAudio"
        ),
        "verify": (
            "initiate verify getVerifiedCallerId updateVerifiedCallerId "
            "deleteVerifiedCallerId listVerifiedCallerId"
        ),
    },
}
"""Every method of the resources that voice needs, by SDK and resource."""

NOT_BUILT: Final = frozenset(
    """
    python calls.start_stream
    python calls.get_all_streams
    python calls.get_details_of_specific_stream
    python calls.delete_specific_stream
    python calls.delete_all_streams
    python multi_party_calls.list
    python multi_party_calls.get
    python multi_party_calls.add_participant
    python multi_party_calls.start
    python multi_party_calls.stop
    python multi_party_calls.start_recording
    python multi_party_calls.stop_recording
    python multi_party_calls.pause_recording
    python multi_party_calls.resume_recording
    python multi_party_calls.list_participants
    python multi_party_calls.get_participant
    python multi_party_calls.update_participant
    python multi_party_calls.kick_participant
    python multi_party_calls.start_participant_recording
    python multi_party_calls.stop_participant_recording
    python multi_party_calls.pause_participant_recording
    python multi_party_calls.resume_participant_recording
    python multi_party_calls.start_play_audio
    python multi_party_calls.stop_play_audio
    node calls.stream
    node calls.getAllStream
    node calls.getStream
    node calls.stopStream
    node calls.stopAllStream
    node callFeedback.create
    node multiPartyCalls.list
    node multiPartyCalls.get
    node multiPartyCalls.addParticipant
    node multiPartyCalls.start
    node multiPartyCalls.stop
    node multiPartyCalls.startRecording
    node multiPartyCalls.stopRecording
    node multiPartyCalls.pauseRecording
    node multiPartyCalls.resumeRecording
    node multiPartyCalls.listParticipants
    node multiPartyCalls.getParticipant
    node multiPartyCalls.updateParticipant
    node multiPartyCalls.kickParticipant
    node multiPartyCalls.startParticipantRecording
    node multiPartyCalls.stopParticipantRecording
    node multiPartyCalls.pauseParticipantRecording
    node multiPartyCalls.resumeParticipantRecording
    node multiPartyCalls.startPlayAudio
    node multiPartyCalls.stopPlayAudio
    """.strip().split("\n    ")
)
"""`sdk resource.method`, one a line."""

HEAD: Final = """
## Plivo's SDKs

The methods of Plivo's own packages for Python (`plivo` {python}) and Node (`plivo`
{node}), called unmodified under `voiceplat run` with real calls behind them, what they
return compared with what Plivo documents. A method that no test proves is not built.
"""


class MethodCollector:
    """A pytest plugin: which methods have tests that run, item by item."""

    def __init__(self) -> None:
        self.proven: dict[str, set[str]] = defaultdict(set)

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            if any(item.get_closest_marker(marker) for marker in NO_PROOF) or any(
                marker.args[:1] != (False,) for marker in item.iter_markers("skipif")
            ):
                continue
            for marker in item.iter_markers("sdk_method"):
                sdk, *methods = marker.args
                self.proven[sdk].update(methods)

    def sheet(self) -> str:
        return "\n".join([HEAD.format(**_versions()), *_lines(self.proven), ""])


def methods(sdk: str) -> list[str]:
    return [
        f"{resource}.{name}"
        for resource, names in METHODS[sdk].items()
        for name in names.split()
    ]


def _versions() -> dict[str, str]:
    project = json.loads(NODE_PROJECT.read_text())
    return {"python": version("plivo"), "node": project["dependencies"]["plivo"]}


def _lines(proven: Mapping[str, set[str]]) -> Iterator[str]:
    yield "| SDK | pass | not built |"
    yield "|---|---|---|"
    for sdk in METHODS:
        every = methods(sdk)
        passed = sum(method in proven.get(sdk, ()) for method in every)
        yield f"| {sdk} | {passed}/{len(every)} | {len(every) - passed} |"
    for sdk in METHODS:
        yield f"\n### {sdk.title()}\n"
        yield "| method | state |"
        yield "|---|---|"
        for method in methods(sdk):
            passes = method in proven.get(sdk, ())
            yield f"| `{method}` | {'pass' if passes else 'not built'} |"
