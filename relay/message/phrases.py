"""What stands in the place of something that was taken out, in the reader's language; the words for @ and dot in many."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from relay.values import Language


@dataclass(frozen=True, slots=True)
class Phrases:
    """The masks of one language, without their brackets."""

    address: str
    name: str
    link: str
    image: str
    phone: str
    iban: str

    def all_bracketed(self) -> tuple[str, ...]:
        """The masks as they stand in a text."""
        return tuple(f"[{phrase}]" for phrase in (self.address, self.name, self.link, self.image, self.phone, self.iban))


PHRASES: Final[dict[Language, Phrases]] = {
    Language.EN: Phrases(
        "address removed", "name removed", "link removed", "image removed", "phone number removed", "bank account removed"
    ),
    Language.FR: Phrases(
        "adresse supprimée",
        "nom supprimé",
        "lien supprimé",
        "image supprimée",
        "numéro de téléphone supprimé",
        "compte bancaire supprimé",
    ),
    Language.ES: Phrases(
        "dirección eliminada",
        "nombre eliminado",
        "enlace eliminado",
        "imagen eliminada",
        "número de teléfono eliminado",
        "cuenta bancaria eliminada",
    ),
    Language.PL: Phrases(
        "adres usunięty",
        "nazwisko usunięte",
        "link usunięty",
        "obraz usunięty",
        "numer telefonu usunięty",
        "numer konta usunięty",
    ),
    Language.DE: Phrases(
        "Adresse entfernt", "Name entfernt", "Link entfernt", "Bild entfernt", "Telefonnummer entfernt", "Bankverbindung entfernt"
    ),
    Language.IT: Phrases(
        "indirizzo rimosso",
        "nome rimosso",
        "link rimosso",
        "immagine rimossa",
        "numero di telefono rimosso",
        "conto bancario rimosso",
    ),
}

AT_WORDS: Final = (
    "at",
    "ät",
    "arobase",
    "arobas",
    "arobace",
    "arroba",
    "małpa",
    "malpka",
    "klammeraffe",
    "chiocciola",
    "chiocciolina",
    "apenstaartje",
    "affenschwanz",
    "zavinac",
    "kukac",
    "snabel-a",
    "miukumauku",
    "sobaka",
    "собака",
    "chez",
    "bei",
)
"""How people say @, in our six languages and their neighbours' (LEAK-29)."""

DOT_WORDS: Final = (
    "dot",
    "point",
    "punto",
    "kropka",
    "punkt",
    "ponto",
    "punt",
    "period",
    "prik",
    "tecka",
    "bodka",
    "tochka",
    "точка",
)
"""How people say the dot of a domain."""
