"""The API describes itself: every operation, every field, every answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from support.web import Web


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return Web().app().openapi()


def operations(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in schema["paths"].items():
        for method, operation in item.items():
            yield f"{method.upper()} {path}", operation


def references(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


async def test_the_description_is_served_to_everybody() -> None:
    async with Web().client(token=None) as client:
        answer = await client.get("/api/v1/openapi.json")
    assert answer.status_code == 200
    assert answer.json()["openapi"].startswith("3.1")


def test_the_description_is_consistent(schema: dict[str, Any]) -> None:
    known = {f"#/components/schemas/{name}" for name in schema["components"]["schemas"]}
    assert set(references(schema)) <= known
    ids = [operation["operationId"] for _, operation in operations(schema)]
    assert len(ids) == len(set(ids))
    for name, operation in operations(schema):
        declared = {one["name"] for one in operation.get("parameters", ()) if one["in"] == "path"}
        in_path = {piece.strip("{}") for piece in name.split("/") if piece.startswith("{")}
        assert declared == in_path, name


def test_every_operation_and_every_answer_is_described(schema: dict[str, Any]) -> None:
    for name, operation in operations(schema):
        assert operation["summary"], name
        assert operation["tags"], name
        for status, answer in operation["responses"].items():
            assert answer["description"], (name, status)
            assert answer["content"], (name, status)
            if status >= "400" and "/api/" in name:
                assert list(answer["content"]) == ["application/problem+json"], (name, status)


def test_every_operation_of_the_api_tells_its_token_and_what_can_go_wrong(schema: dict[str, Any]) -> None:
    for name, operation in operations(schema):
        if "/api/" in name:
            assert operation["security"] == [{"token": []}], name
            assert {"401", "403", "422", "503"} <= set(operation["responses"]), name


def test_every_model_says_what_it_is(schema: dict[str, Any]) -> None:
    for name, model in schema["components"]["schemas"].items():
        assert model.get("description"), name


def test_no_answer_has_a_field_for_an_address(schema: dict[str, Any]) -> None:
    """LEAK-86: addresses go in, and never come out."""
    asked = {"PartyToOpen", "PartyAddress", "GivenContact", "OfCustomer", "NewPartner", "PartnerChange", "NewStaff"}
    for name, model in schema["components"]["schemas"].items():
        fields = set(model.get("properties", ()))
        assert name in asked or not fields & {"address", "addresses", "email", "recipient", "return_path"}, name


def test_there_are_no_pages_that_load_scripts_from_elsewhere() -> None:
    paths = {getattr(route, "path", "") for route in Web().app().routes}
    assert not paths & {"/docs", "/redoc"}
