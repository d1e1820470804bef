"""The figures of several workers add up, outlive them, and name nobody; the alert rules speak of figures that there are."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import urllib.request
from pathlib import Path

import pytest
from support.certificate import self_signed
from support.gateway import Gateway
from support.mails import a_mail
from support.patience import patience_s
from support.sink import Sink
from support.world import CUSTOMER_ADDRESS, PARTNER_ADDRESS

RULES = Path(__file__).parents[2] / "config" / "relay.rules.yaml"
messages = 12

pytestmark = pytest.mark.slow


def figures(gateway: Gateway) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{gateway.web_port}/metrics", timeout=20) as answer:
        return str(answer.read().decode())


def of(text: str, name: str) -> float:
    """All of that figure, whatever its labels."""
    return sum(float(line.rpartition(" ")[2]) for line in text.splitlines() if re.match(rf"{name}[ {{]", line))


async def told(gateway: Gateway, name: str, number: float) -> str:
    """Once that figure has come to `number`."""
    async with asyncio.timeout(patience_s):
        while of(text := await asyncio.to_thread(figures, gateway), name) != number:
            await asyncio.sleep(0.1)
    return text


async def test_all_workers_are_told_by_one_and_what_a_dead_one_counted_stays(tmp_path: Path, sink: Sink) -> None:
    chain, key = self_signed(tmp_path)
    changed = {"smtp": {"tls_certificate": str(chain), "tls_key": str(key)}}
    gateway = Gateway(tmp_path, sink.port, workers=2, changed=changed)
    gateway.changed = {"smtp": {**changed["smtp"], "listen": [f"127.0.0.1:{gateway.smtp_port}"]}}
    await gateway.off_loop("start")
    try:
        alias = (await gateway.opened())["customer_alias"]
        for number in range(messages):
            mail = a_mail(to=alias, message_id=f"{number}@alpine-tours.example", text=f"Message {number}.\n")
            assert (await gateway.sent(mail, alias)).code == 250
        await sink.until(messages)
        await told(gateway, "relay_smtp_messages_taken_total", messages)
        text = await told(gateway, "relay_attempts_total", messages)
        assert of(text, "relay_decisions_total") == messages
        assert f'relay_smtp_replies_total{{code="250",verb="RCPT"}} {messages}.0' in text
        assert of(text, "relay_commit_seconds_count") > 0

        assert gateway.process is not None
        parent = gateway.process.pid
        for child in Path(f"/proc/{parent}/task/{parent}/children").read_text().split():
            os.kill(int(child), signal.SIGKILL)
        async with asyncio.timeout(patience_s):
            while gateway.log.read_text(errors="replace").count(" ready ") < 4:
                await asyncio.sleep(0.1)
        assert (await gateway.sent(a_mail(to=alias, message_id="last@alpine-tours.example", text="Last.\n"), alias)).code == 250
        text = await told(gateway, "relay_smtp_messages_taken_total", messages + 1)
    finally:
        gateway.close()
    for name in (PARTNER_ADDRESS, CUSTOMER_ADDRESS):
        assert name.partition("@")[2] not in text
    assert "@" not in text
    there = set(re.findall(r"^(relay_\w+?)(?:[ {])", text, re.MULTILINE)) | set(re.findall(r"^# TYPE (\w+)", text, re.MULTILINE))
    wanted = set(re.findall(r"\brelay_\w+", re.sub(r'job="relay"', "", RULES.read_text())))
    assert wanted - there == set()
