"""A search in the languages of the two databases: FTS5's and PostgreSQL's. Everything is quoted, so no word is a command."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from relay.store.terms import ANY, Asked, Both, Either, Mark, Term, Where, Words

EVERYWHERE: Final = "subject people body files"
"""Where words are looked for unless somebody says where: what is quoted was written before."""
WEIGHTS: Final = {"subject": "A", "people": "B", "files": "C", "body": "D"}
"""PostgreSQL knows four kinds of positions; so that a fifth can be told apart ..."""
QUOTED: Final = "\ue001"
"""... what is quoted are words of their own, which begin with this."""


def matched(terms: Sequence[Term]) -> str:
    """`terms` in the language of FTS5. Everything is quoted, so no word is taken for an operator."""
    wanted = [_fts5(term) for term in terms if not term.excluded]
    unwanted = [_fts5(term) for term in terms if term.excluded]
    found = f"({' AND '.join(wanted or [_fts5(Mark(ANY))])})"
    return f"({found} NOT ({' OR '.join(unwanted)}))" if unwanted else found


def _fts5(term: Term) -> str:
    """`term`, excluded or not."""
    match term:
        case Words():
            columns = term.where.value if term.where is not None else EVERYWHERE
            return f'{{{columns}}} : "{" ".join(term.words)}"{" *" if term.begun else ""}'
        case Mark():
            return f'marks : "{term.mark}"'
        case Both():
            return matched(term.terms)
        case Either():
            return f"({' OR '.join(matched([one]) for one in term.terms)})"
        case Asked():
            raise ValueError(f"{term.kind} was not looked up")


def tsquery(terms: Sequence[Term]) -> str:
    """`terms` in the language of PostgreSQL. Everything is quoted, so no word is taken for an operator."""
    return " & ".join(f"!({_ts(term)})" if term.excluded else f"({_ts(term)})" for term in terms)


def _ts(term: Term) -> str:
    """`term`, excluded or not."""
    match term:
        case Words():
            return _ts_words(term)
        case Mark():
            return f"'{term.mark}'"
        case Both():
            return tsquery(term.terms)
        case Either():
            return " | ".join(f"({tsquery([one])})" for one in term.terms)
        case Asked():
            raise ValueError(f"{term.kind} was not looked up")


def _ts_words(term: Words) -> str:
    if term.where is Where.TEXT:
        return f"({_in_a_row(term, '', 'D')}) | ({_in_a_row(term, QUOTED, '')})"
    if term.where is Where.QUOTED:
        return _in_a_row(term, QUOTED, "")
    return _in_a_row(term, "", WEIGHTS[term.where.value] if term.where is not None else "")


def _in_a_row(term: Words, prefix: str, weight: str) -> str:
    *rest, last = (f"'{prefix}{word}'" for word in term.words)
    ending = f"{'*' if term.begun else ''}{weight}"
    return " <-> ".join([*(f"{word}:{weight}" if weight else word for word in rest), f"{last}:{ending}" if ending else last])
