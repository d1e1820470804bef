"""The command `relay`: its groups of commands, and what becomes of errors.

Exit codes: 0 done, 1 not done (the reason is on stderr), 2 wrong usage, 78 wrong configuration (one line per fault).
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from importlib.metadata import version
from typing import Annotated, Final

import typer

from relay.cli import (
    account,
    alerts,
    archive,
    audit,
    backup,
    booking,
    config,
    conversation,
    demo,
    dkim,
    dns,
    doctor,
    migrate,
    move,
    offer,
    partner,
    queue,
    self_test,
    serve,
    session,
    tls_report,
    token,
    trace,
    webhook,
)
from relay.cli.printing import complain, say
from relay.errors import NotDone, RelayError, WrongConfiguration

done: Final = 0
not_done: Final = 1
wrong_usage: Final = 2
wrong_configuration: Final = 78
"""EX_CONFIG of sysexits.h: systemd is told not to restart on it."""

app: Final = typer.Typer(
    help="A mail gateway: partners and customers write to each other, and neither learns the other's address.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
)
for _group in (conversation, archive, partner, offer, booking, webhook, queue, token, account, session, config, dkim, dns):
    app.add_typer(_group.app)
for _single in (
    serve.serve,
    demo.demo,
    trace.trace,
    migrate.migrate,
    move.move,
    audit.audit,
    alerts.alerts,
    backup.backup,
    backup.restore,
    doctor.doctor,
    self_test.self_test,
    tls_report.tls_report,
):
    app.command()(_single)


def _print_version(wanted: bool) -> None:
    if wanted:
        say(f"relay {version('relay-gateway')}")
        raise typer.Exit


@app.callback()
def _program(
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None: ...


def run(arguments: Sequence[str] | None = None) -> int:
    """Carry out one command (of the process, unless given) and say what there is to say; its exit code."""
    try:
        app(args=arguments, prog_name="relay")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else done if end.code is None else not_done
    except WrongConfiguration as wrong:
        for fault in wrong.faults:
            complain(fault)
        return wrong_configuration
    except NotDone as reason:
        complain(str(reason))
    except RelayError as trouble:
        _traceback_for_developers()
        complain(f"not done: {trouble}")
    except OSError as trouble:
        _traceback_for_developers()
        # Of the system, not of anybody's mail: which file or socket, and what is the matter with it.
        where = f"{trouble.filename}: " if trouble.filename else ""
        complain(f"not done: {where}{trouble.strerror or type(trouble).__name__}")
    except Exception as unexpected:  # noqa: BLE001 -- the last frame before the user, who is told in one line
        if isinstance(unexpected, UnicodeEncodeError) and any(map(_has_stray_octets, arguments or sys.argv[1:])):
            complain("an argument is not UTF-8 text")
            return wrong_usage
        _traceback_for_developers()
        # Not its text: it may hold what somebody wrote, or an address.
        complain(f"not done: unexpected {type(unexpected).__name__}; RELAY_DEBUG=1 shows where")
    else:
        return done
    return not_done


def _has_stray_octets(argument: str) -> bool:
    """Whether what was typed was not UTF-8: each octet that could not be read is a lone surrogate then (PEP 383)."""
    return any("\ud800" <= one <= "\udfff" for one in argument)


def _traceback_for_developers() -> None:
    if os.environ.get("RELAY_DEBUG") == "1":
        traceback.print_exc()
