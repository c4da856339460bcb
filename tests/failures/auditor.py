"""Compares what all sides know of the calls of a run, and names what does not fit.

The sides: the parties at the far ends, the customer's server, the client of the API,
the events of the bus, the database, Redis, and the operating system. Each rule is a
function of the evidence; `audit` says what all of them find, in words.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from tests.failures.seen import End, Seen, Way

CLEAN_CODES: Final = frozenset({4000, 4010})
"""Of calls that nothing has hurt: somebody hung up, or the document was over."""
HUNG_UP: Final = (4000, "Plivo")


@dataclass(frozen=True, slots=True)
class Order:
    """A call that the API was asked for."""

    mark: str
    status: int
    """Of the answer; 0 when none came."""
    uuid: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """A request to the customer's server, in the order of their coming."""

    path: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Record:
    """A call record."""

    code: int
    answered: bool
    parent: str = ""
    """The call whose Dial has dialled it, and tells of it."""
    source: str = ""
    """Who ended it."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A recording of the database."""

    playable: bool
    failure: str = ""


@dataclass(frozen=True, slots=True)
class System:
    """What an idle platform has, too."""

    slots: int = 0
    parts: Mapping[str, int] = field(default_factory=dict)
    """Processes of each part."""
    sockets: Mapping[str, int] = field(default_factory=dict)
    """That listen, or could; of each part."""


@dataclass(frozen=True, slots=True)
class Evidence:
    seen: tuple[Seen, ...] = ()
    orders: tuple[Order, ...] = ()
    told: tuple[Told, ...] = ()
    events: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """How often the bus was told of a kind of event, of a call."""
    records: Mapping[str, Record] = field(default_factory=dict)
    outbox: tuple[str, ...] = ()
    """Callbacks that are not delivered, in words."""
    begun: frozenset[str] = frozenset()
    """Recordings that were seen in the spool."""
    kept: Mapping[str, Kept] = field(default_factory=dict)
    left: tuple[str, ...] = ()
    """Keys of Redis that speak of calls, folders of the spool, dialogs of the edge."""
    idle: System = System()
    """Before the run."""
    now: System = System()
    orphans: tuple[str, ...] = ()
    """Processes of the platform's that are not below it any more."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a failure may do to calls; nothing, unless it is said here."""

    codes: frozenset[int] = frozenset()
    """Causes of calls that it ends."""
    refusals: frozenset[int] = frozenset()
    """SIP statuses for those who call meanwhile."""
    unserved: frozenset[int] = frozenset()
    """HTTP statuses for those who order calls meanwhile; 0 is no answer."""
    ends: frozenset[End] = frozenset()
    """How calls may be over for the party that ends no way."""
    repeats: bool = False
    """A callback may be told twice: its acknowledgement was lost."""
    silence: bool = False
    """A party may miss what it was due to hear, and no call has ended for it."""
    hangs_up: bool = False
    """The platform may hang up a call before its time: 4000 by Plivo."""

    def cuts(self, record: Record) -> bool:
        """Whether it may have cut that call short."""
        hung_up = (record.code, record.source) == HUNG_UP
        return record.code in self.codes or (self.hangs_up and hung_up)


Rule = Callable[[Evidence, Allowed], Iterator[str]]


def audit(evidence: Evidence, allowed: Allowed = Allowed()) -> list[str]:
    return [finding for rule in RULES for finding in rule(evidence, allowed)]


def every_party_sees_an_end(evidence: Evidence, allowed: Allowed) -> Iterator[str]:
    fine = {End.HUNG_UP_ON, End.HUNG_UP, End.CANCELLED, End.REFUSED} | allowed.ends
    for seen in evidence.seen:
        if seen.end not in fine:
            yield f"{seen.mark}: {seen.end}"
        if seen.end is End.REFUSED and seen.status not in allowed.refusals:
            yield f"{seen.mark}: refused with {seen.status}"
        if seen.status == 503 and not seen.retry_after and seen.way is Way.IN:
            yield f"{seen.mark}: 503 does not say when to try again"


def every_order_is_served(evidence: Evidence, allowed: Allowed) -> Iterator[str]:
    for order in evidence.orders:
        if order.status != 201 and order.status not in allowed.unserved:
            yield f"{order.mark}: the API said {order.status or 'nothing'}"
        if order.uuid and ("initiated", order.uuid) not in evidence.events:
            yield f"{order.mark}: {order.uuid} was accepted and is unknown to the bus"


def every_call_ends_once(evidence: Evidence, _: Allowed) -> Iterator[str]:
    """One terminal event for each call that began, and one record."""
    for kind, uuid in evidence.events:
        if kind == "initiated" and not evidence.events.get(("ended", uuid)):
            yield f"{uuid}: has no terminal event"
        if kind == "ended" and uuid not in evidence.records:
            yield f"{uuid}: has no record"
    for (kind, uuid), times in evidence.events.items():
        if kind in {"initiated", "ended"} and times != 1:
            yield f"{uuid}: {times} events {kind}"
    ended = {uuid for kind, uuid in evidence.events if kind == "ended"}
    for uuid in evidence.records.keys() - ended:
        yield f"{uuid}: has a record and no terminal event"


def every_answered_call_is_known(evidence: Evidence, _: Allowed) -> Iterator[str]:
    """What a party heard answered, a record says is answered."""
    uuids = uuids_of(evidence)
    for seen in evidence.seen:
        uuid = uuids.get(seen.mark)
        if seen.way is Way.IN and seen.answered and uuid is None:
            yield f"{seen.mark}: was answered, and the customer never asked"
        record = evidence.records.get(uuid or "")
        if record and seen.way is Way.IN and seen.answered and not record.answered:
            yield f"{seen.mark}: was answered; not by its record"
        if record and record.answered and not seen.answered:
            yield f"{seen.mark}: was never answered; it is by its record"


def every_end_is_told_once(evidence: Evidence, allowed: Allowed) -> Iterator[str]:
    """A hangup callback for each call, after its others; with the record's cause."""
    told = hangups(evidence)
    for uuid, record in evidence.records.items():
        codes = told.get(uuid, [])
        if not codes and not record.parent:
            yield f"{uuid}: its end was told to nobody ({record.code})"
        if len(codes) > 1 and not (allowed.repeats and len(set(codes)) == 1):
            yield f"{uuid}: its end was told {len(codes)} times: {codes}"
        if set(codes) - {record.code}:
            yield f"{uuid}: told was {codes}, its record says {record.code}"
    for uuid in told.keys() - evidence.records.keys():
        yield f"{uuid}: its end was told, and it has no record"
    for finding in evidence.outbox:
        yield f"not delivered: {finding}"


def callbacks_come_in_order(evidence: Evidence, allowed: Allowed) -> Iterator[str]:
    """Of one call: Ring, then its end; of a leg or a member: it came, then it left."""
    over: set[tuple[str, str]] = set()
    came: Counter[tuple[str, ...]] = Counter()
    for it in evidence.told:
        event, uuid = it.fields.get("Event", ""), it.fields.get("CallUUID", "")
        leg = it.fields.get("DialBLegUUID", "") + it.fields.get("ConferenceUUID", "")
        if event in _LATE and not allowed.repeats and (uuid, "Hangup") in over:
            yield f"{uuid}: {event} was told after its end"
        if event in _ENTERS:
            came[uuid, leg, event] += 1
            if came[uuid, leg, event] > 1 and not allowed.repeats:
                yield f"{uuid}: {event} was told twice"
        if event in _LEAVES and not came[uuid, leg, _LEAVES[event]]:
            yield f"{uuid}: {event} was told, and no {_LEAVES[event]} before"
        over.add((uuid, event))


_LATE: Final = {"Ring", "StartApp", "Redirect"}
_ENTERS: Final = {"DialAnswer", "ConferenceEnter", "Ring"}
_LEAVES: Final = {"DialHangup": "DialAnswer", "ConferenceExit": "ConferenceEnter"}


def causes_fit(evidence: Evidence, allowed: Allowed) -> Iterator[str]:
    fine = CLEAN_CODES | allowed.codes
    for uuid, record in evidence.records.items():
        if record.code not in fine:
            yield f"{uuid}: ended with {record.code}"


def what_is_due_is_heard(evidence: Evidence, allowed: Allowed) -> Iterator[str]:
    """By each party whose call nothing has cut short."""
    uuids, legs = uuids_of(evidence), legs_of(evidence)
    cut = {uuid for uuid, it in evidence.records.items() if allowed.cuts(it)}
    cut |= {evidence.records[uuid].parent for uuid in cut} - {""}
    for seen in evidence.seen:
        call = seen.mark.removeprefix(Way.LEG)
        hurt = cut & {uuids.get(call, ""), *legs.get(call, ())}
        if seen.answered and not (seen.heard or hurt or allowed.silence):
            yield f"{seen.mark}: did not hear what it was due to"


def no_recording_is_lost(evidence: Evidence, allowed: Allowed) -> Iterator[str]:
    """Each that began can be played, or a callback says why not; each is told once."""
    told = Counter(
        it.fields["RecordingID"]
        for it in evidence.told
        if it.path == "/recorded" and "RecordingID" in it.fields
    )
    for recording in evidence.begun | evidence.kept.keys():
        kept = evidence.kept.get(recording)
        if kept is None:
            yield f"recording {recording}: began and is not in the database"
        elif not (kept.playable or kept.failure):
            yield f"recording {recording}: cannot be played, and nobody says why"
        if not told[recording]:
            yield f"recording {recording}: told to nobody"
        if told[recording] > 1 and not allowed.repeats:
            yield f"recording {recording}: told {told[recording]} times"


def nothing_is_left(evidence: Evidence, _: Allowed) -> Iterator[str]:
    yield from (f"left: {it}" for it in evidence.left)
    if evidence.now.slots != evidence.idle.slots:
        yield f"{evidence.now.slots} slots, {evidence.idle.slots} when idle"


def no_process_or_port_is_left(evidence: Evidence, _: Allowed) -> Iterator[str]:
    yield from (f"orphan: {it}" for it in evidence.orphans)
    for what in ("parts", "sockets"):
        idle, now = getattr(evidence.idle, what), getattr(evidence.now, what)
        for part in idle.keys() | now.keys():
            before, after = idle.get(part, 0), now.get(part, 0)
            if after > before or (what == "parts" and after < before):
                yield f"{what} of {part}: {after}, {before} when idle"


RULES: Final[Iterable[Rule]] = (
    every_party_sees_an_end,
    every_order_is_served,
    every_call_ends_once,
    every_answered_call_is_known,
    every_end_is_told_once,
    callbacks_come_in_order,
    causes_fit,
    what_is_due_is_heard,
    no_recording_is_lost,
    nothing_is_left,
    no_process_or_port_is_left,
)


def hangups(evidence: Evidence) -> dict[str, list[int]]:
    """Codes of the hangup callbacks of each call."""
    found: dict[str, list[int]] = {}
    for it in evidence.told:
        if it.fields.get("Event") == "Hangup":
            codes = found.setdefault(it.fields["CallUUID"], [])
            codes.append(int(it.fields["HangupCauseCode"]))
    return found


def legs_of(evidence: Evidence) -> dict[str, set[str]]:
    """The legs that the call of each mark has dialled."""
    found: dict[str, set[str]] = {}
    for it in evidence.told:
        if leg := it.fields.get("DialBLegUUID"):
            found.setdefault(it.fields.get("X-PH-Mark", ""), set()).add(leg)
    return found


def uuids_of(evidence: Evidence) -> dict[str, str]:
    """By mark; of calls, not of the legs that they dialled."""
    asked = {
        it.fields["X-PH-Mark"]: it.fields["CallUUID"]
        for it in evidence.told
        if "X-PH-Mark" in it.fields and "CallUUID" in it.fields
    }
    return asked | {order.mark: order.uuid for order in evidence.orders if order.uuid}
