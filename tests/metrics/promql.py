"""What the dashboard and the alerts ask Prometheus for."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from scripts.doc_dashboard import queries

ALERTS = Path(__file__).parents[2] / "docs/prometheus/alerts.yml"
KNOWN_WORDS = frozenset(
    {
        *("sum", "min", "max", "count", "by", "and", "or", "on", "without", "up"),
        *("rate", "increase", "histogram_quantile", "le", "job", "instance", "process"),
    }
)


def alerts() -> list[dict[str, Any]]:
    """The rules of the file."""
    (group,) = yaml.safe_load(ALERTS.read_text())["groups"]
    rules: list[dict[str, Any]] = group["rules"]
    return rules


def expressions() -> Iterator[str]:
    yield from queries()
    yield from (rule["expr"] for rule in alerts())


def names(expression: str) -> set[str]:
    """Metrics that it names; the parts of a histogram are the histogram's."""
    bare = re.sub(r"\{[^}]*\}|\[[^\]]*\]|\bby \([^)]*\)", " ", expression)
    words = set(re.findall(r"[a-z_]{2,}", bare)) - KNOWN_WORDS
    return {re.sub(r"_(bucket|count|sum)$", "", word) for word in words}


def labels(expression: str) -> set[str]:
    """Labels that it matches or groups by."""
    grouped = re.findall(r"\bby \(([^)]*)\)", expression)
    matched = re.findall(r'(\w+)\s*=~?\s*"', expression)
    return {word.strip() for text in grouped for word in text.split(",")} | set(matched)
