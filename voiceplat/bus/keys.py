"""Every key in Redis, built here alone; Kamailio's configuration is rendered from them.

| key | type | holds |
|---|---|---|
| `vp:call:<uuid>` | hash | live record: `call` (JSON of calls.Call), `status`, `phase` (queued, assigned, dialling; live for inbound), `account`, `main`, `direction`, `from`, `to`, `queued_at` (epoch µs), `attempt`, `worker`, `node`, `ringing_at`, `answered_at` (epoch ms), `seq` (of its last event) |
| `vp:over:<uuid>` | string | set for a minute when a call has ended, so that nobody opens it again |
| `vp:calls:<account>` | zset | live and queued uuids of an account by start, epoch ms; a main account's has its subaccounts' calls too |
| `vp:queue:<main>` | list | queued uuids, oldest left |
| `vp:queues` | zset | main accounts with something queued, by when they were last served, epoch µs |
| `vp:rates` | hash | main account → calls per second |
| `vp:pace:<main>` | string | GCRA: when the next start is due, epoch µs |
| `vp:slots` | zset | `IP:PORT#n` of each free slot, lowest score taken first |
| `vp:slots:most` | hash | worker → the most slots it ever offered |
| `vp:legs` | zset | workers by how many legs they have free for calls of others |
| `vp:inbox:<worker>` | list | JSON messages to a worker: jobs, commands, and legs that others want; those to a mixer, by the uuid of its conference |
| `vp:worker:<worker>` | set | uuids that this worker holds |
| `vp:node:<node>` | set | workers of a node |
| `vp:nodes` | zset | nodes by last heartbeat, epoch ms |
| `vp:room:<account>:<name>` | hash | a conference room: `uuid` of this instance, `account`, `main`, `name`, `node`, `claimed_until` (epoch ms); once it is there `host`, `port`, `password` for members, `opened_at` (epoch ms), `members` (JSON of rooms.ShownMember) |
| `vp:rooms:<account>` | zset | `<account>:<name>` of an account's rooms by when they were claimed, epoch ms; a main account's has its subaccounts' too |
| `vp:rooms-at:<node>` | set | `<account>:<name>` of the rooms that a node makes or has |
| `vp:told:<mark>` | string | set for a day when a callback was told that two may tell |
| `vp:reply:<id>` | list | the answer to one command, expires |
| `vp:events` | stream | what happened, until the ledger has applied it: `kind`, `call_uuid`, `seq`, `at` (epoch ms), `data` (JSON) |
| `vp:events:parked` | stream | events that could not be applied, with `id` and `why` |
| `vp:lease:<name>` | string | who alone does this now, expires |
| `vp:dir:account:<auth_id>` | string | JSON directory.AccountEntry |
| `vp:dir:app:<app_id>` | string | JSON directory.AppEntry |
| `vp:dir:number:<digits>` | string | JSON directory.NumberEntry |
| `vp:dir:user:<username>` | hash | `ha1`, `account`, `app_id`: read by Kamailio and workers |
| `vp:dir:prices` | hash | prefix of numbers, or `sip` → JSON directory.PriceEntry |
| `vp:dir:trunks` | string | JSON list of directory.TrunkEntry |
| `vp:trunks` | hash | trunk id → JSON trunks.TrunkState, as the edge saw it last; expires |
| `vp:dir:ready` | string | set when the directory was filled from the database |
| `vp:reg:<username>` | hash | registration seen by the edge: `contact`, `user_agent`, `expires_at` |
| `vp:turn:<ticket>` | string | username of a browser that has logged in at the edge and may ask for TURN; expires |
| `vp:turns:<who>` | string | API requests of an account, or wrong log-ins of a source, in the window that runs now, expires with it |
| `vp:logged-out:<session>` | string | set when a session of the console was ended, until it would have ended by itself |
| `vp:order:<account>:<sha256>` | hash | an order of a client's that is not answered yet: `owner`, `state` (running, lost), `uuids`; expires |
| `vp:timeline:<uuid>` | stream | a call's timeline: `moment` (JSON of timeline.Moment); capped, expires |
| `vp:timelines` | zset | uuids of calls whose timeline is not in the database yet, by when the last moment was noted, epoch µs |
| `vp:dialog:<call-id>` | string | uuid of the inbound call with that SIP Call-ID; expires |
| `vp:troubles:<account>` | stream | troubles of the last hour: `trouble` (JSON of trouble.Trouble); of no account: the platform's own; capped, expires |
| `vp:wake` | pub/sub | a queued call has to wait, or a slot came free |
| `vp:lost` | pub/sub | `IP:PORT` of a worker that is dead: the edge hangs up its calls |
| `vp:closed` | pub/sub | `IP:PORT` of a browser whose connection to the edge closed |
| `vp:dir:changed` | pub/sub | trunks changed: the edge renders its lists again |
"""

from typing import Final

EVENTS: Final = "vp:events"
PARKED_EVENTS: Final = "vp:events:parked"
QUEUES: Final = "vp:queues"
RATES: Final = "vp:rates"
SLOTS: Final = "vp:slots"
SLOTS_MOST: Final = "vp:slots:most"
LEGS: Final = "vp:legs"
TIMELINES: Final = "vp:timelines"
NODES: Final = "vp:nodes"
PRICES: Final = "vp:dir:prices"
TRUNKS: Final = "vp:dir:trunks"
TRUNK_STATES: Final = "vp:trunks"
DIRECTORY_READY: Final = "vp:dir:ready"
WAKE: Final = "vp:wake"
LOST: Final = "vp:lost"
CLOSED: Final = "vp:closed"
DIRECTORY_CHANGED: Final = "vp:dir:changed"


def call(uuid: str) -> str:
    return f"vp:call:{uuid}"


def over(uuid: str) -> str:
    return f"vp:over:{uuid}"


def calls(account: str) -> str:
    return f"vp:calls:{account}"


def queue(main: str) -> str:
    return f"vp:queue:{main}"


def pace(main: str) -> str:
    return f"vp:pace:{main}"


def inbox(worker: str) -> str:
    return f"vp:inbox:{worker}"


def worker(worker: str) -> str:
    return f"vp:worker:{worker}"


def node(node: str) -> str:
    return f"vp:node:{node}"


def room(account: str, name: str) -> str:
    return f"vp:room:{account}:{name}"


def rooms(account: str) -> str:
    return f"vp:rooms:{account}"


def rooms_at(node: str) -> str:
    return f"vp:rooms-at:{node}"


def timeline(uuid: str) -> str:
    return f"vp:timeline:{uuid}"


def dialog(sip_call_id: str) -> str:
    return f"vp:dialog:{sip_call_id}"


def troubles(account: str) -> str:
    return f"vp:troubles:{account}"


def told(mark: str) -> str:
    """Empty without a mark."""
    return f"vp:told:{mark}" if mark else ""


def reply(command: str) -> str:
    return f"vp:reply:{command}"


def lease(name: str) -> str:
    return f"vp:lease:{name}"


def account(auth_id: str) -> str:
    return f"vp:dir:account:{auth_id}"


def app(app_id: str) -> str:
    return f"vp:dir:app:{app_id}"


def number(digits: str) -> str:
    return f"vp:dir:number:{digits}"


def user(username: str) -> str:
    return f"vp:dir:user:{username}"


def turns(who: str) -> str:
    return f"vp:turns:{who}"


def logged_out(session: str) -> str:
    return f"vp:logged-out:{session}"


def order(account: str, digest: str) -> str:
    return f"vp:order:{account}:{digest}"


def turn_ticket(ticket: str) -> str:
    return f"vp:turn:{ticket}"


def registration(username: str) -> str:
    return f"vp:reg:{username}"
