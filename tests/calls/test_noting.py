"""What is noted of a call, with digits and without."""

import pytest
from typing_extensions import override

from tests.fakes.session import MAIN, SUB, a_call
from tests.fakes.timeline import FakeTimeline
from voiceplat.calls.leg import Party
from voiceplat.calls.noting import CallNotes
from voiceplat.calls.trouble import Trouble, TroubleKind, Troubles
from voiceplat.core.ids import AuthId


class FakeTroubles(Troubles):
    def __init__(self) -> None:
        self.told: list[tuple[Trouble, AuthId | None]] = []

    @override
    def trouble(self, trouble: Trouble, main: AuthId | None = None) -> None:
        self.told.append((trouble, main))


@pytest.mark.parametrize(("digits", "shown"), [(False, "•"), (True, "7")])
def test_a_key_is_shown_by_setting(*, digits: bool, shown: str) -> None:
    timeline = FakeTimeline()
    notes = CallNotes(a_call(), timeline, digits=digits)

    notes.key("7", Party.FAR)
    notes.key("7", Party.US)

    assert [(it.whose, it.digit) for it in timeline.keys] == [
        ("caller", shown),
        ("platform", shown),
    ]


@pytest.mark.parametrize(("digits", "shown"), [(False, "••"), (True, "12")])
def test_so_are_keys_that_a_document_sends(*, digits: bool, shown: str) -> None:
    timeline = FakeTimeline()
    notes = CallNotes(a_call(), timeline, digits=digits)

    notes.element_begins("DTMF", {"async": "false"}, "12")

    assert timeline.elements[0].text == shown


def test_a_long_body_is_cut_after_its_secrets_are_gone() -> None:
    timeline = FakeTimeline()
    body = "x" * 990 + '<User sipAuthPassword="hush"/>'

    CallNotes(a_call(), timeline).element_begins("Dial", {}, body)

    assert len(timeline.elements[0].text) == 1000
    assert "hush" not in timeline.elements[0].text


def test_a_trouble_is_told_to_the_account_and_its_main_account() -> None:
    troubles = FakeTroubles()
    call = a_call()

    CallNotes(call, troubles=troubles).trouble(TroubleKind.DOCUMENT, "no document")

    ((trouble, main),) = troubles.told
    assert (trouble.account, main) == (SUB, MAIN)
    assert trouble.call_uuid == call.uuid
