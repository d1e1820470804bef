"""Policies that mean harm: whoever sends may publish what they like, and have us ask whom they like (FAULT-78, RFC 7208 §11)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.asking import Names, told

from relay.lookup import Answer, Outcome, Query, Type, is_name
from relay.proof.spf import Fault, Mechanism, Result, Spf, names_max, queries_max, spf_of, terms_max
from relay.proof.spf_record import record_octets_max

HOST = "192.0.2.1"
HOST6 = "2001:db8::1"
SENDER = "writer@evil.example"
Answers = Callable[[Query], Answer]


class Wildcard(Names):
    """A server of whoever means harm: it has an answer to everything."""

    def __init__(self, answers: Answers) -> None:
        super().__init__()
        self._answers = answers

    def answer(self, query: Query) -> Answer:
        self.asked.append(query)
        return self._answers(query)


def everywhere(policy: str, **others: list[str]) -> Wildcard:
    records = {Type.TXT: [policy], **{Type(kind): values for kind, values in others.items()}}

    def answer(query: Query) -> Answer:
        found = tuple(records.get(query.type, ()))
        return Answer(Outcome.FOUND if found else Outcome.NO_NAME, found)

    return Wildcard(answer)


def checked(table: Names, peer: str = HOST) -> Spf:
    return told(spf_of(SENDER, peer, "mx.evil.example"), table.answer)


@pytest.mark.parametrize(
    "policy",
    [
        "v=spf1 redirect=evil.example",
        "v=spf1 include:evil.example -all",
        "v=spf1 include:%{d} redirect=%{d}",
        "v=spf1 redirect=a.%{d}",
        "v=spf1 include:%{d2}.%{d}.%{d} include:x.%{d} -all",
        "v=spf1" + " include:a.evil.example" * 50 + " -all",
        "v=spf1" + "".join(f" include:{count}.%{{d}}" for count in range(50)),
        "v=spf1" + " ?include:%{ir}.%{l}.%{s}.%{h}.%{d}" * 200,
    ],
)
def test_policies_that_lead_to_policies_without_end_are_left_after_ten(policy: str) -> None:
    """RFC 7208 §4.6.4."""
    table = everywhere(policy)
    assert checked(table).fault is Fault.TERMS
    assert len(table.asked) <= 1 + terms_max
    assert all(is_name(one.name) for one in table.asked)


def test_the_most_that_can_be_asked() -> None:
    table = everywhere("v=spf1" + " mx:%{d}" * 50, MX=[f"{count} {count}.victim.example" for count in range(names_max)])
    assert checked(table).fault is Fault.TERMS
    assert len(table.asked) == queries_max == 111


@pytest.mark.parametrize(("count", "fault"), [(terms_max, None), (terms_max + 1, Fault.TERMS)])
def test_ten_terms_may_ask_and_those_that_do_not_ask_are_free(count: int, fault: Fault | None) -> None:
    table = everywhere("v=spf1" + " ip4:198.51.100.1" * 50 + " a" * count + f" ip4:{HOST} -all", A=["198.51.100.1"])
    assert checked(table).fault is fault
    assert len(table.asked) == 1 + terms_max


@pytest.mark.parametrize(
    ("terms", "fault"),
    [
        ("a:x.example a:y.example", None),
        ("a:x.example a:x.example a:x.example", Fault.VOIDS),
        ("mx:x.example exists:y.example a:z.example", Fault.VOIDS),
        ("ptr ptr ptr:a.example a", None),
        ("ptr a:x.example a:y.example", Fault.VOIDS),
        ("a:x.example include:more.example", None),
        ("a:x.example a:y.example include:more.example", Fault.VOIDS),
        ("a:x.example redirect=further.example", Fault.VOIDS),
        # Names that nobody can ask for cost nobody a query.
        ("a:..x.example mx:..x.example exists:..x.example", None),
        # Exchanges without an address of the family of the peer.
        ("mx:four.example mx:four.example mx:four.example", None),
    ],
)
def test_the_third_question_that_finds_nothing_is_the_last(terms: str, fault: Fault | None) -> None:
    """RFC 7208 §4.6.4, §11.1."""
    table = Names.of(
        {
            "evil.example": {"TXT": f"v=spf1 {terms}"},
            "more.example": {"TXT": "v=spf1 a"},
            "further.example": {"TXT": "v=spf1 a a"},
            "four.example": {"MX": ["1 a.four.example", "2 b.four.example", "3 c.four.example"]},
        }
    )
    assert checked(table).fault is fault


def test_ten_names_of_a_peer_are_looked_at_once_and_the_others_never() -> None:
    """RFC 7208 §4.6.4, §5.5: further ones are left out, since a domain cannot help what others say of an address."""
    names = [f"{count}.victim.example" for count in range(200)]
    table = everywhere("v=spf1 ptr:a.example ptr:b.example ?exists:%{p}.%{p} -all", PTR=names, A=["198.51.100.1"])
    assert checked(table) == Spf(Result.NEUTRAL, "evil.example", Mechanism.EXISTS)
    assert [one.name for one in table.asked if one.name.endswith("victim.example")] == names[:names_max]
    assert len([one for one in table.asked if one.type is Type.PTR]) == 1


@pytest.mark.parametrize("terms", ["a " * 9 + "a:%{p}.x.example", "a " * 10 + "redirect=%{p}.x.example"])
def test_a_macro_that_asks_counts_as_a_term_of_its_own(terms: str) -> None:
    table = everywhere(f"v=spf1 {terms}", A=["198.51.100.1"], PTR=["a.example"])
    assert checked(table).fault is Fault.TERMS
    assert Type.PTR not in {one.type for one in table.asked}


@pytest.mark.parametrize(
    "policy",
    [
        "v=spf1 " + "all " * record_octets_max,
        "v=spf1 " + "x" * 60_000,
        "v=spf1 ip4:192.0.2.1" + " " * 60_000,
    ],
)
def test_a_policy_of_many_pages_is_an_error(policy: str) -> None:
    assert checked(everywhere(policy)).fault is Fault.SYNTAX


@pytest.mark.parametrize(
    "policy",
    [
        "v=spf1 " + "a " * 4000,
        "v=spf1 " + "ip4:1.2.3.4/31 " * 540,
        "v=spf1 a:" + "%{h1r.-+}" * 900,
        "v=spf1 a:" + "%{L99r-.+,/_=}" * 580,
        "v=spf1 a:" + "%%" * 4000,
        "v=spf1 a:" + "a." * 4000 + "com",
        "v=spf1 a:" + "/1" * 4000 + "/1",
        "v=spf1 " + "x=" * 4000,
        "v=spf1 a" + "/" * 8000,
    ],
)
def test_a_policy_that_is_full_to_the_bound_is_evaluated_without_trouble(policy: str) -> None:
    table = everywhere(policy, A=["198.51.100.1"])
    told(spf_of("-.+,/_=" * 280 + "@evil.example", HOST, "a." * 126), table.answer)
    assert len(table.asked) <= queries_max
    assert all(is_name(one.name) for one in table.asked)


names = st.sampled_from(
    ["a.example", "b.example", "%{d}", "%{p}", "%{i}.b.example", "%{L}.example", "..", "a.%{ir}.%{v}.%{h2}", "%{"]
)
terms = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(["", "", "-", "~", "?"]),
    st.sampled_from(["a", "mx", "ptr", "include", "exists", "redirect", "all", "exp", "ip4", "ip6", "a", "include", "mx"]),
    st.sampled_from([":", ":", "=", ""]) | st.just(""),
    names | st.just("") | st.text(st.characters(max_codepoint=255), max_size=5),
)
texts = st.lists(terms, max_size=14).map(lambda some: " ".join(["v=spf1", *some])) | st.text(st.characters(max_codepoint=255))
hosts = st.sampled_from(["a.example", "B.Example", "c.example", ".", "", "a\\.b", "a b.example"])
answers = {
    Type.A: st.sampled_from([HOST, "198.51.100.1"]),
    Type.AAAA: st.sampled_from([HOST6, "2001:db8::2"]),
    Type.MX: hosts.map("10 {}".format),
    Type.PTR: hosts,
    Type.TXT: texts,
}


outcomes = st.sampled_from([Outcome.FOUND, Outcome.FOUND, Outcome.FOUND, *Outcome])
servers = st.fixed_dictionaries(
    {
        kind: st.lists(st.tuples(outcomes, st.lists(some, min_size=1, max_size=12)), min_size=1, max_size=4)
        for kind, some in answers.items()
    }
)


@settings(max_examples=60)
@given(servers, st.sampled_from([HOST, HOST6]), st.text(max_size=20), st.text(st.characters(max_codepoint=400), max_size=20))
def test_nothing_that_is_published_makes_a_check_raise_or_ask_without_end(
    server: Mapping[Type, Sequence[tuple[Outcome, list[str]]]], peer: str, local: str, helo: str
) -> None:
    """FAULT-78."""

    def answer(query: Query) -> Answer:
        assert is_name(query.name)
        assert query.name == query.name.lower()
        turns = server[query.type]
        outcome, records = turns[len(table.asked) % len(turns)]
        found = records[:1] if query.type is Type.TXT else records
        return Answer(outcome, tuple(found) if outcome is Outcome.FOUND else ())

    table = Wildcard(answer)
    found = told(spf_of(f"{local}@evil.example", peer, helo), table.answer)
    assert len(table.asked) <= queries_max
    assert (found.fault is not None) == (found.result in {Result.TEMPERROR, Result.PERMERROR})
