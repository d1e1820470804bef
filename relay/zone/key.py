"""Whether a key that our mail is signed with can be had from DNS (RFC 6376 §3.6.2)."""

from __future__ import annotations

from relay.lookup import Asking, Query, Type
from relay.zone.finding import Finding, State, line, tags, unanswered


def key_published(name: str, record: str) -> Asking[Finding]:
    """Whether `record`, and it alone, stands at `name`."""
    answer = yield Query(name.lower(), Type.TXT)
    if nothing := unanswered("dkim", name, "TXT", record, answer):
        return nothing

    def found(state: State, fix: str = "") -> Finding:
        return Finding("dkim", name, "TXT", state, record, answer.records, fix)

    wanted = tags(record)
    first, *others = answer.records
    if others:
        return found(State.WRONG, "leave one record there: of several a verifier takes any (RFC 6376 §3.6.2.2)")
    is_there = tags(first)
    if is_there.get("p") != wanted["p"] or is_there.get("k", "rsa") != wanted["k"]:
        return found(State.WRONG, f"it is another key: publish {line(name, 'TXT', record)}")
    if "y" in is_there.get("t", "").split(":"):
        return found(State.ADVICE, "t=y says that the signature is a test, and receivers may take it for none: remove it")
    if "sha256" not in is_there.get("h", "sha256").split(":"):
        return found(State.WRONG, "h= leaves out sha256, which we sign with: remove that tag")
    return found(State.RIGHT)
