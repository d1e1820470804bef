"""The published suite of RFC 7208 (openspf.org, 2014.04), which `make suites` fetches; or wherever RELAY_SPF_SUITE says it is.

Some of its cases allow several results. Its explanations are not compared: ours is left out.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from support.asking import Names, told

from relay.lookup import Type
from relay.proof.spf import spf_of

SUITE = Path(os.environ.get("RELAY_SPF_SUITE") or Path(sys.prefix) / "spf-suite" / "rfc7208-tests.yml")


def scenarios() -> Iterator[object]:
    if not SUITE.exists():
        yield pytest.param({}, {}, marks=pytest.mark.skip(reason=f"no suite at {SUITE}: make suites"), id="suite")
        return
    # Text, lists and maps: nothing in it is a number to us. The loader in C, where there is one, spares every run a second.
    for scenario in yaml.load_all(SUITE.read_text(encoding="utf-8"), Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader)):
        for name, case in scenario["tests"].items():
            yield pytest.param(scenario["zonedata"], case, id=f"{scenario['description']}: {name}")


def table(zone: dict[str, list[str | dict[str, str | list[str]]]]) -> Names:
    """A zone of the suite: what it gives as SPF is meant as TXT where no TXT is given; NONE is no record; TIMEOUT holds for what
    is not given."""
    found = Names()
    for name, entries in zone.items():
        records = [(kind, value) for one in entries if isinstance(one, dict) for kind, value in one.items()]
        has_txt = any(kind == "TXT" for kind, _ in records)
        if "TIMEOUT" in entries:
            found.silent.add(name.lower())
        found.names.add(name.lower())
        for kind, value in records:
            if value == "NONE" or (kind == "SPF" and has_txt):
                continue
            found.put(name, Type("TXT" if kind == "SPF" else kind), written(kind, value))
    return found


def written(kind: str, value: str | list[str]) -> str:
    if kind == "MX":
        return f"{value[0]} {value[1] or '.'}"
    text = value if isinstance(value, str) else "".join(value)
    return text if kind in {"TXT", "SPF"} else text.removesuffix(".")


@pytest.mark.parametrize(("zone", "case"), [*scenarios()])
def test_the_published_suite(zone: dict[str, list[str | dict[str, str | list[str]]]], case: dict[str, str | list[str]]) -> None:
    mail_from, host, helo = (str(case[key]) for key in ("mailfrom", "host", "helo"))
    found = told(spf_of(mail_from, host, helo), table(zone).answer)
    allowed = case["result"]
    assert found.result.value in ([allowed] if isinstance(allowed, str) else allowed)
