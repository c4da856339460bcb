"""The alerts, judged by Prometheus' own tool: what sets each off, and what none."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.metrics.alert_cases import ALARMING, HEALTHY, Series
from tests.metrics.promql import ALERTS, alerts

LOOKED_AT = "30m"


def promtool(*words: str) -> str:
    """What it said; fails when it is not content."""
    done = subprocess.run(
        ["promtool", *words], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def case(series: Series, firing: set[str]) -> dict[str, Any]:
    """At LOOKED_AT, these alerts fire and no others."""
    return {
        "interval": "1m",
        "input_series": [{"series": it, "values": series[it]} for it in series],
        "promql_expr_test": [
            {
                "expr": 'count by (alertname) (ALERTS{alertstate="firing"})',
                "eval_time": LOOKED_AT,
                "exp_samples": [
                    {"labels": f'{{alertname="{name}"}}', "value": 1} for name in firing
                ],
            }
        ],
    }


def judge(folder: Path, tests: list[dict[str, Any]]) -> None:
    file = folder / "cases.yml"
    file.write_text(yaml.safe_dump({"rule_files": [str(ALERTS)], "tests": tests}))
    promtool("test", "rules", str(file))


def test_prometheus_accepts_what_we_ship() -> None:
    said = promtool("check", "config", str(ALERTS.parent / "prometheus.yml"))

    assert f"{len(alerts())} rules found" in said


def test_a_healthy_platform_sets_off_no_alert(tmp_path: Path) -> None:
    judge(tmp_path, [case(HEALTHY, set())])


def test_every_alert_has_its_case() -> None:
    assert [rule["alert"] for rule in alerts()] == list(ALARMING)


@pytest.mark.parametrize("alert", ALARMING)
def test_an_alert_is_set_off_by_what_it_is_for(alert: str, tmp_path: Path) -> None:
    also = {"SlotsScarce"} if alert == "SlotsExhausted" else set()
    judge(tmp_path, [case({**HEALTHY, **ALARMING[alert]}, {alert} | also)])
