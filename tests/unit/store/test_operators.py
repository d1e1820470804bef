"""Every operator of the search box finds the same on both databases, or says that it is not answered (AR-2)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest
from sqlalchemy import update
from support.archive import WINDOW_AFTER, World
from support.booking_rows import a_booking_row
from support.world import CUSTOMER_ADDRESS, NOW, utc

from relay.errors import NotDone
from relay.message.causes import Cause
from relay.message.removal import Removal
from relay.proof.alignment import Alignment
from relay.store import cases, facets, indexing, outbox, resolving, search, steps
from relay.store.booking_tables import bookings
from relay.store.operators import ANSWERED, OPERATORS
from relay.store.query import parsed
from relay.store.terms import Asking
from relay.transit.casework import Decided
from relay.transit.crossing import Crossing, Fate
from relay.transit.delivery import Deferred, Delivered, Failed
from relay.transit.evidence import Evidence
from relay.values import Role

DAY = timedelta(days=1)
ASKING = Asking(now=NOW + 6 * DAY, account="eva")
QUOTING = "That is fine.\n\nOn 3 May 2026 Anna <a@b.example> wrote:\n> Where is the umbrella?\n> Bring it"


def some_messages(world: World) -> dict[str, Crossing]:
    """Six messages in two conversations, a day apart, in the index, with their deliveries ended in every way."""
    tour, stay = world.opened("GYG-4K7Q2X9ABC"), world.opened("STAY1")
    made = {
        "question": world.crossing(tour, subject="Meeting point", body="Where is the harbour? https://maps.example/1"),
        "answer": world.crossing(tour, writer=Role.PARTNER, body=QUOTING, original_id="Answer-1@tours.example"),
        "picture": world.crossing(tour, subject="Our harbour", body="See the picture.", files="Photo.JPG\nplan.pdf"),
        "refused": world.crossing(stay, fate=Fate.REFUSED, body="refund me (money)"),
        "held": world.crossing(stay, fate=Fate.HELD, body="call me about the refund"),
        "large": world.crossing(stay, writer=Role.PARTNER, body="guide " * 3_000),
    }
    proof = Evidence(Alignment.FORBIDDEN, ("spf fail mail.example", "dkim none", "dmarc reject mail.example"))
    made["refused"] = replace(made["refused"], envelope=replace(made["refused"].envelope, evidence=proof))
    seen = made["question"].passages[0]
    assert seen.rendition is not None
    shown = replace(seen.rendition, removed=(Removal("phone number", "text/plain"), Removal("address", "text/plain")))
    made["question"] = replace(made["question"], passages=(replace(seen, rendition=shown),))
    for day, (name, crossing) in enumerate(made.items()):
        at = NOW + day * DAY
        made[name] = replace(crossing, envelope=replace(crossing.envelope, received_at=at))
        world.accepted(made[name], now=at)
    ended = {
        "question": (Deferred(Cause.OTHER, 451, "later"), Delivered(250, "taken")),
        "answer": (Failed(Cause.ADDRESS_WRONG, 550, "nobody"),),
        "picture": (Delivered(250, "taken"),),
    }
    world.write(indexing.index_some)
    for name, outcomes in ended.items():
        delivery = made[name].deliveries[0].id
        for number, outcome in enumerate(outcomes, start=1):
            later = NOW + 6 * DAY if isinstance(outcome, Deferred) else None
            world.write(
                lambda c, d=delivery, o=outcome, n=number, due=later: outbox.record(c, d, o, now=NOW, next_due=due, attempt=n)
            )
    world.write(lambda c: outbox.bounced(c, made["picture"].deliveries[0].id, Failed(Cause.MAILBOX_FULL, 552, "full"), now=NOW))
    dispute = world.write(lambda c: cases.opened(c, "GYG-4K7Q2X9ABC", "guide did not show", "eva", None, "eva", NOW))
    world.write(lambda c: cases.labelled(c, dispute.number, 1, ["no-show"], "eva", NOW))
    other = world.write(lambda c: cases.opened(c, "STAY1", "money", "ada", None, "ada", NOW))
    world.write(lambda c: cases.decided(c, other.number, 1, Decided.NONE, "rule 2", "ada", NOW))
    world.write(lambda c: cases.closed(c, other.number, 2, "ada", NOW))
    world.write(indexing.index_some)
    return made


def names(world: World, made: dict[str, Crossing], query: str) -> list[str]:
    by_id = {crossing.envelope.id: name for name, crossing in made.items()}
    hits = world.read(lambda c: search.search(c, query, asking=ASKING))
    return [by_id[hit.message] for hit in hits]


ALL = ["large", "held", "refused", "picture", "answer", "question"]
QUERIES = [
    # words, and where they stand
    ("harbour", ["picture", "question"]),
    ("umbrella", []),  # it was only quoted
    ("quoted:umbrella", ["answer"]),
    ("body:umbrella", ["answer"]),
    ('quoted:"where is the umbrella"', ["answer"]),
    ("quoted:umbrel*", ["answer"]),
    ("new:fine", ["answer"]),
    ("new:umbrella", []),
    ("subject:harbour", ["picture"]),
    ("subject:harb*", ["picture"]),
    ("new:harbour", ["question"]),
    ('subject:"meeting point"', ["question"]),
    ("filename:photo", ["picture"]),
    ("-subject:harbour harbour", ["question"]),
    # OR and parentheses
    ("umbrella OR picture", ["picture"]),
    ("harbour OR refund", ["held", "refused", "picture", "question"]),
    ("harbour OR refund by:customer fate:held", ["held"]),
    ("(harbour picture) OR guide", ["large", "picture"]),
    ("(harbour OR refund) -(money OR call)", ["picture", "question"]),
    ("refund (money OR -call)", ["refused"]),
    ("refund -(money call)", ["held", "refused"]),
    ("by:partner OR (refund -money)", ["large", "held", "answer"]),
    ("((((guide))))", ["large"]),
    # who
    ("by:customer,partner", ALL),
    ("from:customer", ["held", "refused", "picture", "question"]),
    ("to:customer", ["large", "answer"]),
    ("to:partner refund", ["held", "refused"]),
    ("from:kowalska harbour", ["picture", "question"]),
    # booking
    ("booking:gyg4k7q2x9abc", ["picture", "answer", "question"]),
    ("booking:STAY1,GYG-4K7Q2X9ABC", ALL),
    ("-booking:STAY1 by:customer", ["picture", "question"]),
    ("activity:2026-06-01..2026-06-30 guide", ["large"]),
    ("activity:2025 guide", []),
    ("activity:2026-05-20..2027 guide", ["large"]),
    ("activity:1000..9998 guide", ["large"]),
    ("guide -activity:2025", ["large"]),
    ("(activity:2025 OR activity:2026) guide", ["large"]),
    ("state:confirmed", []),
    ("product:old-town", []),
    ("provider:alpine", []),
    # time; now is six days after NOW, the seventh of June
    ("on:2026-06-02", ["answer"]),
    ("date:2026-06-02..2026-06-03", ["picture", "answer"]),
    ("date:2026-06", ALL),
    ("on:yesterday", ["large"]),
    ("newer:2d", ["large", "held"]),
    ("older:4d", ["answer", "question"]),
    ("after:yesterday", ["large"]),
    ("-older:4d harbour", ["picture"]),
    ("newer:9999y", ALL),
    ("older:9999y", []),
    ("date:0001-01-01 refund", []),
    ("after:0001-01-01", ALL),
    ("sort:old harbour", ["question", "picture"]),
    ("sort:old after:2026-06-05", ["held", "large"]),
    # kind
    ("has:attachment", ["picture"]),
    ("has:image", ["picture"]),
    ("has:link", ["question"]),
    ("has:link,image", ["picture", "question"]),
    ("type:pdf", ["picture"]),
    ("type:image", ["picture"]),
    ("type:zip", []),
    ("larger:10KB", ["large"]),
    ("-smaller:10KB", ["large"]),
    ("smaller:10KB by:partner", ["answer"]),
    ("larger:10KB smaller:11KB", []),
    ("lang:en guide", ["large"]),
    ("lang:pl", []),
    # fate
    ("fate:refused", ["refused"]),
    ("event:blocked", ["held", "refused"]),
    ("event:held,refused", ["held", "refused"]),
    ("event:delayed", ["question"]),
    ("event:failed", ["answer"]),
    ("event:bounced", ["picture"]),
    ("event:delivered", ["question"]),
    ("-event:delivered harbour", ["picture"]),
    ("reason:leak", ["held", "refused"]),
    ("reason:virus", []),
    ("code:550", ["answer"]),
    ("code:451,552", ["picture", "question"]),
    ("hid:phone", ["question"]),
    ("hid:iban", []),
    ("auth:dmarc=fail", ["refused"]),
    ("auth:spf=fail", ["refused"]),
    ("auth:aligned", []),
    # case
    ("is:open", ["picture", "answer", "question"]),
    ("is:disputed harbour", ["picture", "question"]),
    ("is:closed refund", ["held", "refused"]),
    ("-is:open guide", ["large"]),
    ("label:no-show harbour", ["picture", "question"]),
    ("assigned:me harbour", ["picture", "question"]),
    ("assigned:nobody", []),
    ("(assigned:ada OR has:link) -refund", ["large", "question"]),
    ("hold:yes", ["held"]),
    ("hold:no refund", ["refused"]),
    # exact
    ("mid:<Answer-1@tours.example>", ["answer"]),
    ("mid:answer-1@tours.example", []),  # every character counts
]


def test_the_queries_speak_of_every_operator() -> None:
    told = {
        operator
        for query, _ in QUERIES
        for operator in OPERATORS
        if any(part.lstrip("-(").startswith(f"{operator}:") for part in query.split())
    }
    assert ANSWERED - told == {"alias", "party", "real", "conv", "case", "sha256", "before"}  # the next test


@pytest.fixture
def filled(world: World) -> tuple[World, dict[str, Crossing]]:
    return world, some_messages(world)


def test_each_query_finds_what_it_describes(filled: tuple[World, dict[str, Crossing]]) -> None:
    world, made = filled
    found = {query: names(world, made, query) for query, _ in QUERIES}
    assert found == dict(QUERIES)


@pytest.mark.parametrize("rows", [1, 2, 100])
def test_each_is_found_wherever_the_walk_through_the_newest_ends(
    filled: tuple[World, dict[str, Crossing]], monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    """PostgreSQL goes through the newest messages before it asks its index; SQLite has no need of that."""
    world, made = filled
    monkeypatch.setattr(search, "walked", rows)
    assert {query: names(world, made, query) for query, _ in QUERIES} == dict(QUERIES)


def test_what_is_named_exactly_is_found_by_its_id(filled: tuple[World, dict[str, Crossing]]) -> None:
    world, made = filled
    question = made["question"]
    conversation = question.passages[0].conversation
    alias = question.envelope.aliases[0]
    dispute = world.read(lambda c: cases.of_booking(c, "GYG-4K7Q2X9ABC"))[0]
    rendition = question.passages[0].rendition
    assert rendition is not None
    tour = ["picture", "answer", "question"]
    for query, expected in {
        f"conv:{conversation}": tour,
        f"alias:{alias}": ["picture", "question"],
        f"to:{alias.local}@x.example": ["picture", "question"],
        f"case:{dispute.number}": tour,
        f"case:#{dispute.number} before:2026-06-02": ["question"],
        "case:999999": [],
        f"real:{CUSTOMER_ADDRESS.upper()} guide": ["large"],
        "real:nobody@nowhere.example": [],
        f"mid:{rendition.message_id}": ["question"],
        f"sha256:{sha256(question.envelope.content).hexdigest().upper()}": ["question"],
        "party:nobody": [],
    }.items():
        assert names(world, made, query) == expected, query


def test_a_page_goes_on_where_the_one_before_ended(filled: tuple[World, dict[str, Crossing]]) -> None:
    world, made = filled
    for query in ("harbour OR refund OR guide", "sort:old harbour OR refund OR guide", "after:2026-06-01"):
        whole = names(world, made, query)
        seen: list[str] = []
        beyond: int | None = None
        while hits := world.read(lambda c, q=query, b=beyond: search.search(c, q, 2, asking=ASKING, beyond=b)):
            seen += [next(name for name, one in made.items() if one.envelope.id == hit.message) for hit in hits]
            beyond = hits[-1].number
        assert seen == whole


@pytest.mark.parametrize(
    ("query", "because"),
    [
        ("bokking:X", "did you mean booking:"),
        ("attachment:text", "not answered here; what stands in files"),
        ("note:x", "not answered here"),
        ("silence:>24h", "not answered here"),
        ("conv:{by:customer refund}", "is not answered"),
        ("*fund*", "by how they begin"),
        ("vochuer~", "not guessed"),
        ("sort:relevance", "is one of new, old"),
        ("refund OR", "OR stands between two things"),
        ("OR refund", "OR stands between two things"),
        ("refund)", "closed that was not opened"),
        ("(after:2026-05-01 refund) guide", "holds for the whole search"),
        ("refund OR larger:5MB", "holds for the whole search"),
        ("refund OR event:delivered", "holds for the whole search"),
        ("code:250", "put off or refused"),
        ("auth:yes", "needs a check and its result"),
        ("event:lost", "is one of delivered, delayed"),
        ("is:happy", "is one of open, decided"),
        ("case:none", "needs a number"),
        ("state:gone refund", "is one of draft"),
        ("larger:huge", "needs a size"),
        ("older:then", "needs how long ago"),
        ("date:2026-06-05..2026-06-01", "ends before it begins"),
        ("on:someday", "or one of today, yesterday"),
        ("-on:2026-06-05", "say before: or after:"),
        ("real:anna", "needs a whole address"),
        ("has:humour", "is one of attachment"),
        ("(" * 11 + "refund" + ")" * 11, "at most 10 times"),
    ],
)
def test_what_cannot_be_answered_says_so(world: World, query: str, because: str) -> None:
    with pytest.raises(NotDone, match=because):
        world.read(lambda c: search.search(c, query, asking=ASKING))


@pytest.mark.parametrize(
    "query",
    [
        "real:anna@mail.example",
        "anna@mail.example",
        '"anna@mail.example"',
        "from:anna@mail.example",
        'body:"write to anna@mail.example"',
        "refund (hello OR anna＠mail.example)",
    ],
)
def test_only_a_senior_looks_for_addresses(world: World, query: str) -> None:
    with pytest.raises(NotDone):
        world.read(lambda c: search.search(c, query, asking=replace(ASKING, reveals=False)))
    world.read(lambda c: search.search(c, query, asking=ASKING))


def test_days_begin_where_the_reader_is(filled: tuple[World, dict[str, Crossing]]) -> None:
    from zoneinfo import ZoneInfo

    world, made = filled
    tokyo = replace(ASKING, zone=ZoneInfo("Asia/Tokyo"), now=utc("2026-06-06T16:00:00Z"))
    hits = world.read(lambda c: search.search(c, "on:yesterday", asking=tokyo))
    assert [hit.message for hit in hits] == [made["large"].envelope.id]


def test_addresses_are_masked_before_anything_is_marked_as_a_hit(filled: tuple[World, dict[str, Crossing]]) -> None:
    world, _ = filled
    hide: Callable[[str], str] = lambda text: text.replace("harbour", "<hidden>")  # noqa: E731
    (hit, *_rest) = world.read(lambda c: search.search(c, "subject:harbour", asking=ASKING, shown_as=hide))
    assert "harbour" not in "".join(span.text for span in (*hit.subject, *hit.snippet))


def test_an_activity_that_moves_is_found_on_its_new_day(world: World) -> None:
    """AR-2: the index knows the day, and learns it anew."""
    conversation = world.opened("GYG-4K7Q2X9ABC")
    crossing = world.crossing(conversation, body="harbour")
    world.accepted(crossing)
    world.write(indexing.index_some)
    ends = conversation.activity_end
    made = {"question": crossing}
    assert names(world, made, f"activity:{ends:%Y-%m-%d}") == ["question"]
    later = ends + timedelta(days=400)
    world.write(lambda c: steps.move(c, "GYG-4K7Q2X9ABC", later, now=NOW, window_after=WINDOW_AFTER))
    world.write(indexing.index_some)
    assert names(world, made, f"activity:{ends:%Y-%m-%d}") == []
    assert names(world, made, f"activity:{ends:%Y}") == []
    for value in (f"{later:%Y-%m-%d}", f"{later:%Y-%m}", f"{later:%Y}", f"{ends:%Y-%m-%d}..{later:%Y-%m-%d}"):
        assert names(world, made, f"activity:{value}") == ["question"]
    assert names(world, made, f"harbour -activity:{later:%Y-%m}") == []


def test_a_case_that_changes_is_found_as_it_is_now(world: World) -> None:
    """AR-2: the index learns the messages of its booking anew."""
    made = {"question": world.crossing(world.opened("GYG-4K7Q2X9ABC"), body="harbour")}
    world.accepted(made["question"])
    world.write(indexing.index_some)
    assert names(world, made, "is:open") == []
    case = world.write(lambda c: cases.opened(c, "GYG-4K7Q2X9ABC", "guide did not show", "eva", None, "eva", NOW))
    world.write(indexing.index_some)
    for query in (
        "is:open",
        "is:disputed",
        "assigned:eva",
        "assigned:me",
        f"case:{case.number}",
        f"(case:#{case.number} OR is:closed)",
    ):
        assert names(world, made, query) == ["question"]
    assert names(world, made, "label:no-show") == []
    world.write(lambda c: cases.labelled(c, case.number, 1, ["No show", "100% refund"], "eva", NOW))
    world.write(lambda c: cases.handed_over(c, case.number, 2, "ada", None, "eva", NOW))
    world.write(indexing.index_some)
    for query in ("label:no-show", 'label:"no show"', 'label:"100% refund"', "assigned:ada harbour"):
        assert names(world, made, query) == ["question"], query
    assert names(world, made, "assigned:eva") == []
    world.write(lambda c: cases.decided(c, case.number, 3, Decided.NONE, "rule 2", "ada", NOW))
    world.write(lambda c: cases.closed(c, case.number, 4, "ada", NOW))
    world.write(indexing.index_some)
    assert (names(world, made, "is:disputed"), names(world, made, "is:closed")) == ([], ["question"])
    assert names(world, made, "harbour -is:closed") == []


@pytest.mark.parametrize("words_max", [0, 40])
def test_bookings_in_a_state_are_found_as_words_and_as_a_condition(
    world: World, monkeypatch: pytest.MonkeyPatch, words_max: int
) -> None:
    """AR-2, AR-4b: a few are words of the index, many are asked about at each message; found, and counted, is the same."""
    monkeypatch.setattr(resolving, "few_max", words_max)
    made = some_messages(world)
    world.write(a_booking_row)
    world.write(lambda c: c.execute(update(bookings).values(reference="GYG-4K7Q2X9ABC", stage="confirmed")))
    for query, expected in (
        ("state:confirmed", ["picture", "answer", "question"]),
        ("state:confirmed sort:old", ["question", "answer", "picture"]),
        ("state:confirmed harbour", ["picture", "question"]),
        ("harbour -state:confirmed", []),
        ("refund -state:confirmed", ["held", "refused"]),
        ("state:cancelled", []),
        ("state:confirmed event:delivered", ["question"]),
    ):
        assert names(world, made, query) == expected
        counts = world.read(lambda c, q=query: facets.counted(c, parsed(q, ASKING)))
        assert (counts.total, counts.is_at_least) == (len(expected), False)
