"""In which language somebody reads of whom nothing is known."""

from __future__ import annotations

from fastapi import Request

from relay.values import Language


def asked_language(request: Request) -> Language:
    """The first of ours that the browser asks for, English where it asks for none."""
    known = {one.value: one for one in Language}
    asked = request.headers.get("accept-language", "")[:200].split(",")
    tags = (one.partition(";")[0].strip().lower().partition("-")[0] for one in asked)
    return next((known[tag] for tag in tags if tag in known), Language.EN)
