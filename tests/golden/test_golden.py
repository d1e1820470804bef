"""Message surgery by example: each folder holds a mail as received, who writes to whom, and the octets that cross.

`incoming.eml` may have LF line ends, for people to read; it is read with CRLF. `world.toml` says why the case exists, which
requirements it shows, and what differs from the usual world; its `[policy]` sets switches. Where there is a `hint.eml`, that is
what the writer hears of what was taken out. On a mismatch `actual.eml` is written beside it, for a person
to judge.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.mails import shows
from support.world import DOMAIN, NOW, a_conversation, a_party

from relay.correspondence.footer import footer_lines
from relay.correspondence.hint import worth_telling
from relay.correspondence.house import House
from relay.correspondence.notice import Hint, Occasion, notice
from relay.message.anonymise import Anonymised, anonymised
from relay.message.hosts import hosts_of
from relay.message.leaks import leaks
from relay.message.mail import Mail
from relay.message.parse import parse
from relay.message.seal import Seal
from relay.message.terms import Style, Terms
from relay.message.treatment import Treatment, Treatments
from relay.values import MessageId, MsgId, Role

HERE = Path(__file__).parent
HINTED = sorted(path.parent.name for path in HERE.glob("*/hint.eml"))
CASES = sorted(path.parent.name for path in HERE.glob("*/incoming.eml"))
HOUSE = House("Example Travel", DOMAIN, "https://example.com/support")
STYLE = Style("Example Travel", DOMAIN, Seal(bytes(range(32)), DOMAIN), house_domains=(DOMAIN,))


def people(world: dict[str, Any]) -> Iterator[tuple[Role, dict[str, Any]]]:
    for role in Role:
        yield role, world.get(role.value, {})


def crossed(case: str) -> tuple[Anonymised, Terms, Mail, dict[str, Any]]:
    """What leaves in that case, on what terms, of what, and its world."""
    world = tomllib.loads((HERE / case / "world.toml").read_text(encoding="utf-8"))
    parties = {
        role.value: a_party(role, name=told.get("name"), addresses=tuple(told["addresses"]) if "addresses" in told else None)
        for role, told in people(world)
    }
    conversation = a_conversation(**parties)
    writer = conversation.party(Role(world["writer"]))
    reader = conversation.party(writer.role.other)
    mail = parse((HERE / case / "incoming.eml").read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
    terms = Terms(
        conversation=conversation,
        writer=writer,
        reader=reader,
        message_id=MsgId(f"0000000000000000000000golden@{DOMAIN}"),
        in_reply_to=tuple(MsgId(one) for one in world.get("in_reply_to", ())),
        references=tuple(MsgId(one) for one in world.get("references", ())),
        footer=footer_lines(reader.language, conversation.window.closes_at, HOUSE),
        hosts=hosts_of(mail, "203.0.113.9", "", DOMAIN),
        automatic=world.get("automatic", False),
        trace=MessageId("00000000000000000000golden"),
        now=NOW,
    )
    switches = {name: Treatment(value) for name, value in world.get("policy", {}).items()}
    rendition = anonymised(mail, terms, replace(STYLE, treatments=Treatments(**switches)))
    content = rendition.content
    allowed = {str(party.alias) for party in conversation.parties()}
    assert leaks(content, terms.watched(STYLE), allowed=allowed) == ()
    assert shows(content, *(address.reveal() for party in conversation.parties() for address in party.addresses)) == []
    return rendition, terms, mail, world


def compare(case: str, name: str, content: bytes) -> None:
    """Fails, and leaves what came in `actual.eml`, unless it is what is expected in `name`."""
    expected = HERE / case / name
    actual = HERE / case / "actual.eml"
    if not expected.exists() or content != expected.read_bytes():
        actual.write_bytes(content)
        pytest.fail(f"{case}: see {actual} (nothing was expected yet)" if not expected.exists() else f"{case}: compare {actual}")
    actual.unlink(missing_ok=True)


@pytest.mark.parametrize("case", CASES)
def test_a_mail_crosses_as_expected(case: str) -> None:
    compare(case, "expected.eml", crossed(case)[0].content)


@pytest.mark.parametrize("case", HINTED)
def test_a_writer_is_told_what_was_taken_out(case: str) -> None:
    """GW-52, LEAK-86."""
    rendition, terms, mail, _ = crossed(case)
    occasion = Occasion(
        topic=Hint.REMOVED,
        writer=terms.writer,
        conversation=terms.conversation,
        subject=mail.subject,
        message=terms.trace,
        original_id=mail.message_id,
        at=NOW,
        taken=worth_telling(rendition.removed),
    )
    content = notice(occasion, HOUSE, now=NOW, message_id=MsgId(f"00000000000000000000000hint@{DOMAIN}"))
    assert shows(content, *(address.reveal() for address in terms.reader.addresses)) == []
    compare(case, "hint.eml", content)


@pytest.mark.parametrize("case", CASES)
def test_every_case_says_why_it_exists(case: str) -> None:
    world = tomllib.loads((HERE / case / "world.toml").read_text(encoding="utf-8"))
    assert len(world["why"]) > 20
    assert world["sources"]


@pytest.mark.parametrize("case", CASES)
def test_a_rendition_is_seven_bit_with_short_lines_and_each_field_once(case: str) -> None:
    content = crossed(case)[0].content
    assert content.isascii()
    assert max(map(len, content.split(b"\r\n"))) <= 998
    assert content.count(b"\n") == content.count(b"\r\n") == content.count(b"\r")
    names = [
        line.partition(b":")[0].lower() for line in content.partition(b"\r\n\r\n")[0].split(b"\r\n") if line[:1] not in b" \t"
    ]
    assert len(names) == len(set(names))
