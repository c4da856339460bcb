"""The auditor is content with a run in which all is well, and with no other."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.failures.auditor import (
    Allowed,
    Evidence,
    Kept,
    Order,
    Record,
    System,
    Told,
    audit,
)
from tests.failures.seen import End, Seen

IN, OUT, RECORDING = "in-uuid", "out-uuid", "recording"


def seen(mark: str, end: End, *, status: int = 200, heard: bool = True) -> Seen:
    made = Seen.of(mark)
    made.status, made.end, made.heard = status, end, heard
    return made


def told(path: str, event: str, uuid: str, mark: str, **more: str) -> Told:
    fields = {"Event": event, "CallUUID": uuid, "X-PH-Mark": mark}
    return Told(path, fields | more)


IDLE = System(15, {"API": 1}, {"API": 1})
WELL = Evidence(
    seen=(seen("inplay1", End.HUNG_UP_ON), seen("outrecord2", End.HUNG_UP_ON)),
    orders=(Order("outrecord2", 201, OUT),),
    told=(
        told("/answer", "StartApp", IN, "inplay1"),
        told("/ring", "Ring", OUT, "outrecord2"),
        told("/answer", "StartApp", OUT, "outrecord2"),
        told("/hangup", "Hangup", IN, "inplay1", HangupCauseCode="4010"),
        told("/hangup", "Hangup", OUT, "outrecord2", HangupCauseCode="4000"),
        Told("/recorded", {"RecordingID": RECORDING}),
    ),
    events={(kind, uuid): 1 for kind in ("initiated", "ended") for uuid in (IN, OUT)},
    records={IN: Record(4010, answered=True), OUT: Record(4000, answered=True)},
    begun=frozenset({RECORDING}),
    kept={RECORDING: Kept(playable=True)},
    idle=IDLE,
    now=IDLE,
)

Plant = Callable[[Evidence], Evidence]


def party(**change: object) -> Plant:
    def plant(well: Evidence) -> Evidence:
        struck = replace(well.seen[0], **change)  # type: ignore[arg-type]
        return replace(well, seen=(struck, *well.seen[1:]))

    return plant


def events(**times: int) -> Plant:
    """Of the call that came in."""
    return lambda well: replace(
        well,
        events={**well.events, **{(kind, IN): n for kind, n in times.items()}},
    )


def without_told(path: str, uuid: str = IN) -> Plant:
    return lambda well: replace(
        well,
        told=tuple(
            it
            for it in well.told
            if (it.path, it.fields.get("CallUUID", uuid)) != (path, uuid)
        ),
    )


def also_told(*more: Told) -> Plant:
    return lambda well: replace(well, told=(*well.told, *more))


def given(**change: object) -> Plant:
    return lambda well: replace(well, **change)  # type: ignore[arg-type]


HANGUP = told("/hangup", "Hangup", IN, "inplay1", HangupCauseCode="4010")
ANOTHER = told("/hangup", "Hangup", IN, "inplay1", HangupCauseCode="5010")
FAULTS: dict[str, tuple[Plant, str]] = {
    "a party never sees an end": (party(end=End.NONE), "never"),
    "a BYE is never answered": (party(end=End.HUNG_UP_UNHEARD), "unheard"),
    "a caller is refused": (party(end=End.REFUSED, status=486), "refused with 486"),
    "503 without Retry-After": (party(end=End.REFUSED, status=503), "try again"),
    "a party hears nothing": (party(heard=False), "did not hear"),
    "no terminal event": (events(ended=0), "no terminal event"),
    "two terminal events": (events(ended=2), "2 events ended"),
    "no record": (given(records={OUT: Record(4000, answered=True)}), "no record"),
    "a record of nothing": (
        given(events={key: 1 for key in WELL.events if key[1] == OUT}),
        "has a record and no terminal event",
    ),
    "an answered call is not by its record": (
        given(records=dict(WELL.records) | {IN: Record(4010, answered=False)}),
        "not by its record",
    ),
    "an answered call is unknown": (
        lambda well: without_told("/answer")(without_told("/hangup")(well)),
        "the customer never asked",
    ),
    "a cause does not fit": (
        given(records=dict(WELL.records) | {IN: Record(5010, answered=True)}),
        "ended with 5010",
    ),
    "the end is told to nobody": (without_told("/hangup"), "told to nobody"),
    "the end is told twice": (also_told(HANGUP), "told 2 times"),
    "the end is told with another cause": (also_told(ANOTHER), "its record says"),
    "a callback is stuck": (given(outbox=("in-uuid http://x",)), "not delivered"),
    "Ring after the end": (
        also_told(told("/ring", "Ring", OUT, "outrecord2")),
        "told after its end",
    ),
    "Ring twice": (
        lambda well: replace(well, told=(well.told[1], *well.told)),
        "Ring was told twice",
    ),
    "an exit without an entry": (
        also_told(told("/room", "ConferenceExit", IN, "inplay1")),
        "no ConferenceEnter before",
    ),
    "a call is not served": (
        given(orders=(*WELL.orders, Order("outplay3", 503))),
        "the API said 503",
    ),
    "an accepted call is lost": (
        given(orders=(*WELL.orders, Order("outplay3", 201, "lost"))),
        "unknown to the bus",
    ),
    "a recording is lost": (given(kept={}), "not in the database"),
    "a recording cannot be played": (
        given(kept={RECORDING: Kept(playable=False)}),
        "cannot be played",
    ),
    "a recording is told to nobody": (without_told("/recorded"), "told to nobody"),
    "a recording is told twice": (also_told(WELL.told[-1]), "told 2 times"),
    "a key is left": (given(left=("vp:call:in-uuid",)), "left: vp:call"),
    "a slot is stuck": (given(now=replace(IDLE, slots=14)), "14 slots"),
    "a process is gone": (given(now=replace(IDLE, parts={})), "parts of API: 0"),
    "a process too many": (given(now=replace(IDLE, parts={"API": 2})), "API: 2"),
    "a port is left": (given(now=replace(IDLE, sockets={"API": 2})), "sockets of API"),
    "an orphan": (given(orphans=("call workers, process 7",)), "orphan"),
}


def test_a_run_in_which_all_is_well() -> None:
    assert audit(WELL) == []


@pytest.mark.parametrize(("plant", "finding"), FAULTS.values(), ids=FAULTS)
def test_it_finds(plant: Plant, finding: str) -> None:
    findings = audit(plant(WELL))

    assert [it for it in findings if finding in it], findings


def test_a_failed_recording_that_is_told_is_not_lost() -> None:
    full = given(kept={RECORDING: Kept(playable=False, failure="no room")})(WELL)

    assert audit(full) == []


def test_what_a_failure_may_do_is_allowed_and_nothing_else() -> None:
    cut = given(records=dict(WELL.records) | {IN: Record(5010, answered=True)})(WELL)
    cut = replace(cut, told=(*(it for it in cut.told if it is not HANGUP),))
    cut = also_told(ANOTHER)(without_told("/hangup")(cut))

    assert audit(cut) != []
    assert audit(cut, Allowed(codes=frozenset({5010}))) == []
    assert audit(cut, Allowed(codes=frozenset({3090}))) != []


def test_whose_leg_was_cut_short_need_not_hear_it() -> None:
    events = {**WELL.events, ("initiated", "leg"): 1, ("ended", "leg"): 1}
    leg = Record(1000, answered=False, parent=IN)
    deaf = party(heard=False)(WELL)
    cut = given(records={**WELL.records, "leg": leg}, events=events)(deaf)

    assert audit(cut, Allowed(codes=frozenset({1000}))) == []
    assert audit(deaf, Allowed(codes=frozenset({1000}))) != []


def test_whoever_the_platform_hung_up_on_need_not_hear_it() -> None:
    deaf = party(heard=False)(WELL)
    allowed = Allowed(hangs_up=True)

    def ended(code: int, source: str) -> Evidence:
        plain = without_told("/hangup")(deaf)
        again = told("/hangup", "Hangup", IN, "inplay1", HangupCauseCode=str(code))
        record = Record(code, answered=True, source=source)
        return given(records={**WELL.records, IN: record})(also_told(again)(plain))

    assert audit(ended(4000, "Plivo"), allowed) == []
    assert audit(ended(4000, "Plivo")) != []
    assert audit(ended(4000, "Caller"), allowed) != []
    assert audit(ended(4010, "Plivo"), allowed) != []
