"""Names and labels as Prometheus wants them; counters that others keep."""

import re

import pytest
from prometheus_client import CollectorRegistry, Counter

from scripts.doc_metrics import PROCESSES, Family, families
from tests.repository import obey
from voiceplat.metrics.figures import Mirror

UNITS = r"_(seconds|bytes|ratio|info|total)$"
COUNTED = (
    *("_calls", "_slots", "_slots_free", "_legs", "_legs_free", "_up", "_pending"),
    *("_waiting", "_parked", "_nodes", "_children", "_recordings", "_dialogs"),
    *("_registered", "_connections", "_listenings", "_under_way", "_wanted", "_factor"),
)
"""What a gauge without a unit counts."""
UNBOUNDED = re.compile("number|uuid|url|account|path|user|id$")


def ours() -> list[Family]:
    return [family for process in PROCESSES for family in families(process)]


def test_names_begin_with_ours_and_end_with_their_unit() -> None:
    odd = [
        family.name
        for family in ours()
        if not family.name.startswith("voiceplat_")
        or not (re.search(UNITS, family.name) or family.name.endswith(COUNTED))
        or (family.kind == "counter") != family.name.endswith("_total")
    ]

    obey(odd, "prometheus.io/docs/practices/naming")


def test_labels_have_few_values() -> None:
    odd = [
        f"{family.name} {label}"
        for family in ours()
        for label in family.labels
        if UNBOUNDED.search(label)
    ]

    obey(odd, "each value of a label is a series of its own, for ever")


def test_one_name_means_one_thing() -> None:
    meanings: dict[str, set[Family]] = {}
    for family in ours():
        meanings.setdefault(family.name, set()).add(family)

    obey([name for name, found in meanings.items() if len(found) > 1], "name it anew")


@pytest.mark.parametrize(
    ("counts", "total"), [((3, 3, 5), 5), ((4, 1, 2), 6), ((0,), 0)]
)
def test_a_mirror_goes_on_where_the_other_begins_anew(
    counts: tuple[int, ...], total: int
) -> None:
    registry = CollectorRegistry()
    mirror = Mirror(Counter("mirrored", "Of another.", ["kind"], registry=registry))

    for count in counts:
        mirror.show(count, "a")

    assert registry.get_sample_value("mirrored_total", {"kind": "a"}) == total
