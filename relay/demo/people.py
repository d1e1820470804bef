"""The pretend people of the demonstration. Their addresses are under a domain that nobody can have (RFC 2606)."""

from __future__ import annotations

from typing import Final

from relay.web.site.demo.ports import Character, Person

MARCO: Final = Person(Character.PARTNER, "Marco Bellini", "marco.bellini@alpine-tours.example")
ZOFIA: Final = Person(Character.CUSTOMER, "Zofia Kowalska", "zofia.kowalska@poczta.example")
EVA: Final = Person(Character.SUPPORT, "Eva Lindt", "eva.lindt@house.example")
OTTO: Final = Person(Character.OPERATOR, "Otto Brandt", "otto.brandt@house.example")

TOM: Final = ("Tom Baker", "tom.baker@mail.example")
"""Another customer of Marco's, whom nobody plays."""
GIULIA: Final = ("Giulia Rossi", "giulia.rossi@alpine-tours.example")
"""Of Marco's staff."""
STRANGER: Final = "somebody@else.example"
"""Nobody knows this address."""

OFFICES: Final = {EVA: ("support", "senior", "legal"), OTTO: ("operator", "auditor")}
"""What those of the house may do."""
