import random

from tests.failures.growth import Sample, growth_of, table


def samples(hourly: float, noise: float, minutes: int) -> list[Sample]:
    dice = random.Random(1)  # noqa: S311 - the same noise each time
    return [
        Sample(at_s, {"MB": 100 + hourly * at_s / 3600 + dice.uniform(-noise, noise)})
        for at_s in range(0, minutes * 60, 5)
    ]


def test_what_stays_is_flat() -> None:
    found = growth_of(samples(0, 5, 60), "MB", 5)

    assert not found.grows
    assert "flat" in table([found])


def test_what_leaks_grows() -> None:
    found = growth_of(samples(20, 5, 60), "MB", 5)

    assert found.grows
    assert abs(found.hourly - 20) < 3
    assert "GROWS" in table([found])


def test_a_little_is_allowed() -> None:
    assert not growth_of(samples(4, 1, 60), "MB", 5).grows


def test_a_pool_may_fill() -> None:
    assert not growth_of(samples(2000, 1, 1), "MB", 5, at_least=40).grows


def test_a_short_run_is_sure_of_fast_leaks_alone() -> None:
    assert not growth_of(samples(20, 5, 1), "MB", 5).grows
    assert growth_of(samples(2000, 5, 1), "MB", 5).grows


def test_what_is_not_there_is_nothing() -> None:
    assert growth_of(samples(0, 0, 5), "other", 0).last == 0
