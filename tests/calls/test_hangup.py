"""The table of causes is the contract's, and every SIP answer has a row."""

import re
from pathlib import Path

import pytest

from voiceplat.calls.hangup import CAUSES, HangupSource, cause_of_sip
from voiceplat.calls.status import TERMINAL, CallStatus

SPEC = Path(__file__).parents[2] / "docs/spec/plivo-rest.md"


def _codes_of_the_spec() -> set[int]:
    section = SPEC.read_text().split("### 9.3")[1].split("### 9.4")[0]
    cells = re.findall(r"^\| ([0-9 /]+) \|", section, re.MULTILINE)
    return {int(code) for cell in cells for code in cell.split("/")}


def test_every_code_of_the_contract_but_those_of_parts_to_come_is_in_the_table() -> (
    None
):
    missing = _codes_of_the_spec() - set(CAUSES)

    assert missing == {4020, 4030}


@pytest.mark.parametrize(
    ("status", "code", "shown"),
    [
        (486, 3010, CallStatus.BUSY),
        (600, 3100, CallStatus.BUSY),
        (603, 3110, CallStatus.BUSY),
        (404, 3050, CallStatus.FAILED),
        (408, 3070, CallStatus.FAILED),
        (480, 3000, CallStatus.NO_ANSWER),
        (487, 1000, CallStatus.CANCEL),
        (500, 3080, CallStatus.FAILED),
        (503, 3090, CallStatus.FAILED),
        (599, 3080, CallStatus.FAILED),
        (499, 3020, CallStatus.BUSY),
    ],
)
def test_a_refusal_has_its_cause(status: int, code: int, shown: CallStatus) -> None:
    cause = cause_of_sip(status)

    assert (cause.code, cause.status) == (code, shown)


@pytest.mark.parametrize("status", range(400, 700))
def test_any_refusal_ends_the_call_with_some_cause(status: int) -> None:
    assert cause_of_sip(status).status in TERMINAL


def test_the_edge_knows_better_than_the_status() -> None:
    cause = cause_of_sip(480, told_by_edge=2020)

    assert cause.name == "Endpoint Not Registered"
    assert cause.source is HangupSource.PLIVO


def test_a_code_that_nobody_knows_is_not_believed() -> None:
    assert cause_of_sip(486, told_by_edge=1).code == 3010
