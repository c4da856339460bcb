from decimal import Decimal

import pytest

from voiceplat.calls.rate import FREE, Rate


@pytest.mark.parametrize(
    ("pulse_s", "talked_s", "billed_s"),
    [(60, 0, 0), (60, 1, 60), (60, 60, 60), (60, 61, 120), (1, 61, 61), (6, 7, 12)],
)
def test_a_begun_pulse_is_billed_whole(
    pulse_s: int, talked_s: int, billed_s: int
) -> None:
    assert Rate(pulse_s=pulse_s).billed_s(talked_s) == billed_s


@pytest.mark.parametrize(
    ("per_minute", "pulse_s", "talked_s", "cost"),
    [
        ("0.0085", 60, 61, "0.01700"),
        ("0.0085", 1, 61, "0.00864"),
        ("0.1", 6, 7, "0.02000"),
        ("0.1", 60, 0, "0.00000"),
    ],
)
def test_what_was_talked_costs_by_the_minute(
    per_minute: str, pulse_s: int, talked_s: int, cost: str
) -> None:
    rate = Rate(per_minute=Decimal(per_minute), pulse_s=pulse_s)

    assert f"{rate.cost(talked_s):f}" == cost


def test_a_rate_travels_as_text_and_never_as_a_float() -> None:
    rate = Rate(per_minute=Decimal("0.10000"))

    assert rate.model_dump_json() == '{"per_minute":"0.10000","pulse_s":60}'
    assert Rate.model_validate_json(rate.model_dump_json()) == rate


def test_no_rate_is_free() -> None:
    assert FREE.is_free
    assert FREE.text == "0.00000"
