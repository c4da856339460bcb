"""Every method of Plivo's SDKs that voice needs, on a platform with real calls."""

import inspect
import json
import subprocess
from typing import Any, Final

import plivo
import pytest

from tests.compat.sdk.conftest import Programs
from tests.compat.sdk.programs import NODE_FOLDER, Program, require
from tests.compat.sdk.rows import Row
from tests.compat.sdk.rows_of_accounts import (
    ACCOUNTS,
    APPLICATIONS,
    ENDPOINTS,
    NUMBERS,
    OTHERS,
)
from tests.compat.sdk.rows_of_calls import (
    ACTIONS,
    CALLS,
    QUEUED_CALLS,
    RECORDINGS,
    STREAMS,
)
from tests.compat.sdk.rows_of_conferences import CONFERENCES, MEMBERS
from tests.compat.sdk.scene import Scene
from tests.compat.sdk.shapes import differences
from tests.conformance.sdk_methods import METHODS, NOT_BUILT, methods
from tests.servers.node import NODE

pytestmark = [
    pytest.mark.compat,
    pytest.mark.edge,
    pytest.mark.sip,
    pytest.mark.timeout(180),  # some methods need several calls
]

ROWS: Final = (
    *(*ACCOUNTS, *APPLICATIONS, *ENDPOINTS, *NUMBERS, *OTHERS),
    *(*CALLS, *ACTIONS, *STREAMS, *RECORDINGS, *CONFERENCES, *MEMBERS),
)


def cases(rows: tuple[Row, ...]) -> list[Any]:
    found = []
    for sdk in METHODS:
        for row in rows:
            for method in row.names(sdk):
                marks = [pytest.mark.sdk_method(sdk, method)]
                if f"{sdk} {method}" in NOT_BUILT:
                    marks.append(pytest.mark.skip(reason="not built"))
                name = f"{sdk}-{method}"
                found.append(pytest.param(sdk, method, row, id=name, marks=marks))
    return found


def judge(program: Program, method: str, row: Row, scene: Scene) -> None:
    asked = row.given(scene)

    got = program(method, *asked.arguments, **asked.options)

    assert not differences(got, row.returns, program.sdk)


@pytest.mark.parametrize(("sdk", "method", "row"), cases(ROWS))
def test_a_method_returns_what_plivo_documents(
    programs: Programs, the_scene: Scene, sdk: str, method: str, row: Row
) -> None:
    judge(programs.of(sdk, the_scene.account), method, row, the_scene)


@pytest.mark.parametrize(("sdk", "method", "row"), cases(QUEUED_CALLS))
def test_a_method_of_queued_calls_returns_what_plivo_documents(
    programs: Programs, the_scene: Scene, sdk: str, method: str, row: Row
) -> None:
    judge(programs.of(sdk, the_scene.busy), method, row, the_scene)


@pytest.mark.parametrize("sdk", METHODS)
def test_every_method_has_a_row_or_is_not_built(sdk: str) -> None:
    rows = (*ROWS, *QUEUED_CALLS)
    called = {name for row in rows for name in row.names(sdk)}
    named = set(methods(sdk))
    missing = {f"{sdk} {method}" for method in named - called} - NOT_BUILT

    assert called <= named
    assert not missing, "write a row for each in tests/compat/sdk/"


def test_what_is_not_built_is_a_method() -> None:
    known = {f"{sdk} {method}" for sdk in METHODS for method in methods(sdk)}

    assert known >= NOT_BUILT


def test_the_methods_are_those_of_the_package_for_python() -> None:
    client = plivo.RestClient("MA" + "A" * 18, "token")
    with client:
        for resource, names in METHODS["python"].items():
            kind = type(getattr(client, resource))
            there = {
                name
                for name, _ in inspect.getmembers(kind, inspect.isfunction)
                if not name.startswith("_")
            }
            assert set(names.split()) == there, resource


LIST_METHODS: Final = """
const plivo = require("plivo");
const client = new plivo.Client("MA", "token");
const own = (it) => Object.getOwnPropertyNames(Object.getPrototypeOf(it)).slice(1);
const named = process.argv.slice(1).map((name) => [name, own(client[name])]);
console.log(JSON.stringify(Object.fromEntries(named)));
"""


def test_the_methods_are_those_of_the_package_for_node() -> None:
    require("node")
    listed = subprocess.run(
        [NODE, "-e", LIST_METHODS, *METHODS["node"]],
        cwd=NODE_FOLDER,
        capture_output=True,
        check=True,
    )

    there = json.loads(listed.stdout)
    there["multiPartyCalls"].remove("makeMpcId")  # asks nobody

    for resource, names in METHODS["node"].items():
        inherited = {"list"} if resource == "subaccounts" else set()
        assert set(names.split()) - inherited == set(there[resource]), resource
