"""`relay archive`: what was written, what came of it, and the octets themselves."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from relay.cli import archive_life
from relay.cli.attempts import attempt_lines, attempts_as_json
from relay.cli.findings import findings_as_json
from relay.cli.opened import opened
from relay.cli.options import AsJson, By, ConfigFile
from relay.cli.printing import Json, all_as_json, as_json, facts, instant, minute, octets, one_line, say, table
from relay.errors import Conflict, NotDone, NotFound
from relay.machine import clock, write_private
from relay.masking import masked
from relay.message.removal import HAPPENED, counted
from relay.record.contents import Profile
from relay.settings import read
from relay.transit.evidence import Evidence
from relay.values import MessageId

if TYPE_CHECKING:
    from relay.store.archive import ArchivedDelivery, ArchivedMessage, ArchivedPassage
    from relay.store.blobs import Lost
    from relay.store.highlight import Span
    from relay.store.search import Hit

bundle_octets_max: Final = 4 * 1024**3
"""Of what a bundle holds, unpacked: more is not read."""

app = typer.Typer(name="archive", help="The archive: search, show, export, verify.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(archive_life.app)


@app.command()
def search(
    query: Annotated[
        list[str],
        typer.Argument(metavar="QUERY...", help='Words, "phrases", word*, -word, OR, ( ), booking: by: date: and more'),
    ],
    limit: Annotated[int, typer.Option(min=1, max=200)] = 20,
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """Find messages, the newest first. Put -- before a query that begins with a minus sign."""
    from relay.store import indexing
    from relay.store import search as archive
    from relay.store.terms import Asking

    with opened(config) as house:
        ours = house.settings.relay.domain
        # What was accepted a moment ago is found too, also while nobody is serving.
        with house.writing() as connection:
            indexing.index_some(connection)
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


@app.command()
def export(
    reference: Annotated[str, typer.Argument(metavar="REFERENCE", help="The booking's reference.")],
    output: Annotated[Path, typer.Option("--output", metavar="FILE", help="Where to write the bundle, a ZIP file.")],
    profile: Annotated[Profile, typer.Option(help="For whom it is: what it shows of addresses and of what was received.")] = (
        Profile.INTERNAL
    ),
    by: By = "command line",
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """Write a conversation with everything that proves it into a bundle that anybody can verify offline."""
    from relay.app.exporting import exported

    if output.exists():
        raise Conflict(f"{output} exists; nothing is overwritten")
    with opened(config) as house:
        bundle = exported(house.settings, house.engine, reference, profile, by=by, now=clock())
    try:
        write_private(output, bundle)
    except OSError as error:
        raise NotDone(f"{output}: {error.strerror}") from error
    if json:
        as_json({"file": str(output), "octets": len(bundle), "profile": profile.value, "reference": reference})
    else:
        say(f"{output}: {len(bundle)} octets. It holds mail of real people: encrypt it before it leaves the house.")


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A bundle that `relay archive export` wrote.")],
    fingerprint: Annotated[str, typer.Option(metavar="SHA256", help="Of the key by which it has to be signed.")] = "",
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """Is a bundle what was written when it happened? Says what is wrong, one line each.

    Needs no configuration; with one, the bundle has to be signed by the key of that installation.
    """
    from relay.app.recording import own_fingerprint
    from relay.correspondence.bundle import unzipped
    from relay.record.head import is_signed_in_pem
    from relay.record.verification import faults, fingerprint_of

    try:
        files = unzipped(file.read_bytes(), bundle_octets_max)
        own = own_fingerprint(read(config).settings.relay.state_dir) if config is not None else ""
        found = list(faults(files, is_signed_in_pem, fingerprint or own))
    except OSError as error:
        raise NotDone(f"{file}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, IndexError):
        found, files = ["it is no bundle, or one that is too damaged to read"], {}
    key = fingerprint_of(files["record/key.pem"]) if "record/key.pem" in files else None
    if json:
        as_json({"file": str(file), "fingerprint": key, "faults": found})
    else:
        for one in found:
            say(one_line(f"FAILED {one}"))
        if key is not None:
            say(f"key {key}: compare it with `relay archive record` of the house")
        if not found:
            say("OK")
    if found:
        raise typer.Exit(1)


@app.command()
def record(
    sign: Annotated[bool, typer.Option("--sign", help="Number what waits and sign it now, instead of within a minute.")] = False,
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """How far the record goes, its last signed head, and the fingerprint of the key: what to publish."""
    from relay.app.exporting import up_to_date
    from relay.app.recording import own_fingerprint
    from relay.store import record as kept

    with opened(config) as house:
        if sign:
            up_to_date(house.settings, house.engine, clock())
        key = own_fingerprint(house.settings.relay.state_dir)
        with house.reading() as connection:
            leaves, waiting, head = kept.size(connection), kept.waiting(connection), kept.last_head(connection)
    if json:
        told: Json = (
            {"size": head.head.size, "root": head.head.root.hex(), "at": instant(head.head.at)} if head is not None else None
        )
        as_json({"leaves": leaves, "waiting": waiting, "head": told, "fingerprint": key})
        return
    signed = f"{head.head.size} leaves, {instant(head.head.at)}, root {head.head.root.hex()}" if head is not None else "none yet"
    facts([("leaves", str(leaves)), ("waiting", str(waiting)), ("signed head", signed), ("key", key)])


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
