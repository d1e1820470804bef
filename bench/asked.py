"""What is asked of a large archive: twenty queries and more for each operator, of rare words, common ones and those between."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Final

from letters import ENDINGS, FILES, REMOVED, STOCK, House, partners
from sqlalchemy import Connection, text
from wordlists import FIRST_NAMES, LAST_NAMES

from relay.store.operators import ALIGNMENTS, EVENTS, HIDDEN, REASONS
from relay.store.terms import Asking
from relay.transit.crossing import Fate

CASE_EVERY: Final = 150
"""One booking in so many is disputed."""
LABELS: Final = ("no-show", "refund", "late", "weather", "rude", "injury", "double booking", "wrong place")
COUNT: Final = 24
_WRITTEN: Final = re.compile(r"(?<![\w-])-?([a-z][a-z0-9-]*):")
_SPOKEN: Final = ("en", "de", "fr", "es", "it", "pl")


class Questions:
    """Queries for one archive, always the same for the same archive: `sets`, by what is asked."""

    def __init__(self, connection: Connection, house: House) -> None:
        self._connection = connection
        self._house = house
        self._draw = house.draw("questions", 0)
        newest = connection.execute(text("SELECT max(received_at) FROM messages")).scalar_one()
        self._messages = int(connection.execute(text("SELECT max(seq) FROM messages")).scalar_one())
        self._bookings = self._messages // 5
        self.now = house.at(0) + timedelta(microseconds=newest - int(house.at(0).timestamp() * 1e6), hours=1)
        self.asking = Asking(self.now, account="eva")
        self.sets: dict[str, list[str]] = {name: list(made()) for name, made in self._kinds().items()}

    @property
    def operators(self) -> frozenset[str]:
        """Those that are asked at all."""
        return frozenset(one for queries in self.sets.values() for query in queries for one in _WRITTEN.findall(query))

    def _word(self, least: int, most: int, language: str) -> str:
        """One by its rank."""
        while True:
            word = self._house.vocabularies[language or self._draw.choice(_SPOKEN)].words[self._draw.randrange(least, most)]
            if len(word) > 1:
                return word

    def rare(self, language: str = "") -> str:
        return self._word(6_000, 30_000, language)

    def mid(self, language: str = "") -> str:
        return self._word(250, 2_000, language)

    def common(self, language: str = "") -> str:
        return self._word(0, 60, language)

    def any(self, language: str = "") -> str:
        return self._draw.choice((self.rare, self.mid, self.common))(language)

    def _several(self, pattern: str, *made: Callable[[str], str]) -> Callable[[], Iterator[str]]:
        """`pattern` with words of one language."""

        def one() -> str:
            language = self._draw.choice(_SPOKEN)
            return pattern.format(*(make(language) for make in made))

        return self._some(one)

    def _said(self) -> str:
        """Two words that stand beside one another somewhere."""
        words = self._house.letter(self._draw.randrange(self._messages)).own.split()
        at = self._draw.randrange(max(1, len(words) - 2))
        return " ".join(words[at : at + 2]).replace('"', "")

    def _booked(self) -> str:
        return self._house.booked(self._draw.randrange(self._bookings)).reference

    def _day(self) -> str:
        return f"{self._at():%Y-%m-%d}"

    def _month(self) -> str:
        return f"{self._at():%Y-%m}"

    def _at(self) -> datetime:
        return self._house.at(self._draw.randrange(self._messages))

    def _of(self, sql: str) -> list[str]:
        """Values that stand in a table."""
        return [str(one) for one in self._connection.execute(text(sql)).scalars()]

    def _some(self, make: Callable[[], str]) -> Callable[[], Iterator[str]]:
        return lambda: (make() for _ in range(COUNT))

    def _each(self, name: str, values: list[str], *, words: bool = True) -> Callable[[], Iterator[str]]:
        """Every value alone, and with a word."""

        def made() -> Iterator[str]:
            while True:
                for value in values:
                    quoted = f'"{value}"' if " " in value else value
                    yield f"{name}:{quoted}"
                    if words:
                        yield f"{name}:{quoted} {self.any()}"

        return lambda: (query for query, _ in zip(made(), range(max(COUNT, len(values) * (1 + words))), strict=False))

    def _kinds(self) -> dict[str, Callable[[], Iterator[str]]]:
        draw = self._draw
        seqs = ", ".join(str(draw.randrange(1, self._messages)) for _ in range(COUNT))
        ids = f"SELECT id FROM messages WHERE seq IN ({seqs})"
        mids = self._of(f"SELECT original_id FROM messages WHERE seq IN ({seqs})")
        sums = self._of(f"SELECT {self._hex()} FROM blobs WHERE id IN (SELECT raw FROM messages WHERE seq IN ({seqs}))")
        conversations = self._of(f"SELECT conversation FROM passages WHERE message IN ({ids})")
        aliases = self._of(f"SELECT aliases FROM messages WHERE seq IN ({seqs})")
        parties = self._of(
            f"SELECT id FROM parties WHERE conversation IN (SELECT conversation FROM passages WHERE message IN ({ids}))"
        )
        real = [self._house.booked(draw.randrange(self._bookings)).customer_address for _ in range(COUNT)]
        numbers = self._of("SELECT number FROM cases ORDER BY number")
        stock = [f'"{one}"' for said in STOCK.values() for one in said]
        offers = self._of("SELECT DISTINCT offer FROM bookings")
        return {
            "a rare word": self._some(self.rare),
            "a word between": self._some(self.mid),
            "a common word": self._some(self.common),
            "two words": self._several("{} {}", self.mid, self.mid),
            "two common words": self._several("{} {}", self.common, self.common),
            "a common and a rare word": self._several("{} {}", self.common, self.rare),
            "a phrase": self._some(lambda: f'"{self._said()}"'),
            "a stock phrase": lambda: iter(stock),
            "word* of four letters": self._some(lambda: f"{self.mid()[:4]}*"),
            "word* of three letters": self._some(lambda: f"{self.mid()[:3]}*"),
            "word* of two letters": self._some(lambda: f"{self.mid()[:2]}*"),
            "-word": self._several("{} -{}", self.any, self.any),
            "OR": self._several("{} OR {}", self.any, self.any),
            "( )": self._several("({} OR {}) {}", self.any, self.mid, self.common),
            "by:": self._each("by", ["customer", "partner", "provider"]),
            "from: a role": self._each("from", ["customer", "partner"]),
            "from: a name": self._some(lambda: f"from:{draw.choice(FIRST_NAMES + LAST_NAMES)}"),
            "to: a role": self._each("to", ["customer", "partner"]),
            "to: an alias": self._each("to", aliases),
            "alias:": self._each("alias", aliases),
            "party:": self._each("party", parties[:COUNT]),
            "real:": self._each("real", real),
            "subject:": self._some(lambda: f"subject:{self.any()}"),
            "new:": self._some(lambda: f"new:{self.any()}"),
            "quoted:": self._some(lambda: f"quoted:{self.any()}"),
            "body:": self._some(lambda: f"body:{self.any()}"),
            "filename:": self._some(lambda: f"filename:{draw.choice(FILES)}-{draw.randrange(3000)}"),
            "filename: a common one": self._each("filename", list(FILES)),
            "booking:": self._each("booking", [self._booked() for _ in range(COUNT)]),
            "conv:": self._each("conv", conversations),
            "product:": self._each("product", offers[:COUNT]),
            "provider:": self._each("provider", [f"p{one}" for one in range(partners)]),
            "state:": self._each("state", ["completed", "confirmed", "cancelled", "declined", "expired", "awaiting-payment"]),
            "activity: a day": self._some(lambda: f"activity:{self._day()}"),
            "activity: a month": self._some(lambda: f"activity:{self._month()}"),
            "activity: a month, with a word": self._some(lambda: f"activity:{self._month()} {self.any()}"),
            "date: a day": self._some(lambda: f"date:{self._day()} {self.any()}"),
            "date: a month": self._some(lambda: f"date:{self._month()} {self.any()}"),
            "date: alone": self._some(lambda: f"date:{self._month()}"),
            "on:": self._each("on", ["today", "yesterday", "this-week", "last-week", "this-month", "last-month"]),
            "after:": self._some(lambda: f"after:{self._day()} {self.any()}"),
            "before:": self._some(lambda: f"before:{self._day()} {self.any()}"),
            "older:": self._some(lambda: f"older:{draw.randrange(1, 300)}d {self.any()}"),
            "newer:": self._some(lambda: f"newer:{draw.randrange(1, 300)}d {self.any()}"),
            "sort:old": self._some(lambda: f"{self.any()} sort:old"),
            "has:": self._each("has", ["attachment", "image", "link"]),
            "type:": self._each("type", sorted({*ENDINGS, "image", "word", "excel"})),
            "larger:": self._each("larger", ["1KB", "4KB", "10KB", "20KB", "100KB", "1MB"]),
            "smaller:": self._each("smaller", ["1KB", "2KB", "4KB", "10KB", "1MB"]),
            "lang:": self._each("lang", list(_SPOKEN)),
            "fate:": self._each("fate", [fate.value for fate in Fate]),
            "event:": self._each("event", list(EVENTS)),
            "reason:": self._each("reason", list(REASONS)),
            "code:": self._each("code", ["421", "450", "451", "452", "550", "552", "554", "511"]),
            "hid:": self._each("hid", [*sorted({*HIDDEN} - {"metadata"}), REMOVED[0]]),
            "auth:": self._each("auth", [*ALIGNMENTS, "spf=fail", "spf=softfail", "spf=pass", "dkim=none", "dkim=pass"]),
            "case:": self._each("case", numbers[:: max(1, len(numbers) // COUNT)][:COUNT]),
            "is:": self._each("is", ["open", "decided", "closed", "disputed"]),
            "assigned:": self._each("assigned", ["me", "otto", "ines", "tom"]),
            "label:": self._each("label", list(LABELS)),
            "hold:": self._each("hold", ["yes", "no"]),
            "mid:": self._each("mid", mids, words=False),
            "sha256:": self._each("sha256", sums, words=False),
            "by: and two words": self._several("by:customer {} {}", self.common, self.mid),
            "reason: and lang: and a word": self._some(lambda: f"reason:expired lang:{draw.choice(_SPOKEN)} {self.any()}"),
            "has: and date: and a word": self._some(lambda: f"has:attachment date:{self._month()} {self.any()}"),
            "not by: and a rare word": self._some(lambda: f"-by:partner {self.rare()} -event:delivered"),
        }

    def _hex(self) -> str:
        return "hex(sha256)" if self._connection.dialect.name == "sqlite" else "encode(sha256, 'hex')"
