"""Contact cards: the writer's is replaced by one with the alias (LEAK-67; RFC 6350)."""

from __future__ import annotations

from relay.values import Alias


def card(alias: Alias, name: str) -> bytes:
    """A card that reaches a party through the relay and says nothing else about it. CRLF line ends, UTF-8."""
    shown = "".join(character for character in name if character.isprintable())
    escaped = (shown or alias.local).replace("\\", "\\\\").replace(",", "\\,").replace(";", "\\;")
    lines = ("BEGIN:VCARD", "VERSION:3.0", f"FN:{escaped}", f"N:;{escaped};;;", f"EMAIL;TYPE=INTERNET:{alias}", "END:VCARD")
    return "".join(f"{line}\r\n" for line in lines).encode()
