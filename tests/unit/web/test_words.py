"""How the API spells the core's closed sets."""

from __future__ import annotations

import pytest
from pydantic import BaseModel, ValidationError

from relay.booking.booking import Actor, Stage
from relay.web.words import PersonWord, StageWord, word


class Told(BaseModel):
    stage: StageWord
    actor: PersonWord = Actor.CUSTOMER


def test_a_member_is_read_from_its_word_and_written_as_it() -> None:
    told = Told.model_validate({"stage": "awaiting_payment"})
    assert told.stage is Stage.AWAITING_PAYMENT
    assert Told(stage=Stage.AWAITING_PAYMENT) == told
    assert told.model_dump_json() == '{"stage":"awaiting_payment","actor":"customer"}'
    assert Told.model_validate_json(told.model_dump_json()) == told


@pytest.mark.parametrize("wrong", ["awaiting payment", "AWAITING_PAYMENT", "", 3, None, Actor.CUSTOMER])
def test_what_is_none_of_them_is_refused_with_those_that_there_are(wrong: object) -> None:
    with pytest.raises(ValidationError) as refused:
        Told.model_validate({"stage": wrong})
    assert refused.value.errors()[0]["loc"] == ("stage",)
    assert "'awaiting_payment'" in str(refused.value)


def test_those_who_act_by_themselves_are_named_by_nobody_outside() -> None:
    with pytest.raises(ValidationError):
        Told.model_validate({"stage": "draft", "actor": "clock"})


def test_the_description_has_every_word() -> None:
    assert Told.model_json_schema()["properties"]["stage"]["enum"] == [word(one) for one in Stage]
