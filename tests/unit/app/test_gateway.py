"""The gateway put together: what its parts have in common."""

from __future__ import annotations

from pathlib import Path

import pytest

from relay.app import sending
from relay.app.gateway import built
from relay.resolver import Resolver
from relay.settings import Settings


@pytest.mark.parametrize(
    ("route", "mode", "made"),
    [("mx", "enforce", 1), ("mx", "off", 1), ("smarthost:127.0.0.1:2526", "enforce", 1), ("smarthost:127.0.0.1:2526", "off", 0)],
)
async def test_whoever_asks_dns_in_one_gateway_asks_the_same_resolver(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, route: str, mode: str, made: int
) -> None:
    """Invariant 12: what it remembers, and how much it asks at once, is bounded once. Nobody who needs none makes one."""
    resolvers: list[Resolver] = []

    def noted(*servers: object) -> Resolver:
        resolvers.append(Resolver([("127.0.0.1", 5353)]))
        return resolvers[-1]

    monkeypatch.setattr(sending, "Resolver", noted)
    settings = Settings.model_validate(
        {
            "relay": {"state_dir": tmp_path, "domain": "reply.example.com", "support_url": "https://help.example.net/"},
            "dkim": {"key_file": tmp_path / "dkim.pem"},
            "database": {"url": f"sqlite:///{tmp_path}/relay.db"},
            "authentication": {"mode": mode},
            "antivirus": {"mode": "off"},
            "outbound": {"route": route},
        }
    )
    gateway = built(settings, "test")
    try:
        assert len(resolvers) == made
    finally:
        await gateway.store.close()
