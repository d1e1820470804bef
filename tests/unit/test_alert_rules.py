"""The rules for Prometheus are rules (faults.md 4.5); that their figures exist is asked of a running gateway elsewhere."""

from __future__ import annotations

from pathlib import Path

import yaml

RULES = Path(__file__).parents[2] / "config" / "relay.rules.yaml"


def test_each_rule_says_when_how_urgent_and_what_to_do() -> None:
    [group] = yaml.safe_load(RULES.read_text())["groups"]
    names = [rule["alert"] for rule in group["rules"]]
    assert len(set(names)) == len(names) > 10
    for rule in group["rules"]:
        assert set(rule) == {"alert", "expr", "for", "labels", "annotations"}
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert rule["annotations"]["summary"]
        assert rule["expr"].count("(") == rule["expr"].count(")")
