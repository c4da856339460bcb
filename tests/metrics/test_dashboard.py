"""The dashboard and the alerts ask for what there is, and lead to a recipe."""

import json

from scripts.doc_dashboard import dashboard
from scripts.doc_metrics import PROCESSES, families
from tests.metrics.promql import KNOWN_WORDS, alerts, expressions, labels, names
from tests.repository import ROOT, obey
from tests.test_documentation import anchors

OF_THE_CLIENT = {
    *("process_cpu_seconds_total", "process_resident_memory_bytes"),
    *("process_open_fds", "process_max_fds"),
}


def told() -> dict[str, set[str]]:
    """Labels of every metric."""
    ours = {
        family.name: set(family.labels)
        for process in PROCESSES
        for family in families(process)
    }
    return ours | {name: set() for name in OF_THE_CLIENT}


def test_every_metric_that_is_asked_for_is_told() -> None:
    known = told()
    strange = {
        f"{name} in {expression}"
        for expression in expressions()
        for name in names(expression) - known.keys()
    }

    obey(strange, "no process tells this; mend the query")


def test_every_label_that_is_asked_for_is_there() -> None:
    known = told()
    strange = {
        f"{label} in {expression}"
        for expression in expressions()
        for label in labels(expression) - KNOWN_WORDS
        if not any(label in known[name] for name in names(expression))
    }

    obey(strange, "no metric of the query has this label")


def test_every_metric_of_ours_is_on_the_dashboard() -> None:
    shown = {name for expression in expressions() for name in names(expression)}
    unseen = told().keys() - shown - OF_THE_CLIENT

    obey(unseen, "put it on a panel of scripts/dashboard_panels.py, or take it out")


def test_every_alert_leads_to_a_recipe() -> None:
    lost = []
    for rule in alerts():
        page, _, anchor = rule["annotations"]["recipe"].partition("#")
        if anchor not in anchors(ROOT / page):
            lost.append(f"{rule['alert']} → {page}#{anchor}")

    obey(lost, "write the recipe, or mend the link")


def test_every_alert_says_how_bad_it_is() -> None:
    unsure = [
        rule["alert"]
        for rule in alerts()
        if rule["labels"]["severity"] not in {"page", "ticket"}
    ]

    obey(unsure, "`page` wakes somebody, `ticket` waits for the morning")


def test_panels_do_not_lie_on_one_another() -> None:
    panels = json.loads(dashboard())["panels"]
    places = [panel["gridPos"] for panel in panels]
    cells = [
        (x, y)
        for place in places
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]

    assert len(cells) == len(set(cells))
    assert all(place["x"] + place["w"] <= 24 for place in places)
    assert len({panel["id"] for panel in panels}) == len(panels)
