"""What stands in the place of a removed part, in the reader's language (LEAK section 0: masks are readable)."""

from __future__ import annotations

from enum import Enum
from typing import Final

from relay.values import Language


class Mark(Enum):
    """The part that was there."""

    FILE = "file"
    KEY = "key"
    ENCRYPTED = "encrypted"
    """Encrypted words that the writer had quoted."""
    MESSAGE = "message"


MARKS: Final[dict[Mark, dict[Language, str]]] = {
    Mark.FILE: {
        Language.EN: "[attachment removed]",
        Language.FR: "[pièce jointe supprimée]",
        Language.ES: "[archivo adjunto eliminado]",
        Language.PL: "[załącznik usunięty]",
        Language.DE: "[Anhang entfernt]",
        Language.IT: "[allegato rimosso]",
    },
    Mark.KEY: {
        Language.EN: "[key or signature removed]",
        Language.FR: "[clé ou signature supprimée]",
        Language.ES: "[clave o firma eliminada]",
        Language.PL: "[klucz lub podpis usunięty]",
        Language.DE: "[Schlüssel oder Signatur entfernt]",
        Language.IT: "[chiave o firma rimossa]",
    },
    Mark.ENCRYPTED: {
        Language.EN: "[encrypted text removed]",
        Language.FR: "[texte chiffré supprimé]",
        Language.ES: "[texto cifrado eliminado]",
        Language.PL: "[zaszyfrowany tekst usunięty]",
        Language.DE: "[verschlüsselter Text entfernt]",
        Language.IT: "[testo cifrato rimosso]",
    },
    Mark.MESSAGE: {
        Language.EN: "[attached message removed]",
        Language.FR: "[message joint supprimé]",
        Language.ES: "[mensaje adjunto eliminado]",
        Language.PL: "[załączona wiadomość usunięta]",
        Language.DE: "[angehängte Nachricht entfernt]",
        Language.IT: "[messaggio allegato rimosso]",
    },
}
