"""`relay archive`: what was written, what came of it, and the octets themselves."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from relay.cli.attempts import attempt_lines, attempts_as_json
from relay.cli.findings import findings_as_json
from relay.cli.opened import opened
from relay.cli.options import AsJson, ConfigFile
from relay.cli.printing import Json, all_as_json, as_json, facts, instant, minute, octets, one_line, say, table
from relay.errors import NotFound
from relay.machine import clock
from relay.masking import masked
from relay.message.removal import HAPPENED, counted
from relay.transit.evidence import Evidence
from relay.values import MessageId

if TYPE_CHECKING:
    from relay.store.archive import ArchivedDelivery, ArchivedMessage, ArchivedPassage
    from relay.store.blobs import Lost
    from relay.store.highlight import Span
    from relay.store.search import Hit

app = typer.Typer(name="archive", help="The archive: search, show.", no_args_is_help=True, rich_markup_mode=None)


@app.command()
def search(
    query: Annotated[
        list[str],
        typer.Argument(metavar="QUERY...", help='Words, "phrases", word*, -word, booking: by: fate: has: before: after:'),
    ],
    limit: Annotated[int, typer.Option(min=1, max=200)] = 20,
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """Find messages, the newest first. Put -- before a query that begins with a minus sign."""
    from relay.store import search as archive
    from relay.store.query import Asking

    with opened(config) as house:
        ours = house.settings.relay.domain
        # What was accepted a moment ago is found too, also while nobody is serving.
        with house.writing() as connection:
            archive.index_some(connection)
        with house.reading() as connection:
            hits = archive.search(connection, " ".join(query), limit, asking=Asking(now=clock()))
    if json:
        all_as_json([_found(one, ours) for one in hits])
        return
    for one in hits:
        shares = ", ".join(f"{share.reference} by {share.writer.value}: {share.fate.value}" for share in one.shares)
        say(f"{one.message}  {minute(one.received_at)}  {one_line(shares)}")
        say(f"    {one_line(_marked(one.subject, ours), 200) or '(no subject)'}")
        for line in filter(None, (_marked(one.snippet, ours), " ".join(one.files))):
            say(f"    {one_line(line, 300)}")
    if not hits:
        say("nothing found")


@app.command()
def show(
    id_: Annotated[str, typer.Argument(metavar="ID", help="The message's id.")],
    raw: Annotated[bool, typer.Option("--raw", help="The octets as received.")] = False,
    rendition: Annotated[bool, typer.Option("--rendition", help="The octets as the recipient gets them.")] = False,
    recipient: Annotated[int, typer.Option(min=0, help="Whose rendition, where a message has several.")] = 0,
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """Show a message with everything that came of it."""
    from relay.store import archive

    if raw and rendition:
        raise typer.BadParameter("give --raw or --rendition, not both")
    with opened(config) as house:
        ours = house.settings.relay.domain
        with house.reading() as connection:
            message = archive.shown(connection, MessageId(id_))
    if raw:
        _pour(_there(message.content))
    elif rendition:
        _pour(_rendition(message, recipient))
    elif json:
        as_json(_whole(message, ours))
    else:
        _print(message, ours)


def _rendition(message: ArchivedMessage, ordinal: int) -> bytes:
    share = next((share for share in message.passages if share.ordinal == ordinal), None)
    if share is None or share.rendition is None:
        raise NotFound(f"message {message.envelope.id} has no rendition for recipient number {ordinal}")
    return _there(share.rendition)


def _there(octets: bytes | Lost) -> bytes:
    """Raises Unavailable: octets that are not what was written are never handed out."""
    if not isinstance(octets, bytes):
        raise octets.trouble
    return octets


def _pour(content: bytes) -> None:
    """Octets into a file or a pipe as they are; to a terminal escaped, for they were written by strangers."""
    if sys.stdout.isatty():
        say(content.decode("utf-8", "backslashreplace").replace("\r\n", "\n"))
    else:
        octets(content)


def _marked(spans: Sequence[Span], ours: str) -> str:
    """The text with brackets around what was found; without them where addresses are masked, for they would tear one apart."""
    text = "".join(span.text for span in spans)
    if (plain := masked(text, ours)) != text:
        return plain
    return "".join(f"[{span.text}]" if span.hit else span.text for span in spans)


def _plain(spans: Sequence[Span], ours: str) -> str:
    return masked("".join(span.text for span in spans), ours)


def _found(hit: Hit, ours: str) -> dict[str, Json]:
    return {
        "message": hit.message,
        "received_at": instant(hit.received_at),
        "shares": [
            {"reference": one.reference, "writer": one.writer.value, "fate": one.fate.value, "reason": one.reason}
            for one in hit.shares
        ],
        "subject": _plain(hit.subject, ours),
        "snippet": _plain(hit.snippet, ours),
        "files": [masked(one, ours) for one in hit.files],
    }


def _whole(message: ArchivedMessage, ours: str) -> dict[str, Json]:
    envelope = message.envelope
    return {
        "message": envelope.id,
        "received_at": instant(envelope.received_at),
        "aliases": [str(alias) for alias in envelope.aliases],
        "size": message.size,
        "tls": envelope.tls,
        "authentication": _authentication(envelope.evidence),
        "troubles": list(message.troubles),
        "recipients": [_share(one, ours) for one in message.passages],
        "deliveries": [_delivery(one, ours) for one in message.deliveries],
        "timeline": [
            {"at": instant(entry.at), "number": entry.number, "kind": entry.kind.value, "facts": dict(entry.facts)}
            for entries in message.timelines
            for entry in entries
        ],
    }


def _authentication(evidence: Evidence | None) -> dict[str, Json] | None:
    if evidence is None:
        return None
    return {
        "alignment": evidence.alignment.value,
        "checks": list(evidence.checks),
        "asked": [
            {
                "name": one.query.name,
                "type": one.query.type.value,
                "outcome": one.answer.outcome.value,
                "secure": one.answer.secure,
                "records": list(one.answer.records),
            }
            for one in evidence.asked
        ],
    }


def _share(share: ArchivedPassage, ours: str) -> dict[str, Json]:
    return {
        "number": share.ordinal,
        "conversation": share.conversation,
        "writer": share.writer.value,
        "fate": share.fate.value,
        "reason": share.reason,
        "detail": masked(share.detail, ours),
        "findings": findings_as_json(share.findings),
        "rendition_id": share.rendition_id,
        "removed": [
            {"kind": one.kind, "place": one.place, "treatment": one.treatment.value, "count": times}
            for one, times in counted(share.removed)
        ],
        "dropped_at": instant(share.dropped_at),
    }


def _delivery(one: ArchivedDelivery, ours: str) -> dict[str, Json]:
    return {
        "delivery": one.tracked.id,
        "carries": one.tracked.carries.value,
        "state": one.tracked.state.value,
        "attempts": attempts_as_json(one, ours),
    }


def _print(message: ArchivedMessage, ours: str) -> None:
    envelope = message.envelope
    facts(
        [
            ("message", envelope.id),
            ("received", f"{minute(envelope.received_at)}, {message.size} octets{', TLS' if envelope.tls else ''}"),
            ("to", " ".join(str(alias) for alias in envelope.aliases)),
            *(("author", one_line(one)) for one in (envelope.evidence.checks if envelope.evidence is not None else ())),
            *(("trouble", one) for one in message.troubles),
        ]
    )
    for share in message.passages:
        reason = "" if share.reason is None else f" ({share.reason})"
        detail = masked(share.detail, ours)
        say(f"\nrecipient {share.ordinal}: from the {share.writer.value}, {share.fate.value}{reason} {detail}".rstrip())
        for found in share.findings:
            say(one_line(f"    found: {found.kind} in {found.place} ({found.layer})"))
        for seen, times in counted(share.removed):
            say(one_line(f"    {HAPPENED[seen.treatment]}: {seen}{f' ({times} times)' if times > 1 else ''}"))
    for one in message.deliveries:
        say(f"\ndelivery {one.tracked.id}: {one.tracked.carries.value}, {one.tracked.state.value}")
        for line in attempt_lines(one, ours):
            say(f"    {line}")
    entries = sorted((entry for entries in message.timelines for entry in entries), key=lambda entry: (entry.at, entry.number))
    say("")
    table(
        ("at", "timeline", "facts"),
        [(instant(entry.at) or "", entry.kind.value, _told(entry.facts)) for entry in entries],
        none="",
    )


def _told(told: Mapping[str, object]) -> str:
    return " ".join(f"{name}={value}" for name, value in told.items() if value is not None)
