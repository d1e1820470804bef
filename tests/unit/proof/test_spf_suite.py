from __future__ import annotations

import pytest
from support.asking import Names, told
from support.spf_suite import Case, cases

from relay.proof.spf import spf_of


@pytest.mark.parametrize("case", cases())
def test_the_published_suite_of_rfc_7208(case: Case) -> None:
    """GW-11, FAULT-78."""
    names = Names.of(case.records)
    names.names |= case.records.keys()
    names.silent |= case.silent
    assert told(spf_of(case.mail_from, case.host, case.helo), names.answer).result.value in case.allowed
