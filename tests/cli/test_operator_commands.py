"""account, number, trunk and migrate, as an operator types them."""

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tests.servers.redis import RedisServer
from voiceplat.bus.bus import Bus
from voiceplat.bus.trunks import TrunkHealth, TrunkState
from voiceplat.cli.main import app
from voiceplat.core.sealing import new_secret_key
from voiceplat.core.settings import RedisSettings, load_settings

pytestmark = pytest.mark.redis


class Terminal:
    def __init__(self, redis: RedisServer) -> None:
        self._redis = redis

    def run(self, *words: str) -> Result:
        return CliRunner().invoke(app, words)

    def text(self, *words: str) -> str:
        result = self.run(*words)
        assert result.exit_code == 0, result.output
        return result.stdout

    def json(self, *words: str) -> Any:  # noqa: ANN401 - any JSON
        return json.loads(self.text(*words, "--json"))

    def failure(self, *words: str) -> str:
        result = self.run(*words)
        assert result.exit_code == 1, result.output
        return result.stderr

    def route(self, number: str) -> tuple[int, ...]:
        async def ask() -> tuple[int, ...]:
            async with Bus.connect(RedisSettings(url=self._redis.url)) as bus:
                return await bus.directory.route(number)

        return asyncio.run(ask())

    def tell_states(self, states: dict[int, TrunkState]) -> None:
        async def tell() -> None:
            async with Bus.connect(RedisSettings(url=self._redis.url)) as bus:
                await bus.trunks.tell(states, good_for=timedelta(minutes=1))

        asyncio.run(tell())


@pytest.fixture
def unmigrated(
    redis: RedisServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Terminal]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VOICEPLAT_DATABASE__URL", f"sqlite:///{tmp_path}/voiceplat.db")
    monkeypatch.setenv("VOICEPLAT_REDIS__URL", redis.url)
    monkeypatch.setenv("VOICEPLAT_SECURITY__SECRET_KEY", new_secret_key())
    load_settings.cache_clear()
    yield Terminal(redis)
    load_settings.cache_clear()


@pytest.fixture
def terminal(unmigrated: Terminal) -> Terminal:
    unmigrated.text("migrate")
    return unmigrated


def test_a_database_without_tables_says_what_to_do(unmigrated: Terminal) -> None:
    assert "run `voiceplat migrate`" in unmigrated.failure("account", "list")

    assert unmigrated.text("migrate") == "The database is current.\n"

    assert "voiceplat account create" in unmigrated.text("account", "list")


def test_an_account_is_created_and_listed(terminal: Terminal) -> None:
    made = terminal.json("account", "create", "acme")
    sub = terminal.json("account", "create", "shop", "--parent", made["auth_id"])

    listed = terminal.json("account", "list")

    assert made.keys() == {"auth_id", "auth_token"}
    assert [row["auth_id"] for row in listed] == [made["auth_id"], sub["auth_id"]]
    assert listed[1]["parent"] == made["auth_id"]
    assert sub["auth_id"].startswith("SA")
    table = terminal.text("account", "list")
    assert "acme" in table
    assert made["auth_token"] not in table


def test_a_subaccount_has_no_subaccounts(terminal: Terminal) -> None:
    made = terminal.json("account", "create", "acme")
    sub = terminal.json("account", "create", "shop", "--parent", made["auth_id"])

    said = terminal.failure("account", "create", "x", "--parent", sub["auth_id"])

    assert "is a subaccount" in said


def test_a_number_is_put_on_an_account_once(terminal: Terminal) -> None:
    made = terminal.json("account", "create", "acme")
    add = ("number", "add", "+14155550100", "--account", made["auth_id"])

    number = terminal.json(*add)

    assert number == {
        "number": "14155550100",
        "account": made["auth_id"],
        "app_id": None,
    }
    assert terminal.json("number", "list") == [number]
    assert "belongs to an account already" in terminal.failure(*add)


def test_an_inventory_is_loaded_and_listed(terminal: Terminal, tmp_path: Path) -> None:
    table = tmp_path / "numbers.csv"
    table.write_text("number,country_iso,monthly_rental_rate\n+14155550100,US,0.8\n")

    loaded = terminal.json("number", "load", str(table))

    assert loaded == {"numbers": 1}
    [row] = terminal.json("number", "offered")
    assert (row["number"], row["monthly_rental_rate"]) == ("14155550100", "0.80000")
    table.write_text("number,country_iso\nx,US\n")
    assert "Line 2: 'x' is not a number" in terminal.failure(
        "number", "load", str(table)
    )


def test_a_rate_table_is_loaded_and_listed(terminal: Terminal, tmp_path: Path) -> None:
    table = tmp_path / "rates.csv"
    table.write_text("prefix,outbound_per_minute,pulse_s\n1,0.0085,6\n")

    loaded = terminal.json("pricing", "load", str(table))

    assert loaded == {"prices": 1}
    [row] = terminal.json("pricing", "list")
    assert (row["prefix"], row["outbound"], row["pulse_s"]) == ("1", "0.00850", 6)
    table.write_text("prefix\n1\n")
    assert "Line 1: the column" in terminal.failure("pricing", "load", str(table))
    assert "cannot be read" in terminal.failure("pricing", "load", "nowhere.csv")


def test_an_account_is_credited_and_made_prepaid(terminal: Terminal) -> None:
    auth_id = terminal.json("account", "create", "acme")["auth_id"]

    prepaid = terminal.json("account", "billing", auth_id, "prepaid")
    credited = terminal.json("account", "credit", auth_id, "25.5")
    debited = json.loads(
        terminal.text("account", "credit", "--json", auth_id, "--", "-5")
    )

    assert (prepaid["billing_mode"], prepaid["cash_credits"]) == ("prepaid", "0.00000")
    assert credited["cash_credits"] == "25.50000"
    assert debited["cash_credits"] == "20.50000"
    assert "is not an amount" in terminal.failure("account", "credit", auth_id, "lots")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("number", "add", "007", "--account", "ACCOUNT"), "007 is not a number"),
        (("number", "add", "14155550100", "--account", "MA1"), "MA1 not found"),
        (
            ("number", "add", "14155550100", "--account", "ACCOUNT", "--app", "1"),
            "Application 1 not found",
        ),
        (("trunk", "add", "a b", "--host", "192.0.2.1"), "is not a name"),
        (("trunk", "add", "a", "--host", "192.0.2.1;x"), "is not a host name"),
        (("trunk", "add", "a", "--host", "a..b"), "is not a host name"),
        (("trunk", "add", "a", "--host", "::::"), "is not a host name"),
        (("trunk", "add", "a", "--host", "2001:db8::1"), "or IPv4 address"),
        (
            ("trunk", "add", "a", "--host", "h", "--from-ip", "300.0.0.1"),
            "--from-ip 300.0.0.1",
        ),
        (("trunk", "add", "a", "--host", "h", "--prefix", "4x"), "--prefix 4x"),
        (("trunk", "add", "a", "--host", "h", "--account", "MA1"), "MA1 not found"),
        (
            ("trunk", "add", "a", "--host", "h", "--number-format", "national"),
            "--number-format national",
        ),
        (
            ("trunk", "add", "a", "--host", "h", "--dial-prefix", "a"),
            "--dial-prefix a",
        ),
        (("trunk", "remove", "a"), "there is no trunk a"),
        (("trunk", "set", "a", "--port", "1"), "there is no trunk a"),
    ],
)
def test_what_cannot_be_done_says_why(
    terminal: Terminal, words: tuple[str, ...], said: str
) -> None:
    account = terminal.json("account", "create", "acme")["auth_id"]

    failure = terminal.failure(*(account if it == "ACCOUNT" else it for it in words))

    assert said.lower() in failure.lower()
    assert "Traceback" not in failure


def test_a_trunk_carries_calls_as_soon_as_it_is_added(terminal: Terminal) -> None:
    carrier = ("trunk", "add", "carrier", "--host", "192.0.2.1")
    trunk = terminal.json(
        *carrier, "--port", "5070", "--from-ip", "192.0.2.0/24", "--prefix", "+49"
    )
    fallback = terminal.json("trunk", "add", "rest", "--host", "sip.example")

    assert trunk == {
        "id": trunk["id"],
        "name": "carrier",
        "host": "192.0.2.1",
        "port": 5070,
        "from_ips": ["192.0.2.0/24"],
        "prefixes": ["49"],
        "priority": 10,
        "weight": 1,
        "calls_per_second": None,
        "calls_max": None,
        "number_format": "e164",
        "dial_prefix": "",
        "trusted": False,
        "account": None,
    }
    nothing_known = {
        "state": "unknown",
        "since": None,
        "calls": 0,
        "last_failure": None,
        "failed_at": None,
    }
    listed = terminal.json("trunk", "list")
    assert listed == [trunk | nothing_known, fallback | nothing_known]
    assert terminal.route("4930123") == (trunk["id"], fallback["id"])
    assert "there is a trunk carrier already" in terminal.failure(*carrier).lower()
    terminal.text("trunk", "remove", "carrier")
    assert terminal.route("4930123") == (fallback["id"],)


def test_a_trunk_is_changed_in_what_is_named_alone(terminal: Terminal) -> None:
    account = terminal.json("account", "create", "acme")["auth_id"]
    limits = ("--calls-max", "30", "--calls-per-second", "5", "--weight", "3")
    wishes = ("--number-format", "national:49", "--dial-prefix", "99#", "--trusted")
    add = ("trunk", "add", "a", "--host", "192.0.2.1", "--prefix", "49")
    made = terminal.json(*add, *limits, *wishes, "--account", account)

    nothing = ("--calls-max", "0", "--prefix", "", "--account", "")
    changed = terminal.json("trunk", "set", "a", "--port", "5070", *nothing)

    told = {"calls_max": 30, "calls_per_second": 5, "weight": 3, "trusted": True}
    assert made | told == made
    assert changed == made | {
        "port": 5070,
        "prefixes": [""],
        "calls_max": None,
        "account": None,
    }
    assert terminal.route("1415") == (made["id"],)


def test_a_list_shows_how_the_trunks_are(terminal: Terminal) -> None:
    add = ("trunk", "add", "a", "--host", "192.0.2.1", "--calls-max", "30")
    trunk = terminal.json(*add)
    told = TrunkState(
        health=TrunkHealth.DOWN,
        since=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        calls=12,
        last_failure="503 No Circuit",
        failed_at=datetime(2026, 1, 2, 3, 4, 6, tzinfo=UTC),
    )
    terminal.tell_states({trunk["id"]: told})

    [listed] = terminal.json("trunk", "list")
    table = terminal.text("trunk", "list")

    assert listed == trunk | {
        "state": "down",
        "since": "2026-01-02T03:04:05+00:00",
        "calls": 12,
        "last_failure": "503 No Circuit",
        "failed_at": "2026-01-02T03:04:06+00:00",
    }
    assert "12/30" in table
    assert "2026-01-02T03:04:06+00:00 503 No Circuit" in table


def test_trunks_are_listed_while_redis_is_away(
    redis: RedisServer, terminal: Terminal
) -> None:
    terminal.text("trunk", "add", "a", "--host", "192.0.2.1")
    redis.kill()

    [listed] = terminal.json("trunk", "list")

    assert (listed["name"], listed["state"]) == ("a", "unknown")


def test_what_is_saved_while_redis_is_away_is_said_to_wait(
    redis: RedisServer, terminal: Terminal
) -> None:
    redis.kill()

    result = terminal.run("account", "create", "acme", "--json")

    assert result.exit_code == 0
    assert json.loads(result.stdout)["auth_id"]
    assert "not yet in effect" in result.stderr


def test_a_setting_that_is_wrong_is_named(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOICEPLAT_API__PORT", "many")
    load_settings.cache_clear()

    assert "API__PORT" in terminal.failure("account", "list")
