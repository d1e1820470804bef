"""`relay backup` and `relay restore`: everything an embedded installation consists of, in one file, and back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from relay.cli.options import AsJson, ConfigFile
from relay.cli.printing import Json, ago, as_json, complain, instant, say
from relay.cli.progress import progress
from relay.machine import clock
from relay.settings import read

if TYPE_CHECKING:
    from relay.app.backup import Manifest
    from relay.store.finding import Finding

_findings_shown_max = 5


def backup(
    target: Annotated[
        Path,
        typer.Argument(metavar="TARGET", help="A file that does not exist yet, or a directory for a file named by the time."),
    ],
    verify: Annotated[bool, typer.Option(help="Audit the copy, and read back what was written.")] = True,
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """Back up the embedded database and the keys into one file, also while it all runs; exit 1 when the audit finds fault."""
    from relay.app.backup import back_up

    settings = read(config).settings
    named = "" if config is None else str(config.resolve())
    with progress() as tell:
        made = back_up(settings, named, target, now=clock(), verify=verify, tell=tell)
    if json:
        as_json(
            {
                "file": str(made.file),
                "octets": made.octets,
                **_of(made.manifest),
                "verified": made.findings is not None,
                "findings": _told(made.findings or ()),
            }
        )
    else:
        counts = made.manifest.counts
        say(f"{made.file}: {made.octets} octets, {counts['conversations']} conversations, {counts['messages']} messages")
        if made.manifest.due:
            say(f"{made.manifest.due} deliveries were under way")
    if made.findings:
        _complain(made.findings)
        raise typer.Exit(1)


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `relay backup` made.")],
    force: Annotated[bool, typer.Option("--force", help="Also where there is a state; it is moved aside, not deleted.")] = False,
    hold_due: Annotated[
        bool, typer.Option("--hold-due", help="Hold everything that was under way, instead of sending it again.")
    ] = False,
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """Put a backup in the place of this installation's state, with the gateway stopped."""
    from relay.app.restore import restore as put_back

    settings = read(config).settings
    now = clock()
    with progress() as tell:
        done = put_back(settings, file, now=now, force=force, hold_due=hold_due, tell=tell)
    manifest, under_way = done.manifest, done.under_way
    if json:
        as_json(
            {
                **_of(manifest),
                "sent_again": under_way.sent_again,
                "held": under_way.held,
                "aside": [str(one) for one in done.aside],
                "findings": _told(done.findings),
            }
        )
        return
    counts = manifest.counts
    say(f"restored: {counts['conversations']} conversations, {counts['messages']} messages, as of {instant(manifest.made_at)}")
    say(f"what was accepted in the {ago(now - manifest.made_at)} since then is not in it, and what was delivered is not known")
    if under_way.sent_again:
        say(f"{under_way.sent_again} deliveries were under way: sent again, with the same Message-ID; some may have arrived")
    if under_way.held:
        say(f"{under_way.held} deliveries were under way and are held: `relay queue list --state held`, then release or drop")
    for one in done.aside:
        say(f"moved aside: {one}")
    if done.findings:
        _complain(done.findings)


def _of(manifest: Manifest) -> dict[str, Json]:
    return {
        "made_at": instant(manifest.made_at),
        "domain": manifest.domain,
        "configuration": manifest.configuration,
        "schema": manifest.schema_revision,
        "counts": dict(manifest.counts),
        "due": manifest.due,
        "files": [one.name for one in manifest.files],
    }


def _told(findings: Sequence[Finding]) -> list[Json]:
    return [{"message": one.message, "recipient": one.passage, "problem": one.problem} for one in findings]


def _complain(findings: Sequence[Finding]) -> None:
    for one in findings[:_findings_shown_max]:
        complain(one.problem if one.message is None else f"message {one.message}: {one.problem}")
    complain(f"the audit of what is in it finds {len(findings)}; `relay audit` lists them")
